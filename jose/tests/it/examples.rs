//! The examples of the RFCs.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{Algorithm, Jwk, PublicKey, SigningKey};

const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;

fn key(jwk: &str) -> PublicKey {
    let jwk: Jwk = serde_json::from_str(jwk).unwrap();
    PublicKey::from_jwk(&jwk).unwrap()
}

/// RFC 7515, appendix A.3.
#[test]
fn rfc_7515_es256() {
    let key = key(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    );
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert!(
        key.open(token)
            .unwrap()
            .payload
            .starts_with(b"{\"iss\":\"joe\"")
    );
}

/// RFC 7515, appendix A.2.
#[test]
fn rfc_7515_rs256() {
    let key = key(RSA);
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert!(
        key.open(token)
            .unwrap()
            .payload
            .starts_with(b"{\"iss\":\"joe\"")
    );
}

/// RFC 7515, appendices A.1, A.4, A.5 and A.7: with a shared key, an algorithm that is not offered, no signature, and as JSON.
#[test]
fn rfc_7515_what_is_not_offered_is_refused() {
    const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const ES256: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const ES512: &str = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    let key = key(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    );
    for token in [
        format!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ),
        format!("eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.{ES512}"),
        format!("eyJhbGciOiJub25lIn0.{CLAIMS}."),
        format!(
            r#"{{"payload":"{CLAIMS}","protected":"eyJhbGciOiJFUzI1NiJ9","header":{{"kid":"e9bc097a-ce51-4036-9562-d2ade882db0d"}},"signature":"{ES256}"}}"#
        ),
    ] {
        assert!(key.open(&token).is_err(), "{token}");
    }
    // The last one in the form that is read.
    assert!(
        key.open(&format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}.{ES256}"))
            .is_ok()
    );
}

/// RFC 7638, section 3.1.
#[test]
fn rfc_7638_thumbprint() {
    let key = key(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
    );
    assert_eq!(
        key.thumbprint(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    assert_eq!(key.id(), "2011-04-29");
}

/// RFC 8037, appendix A: a key, its thumbprint and a signature, which is deterministic.
#[test]
fn rfc_8037_ed25519() {
    let seed = BASE64
        .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        .unwrap();
    let signing = SigningKey::from_bytes(Algorithm::EdDsa, &seed).unwrap();
    let jwk = signing.public().jwk();
    assert_eq!(
        jwk.x.as_deref(),
        Some("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    );
    assert_eq!(signing.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let opened = signing.public().open(token).unwrap();
    assert_eq!(opened.payload, b"Example of Ed25519 signing");
}

#[test]
fn keys_are_read_as_they_were_written() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        for byte in 1..40 {
            let key = SigningKey::from_bytes(algorithm, &[byte; 32]).unwrap();
            let again = SigningKey::from_bytes(algorithm, &key.to_bytes()).unwrap();
            assert_eq!(again.public(), key.public());
            let public = PublicKey::from_bytes(algorithm, &key.public().to_bytes());
            assert_eq!(public.as_ref(), Ok(key.public()));
            assert_eq!(PublicKey::from_jwk(&key.public().jwk()), public);
        }
        assert!(SigningKey::from_bytes(algorithm, &[1; 31]).is_err());
        assert!(PublicKey::from_bytes(algorithm, &[1; 31]).is_err());
    }
    assert!(
        SigningKey::from_bytes(Algorithm::Es256, &[0; 32]).is_err(),
        "zero is no scalar"
    );
    let rsa = key(RSA);
    assert_eq!(
        PublicKey::from_bytes(Algorithm::Rs256, &rsa.to_bytes()).as_ref(),
        Ok(&rsa)
    );
    assert!(PublicKey::from_bytes(Algorithm::Rs256, &rsa.to_bytes()[..200]).is_err());
}
