//! Checks 1 to 7: the proof in itself.

use super::{check, check_claims, check_header, claims, header, signed, with};
use crate::dpop::ProofError;
use crate::{Algorithm, MAX_BYTES, SigningKey, TokenError};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use p256::ecdsa::Signature;
use serde_json::{Value, json};

#[test]
fn rfc9449_4_3_1_two_headers_that_a_proxy_joined_are_refused() {
    let proof = signed(header(), claims());
    assert!(check(&proof).is_ok());
    for joined in [format!("{proof},{proof}"), format!("{proof}, {proof}")] {
        assert_eq!(check(&joined), Err(TokenError::Malformed.into()));
    }
}

#[test]
fn rfc9449_4_3_2_what_is_not_a_single_well_formed_jwt_is_refused() {
    let proof = signed(header(), claims());
    for text in [
        String::new(),
        "..".to_owned(),
        format!("{proof} "),
        format!("{proof}="),
        format!("{proof}.{proof}"),
        proof.replacen('.', "", 1),
        json!({ "protected": "", "payload": "", "signature": "" }).to_string(),
    ] {
        assert!(check(&text).is_err(), "{text}");
    }
    for header in ["", "[]", "null", "{", r#""dpop+jwt""#] {
        let proof = signed(header, claims());
        assert_eq!(check(&proof), Err(ProofError::Header), "{header}");
    }
    for claims in ["", "[]", "null", "{", "{}{}", "\u{feff}{}"] {
        let proof = signed(header(), claims);
        assert_eq!(check(&proof), Err(TokenError::Claims.into()), "{claims}");
    }
    // Even a signed one is too long.
    let long = signed(
        header(),
        with(claims(), &json!({ "x": "x".repeat(MAX_BYTES) })),
    );
    assert_eq!(check(&long), Err(TokenError::TooLong.into()));
}

#[test]
fn rfc9449_4_3_3_each_required_claim_is_there_and_of_its_type() {
    for name in ["jti", "htm", "htu", "iat"] {
        for wrong in [json!(null), json!(true), json!([]), json!({}), json!("")] {
            let refused = check_claims(&json!({ name: wrong }));
            assert_eq!(
                refused,
                Err(TokenError::Claim(name).into()),
                "{name}: {wrong}"
            );
        }
    }
    for name in ["jti", "htm", "htu", "ath", "nonce"] {
        let refused = check_claims(&json!({ name: 1 }));
        assert_eq!(refused, Err(TokenError::Claim(name).into()), "{name}");
    }
    let id = "i".repeat(256);
    assert_eq!(check_claims(&json!({ "jti": id })).unwrap().id, id);
    let refused = check_claims(&json!({ "jti": format!("{id}i") }));
    assert_eq!(refused, Err(TokenError::Claim("jti").into()));
    for name in ["typ", "alg", "jwk"] {
        assert_eq!(
            check_header(&json!({ name: null })),
            Err(ProofError::Header),
            "{name}"
        );
    }
}

#[test]
fn rfc9449_4_3_4_the_type_is_dpop_jwt() {
    for typ in ["dpop+jwt", "DPoP+JWT", "application/dpop+jwt"] {
        assert!(check_header(&json!({ "typ": typ })).is_ok(), "{typ}");
    }
    for typ in [
        "",
        "JWT",
        "at+jwt",
        "dpop",
        "dpop+jwt ",
        "text/dpop+jwt",
        "client-authentication+jwt",
    ] {
        let refused = check_header(&json!({ "typ": typ }));
        assert_eq!(refused, Err(TokenError::Type.into()), "{typ}");
    }
}

#[test]
fn rfc9449_4_3_5_the_algorithm_is_one_of_ours_and_the_one_of_the_key() {
    for alg in [
        "none", "None", "HS256", "PS256", "ES384", "RS256", "EdDSA", "es256", "",
    ] {
        let refused = check_header(&json!({ "alg": alg }));
        assert_eq!(refused, Err(TokenError::Algorithm.into()), "{alg}");
    }
}

#[test]
fn rfc9449_4_3_6_the_signature_is_made_with_the_key_in_the_header() {
    let other = SigningKey::from_bytes(Algorithm::Es256, &[8; 32]).unwrap();
    let refused = check_header(&json!({ "jwk": other.public().required_members() }));
    assert_eq!(refused, Err(TokenError::Signature.into()));
    let (ours, theirs) = (
        signed(header(), claims()),
        signed(header(), with(claims(), &json!({ "a": 1 }))),
    );
    let signature = theirs.rsplit('.').next().unwrap();
    let swapped = format!("{}.{signature}", ours.rsplit_once('.').unwrap().0);
    assert_eq!(check(&swapped), Err(TokenError::Signature.into()));
    let unsigned = format!("{}.", ours.rsplit_once('.').unwrap().0);
    assert_eq!(check(&unsigned), Err(TokenError::Signature.into()));
}

/// So the text of a proof cannot be what is marked as used.
#[test]
fn a_proof_whose_signature_was_turned_into_another_has_the_same_id() {
    let proof = signed(header(), claims());
    let (text, signature) = proof.rsplit_once('.').unwrap();
    let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
    let (r, s) = signature.split_scalars();
    let signature = Signature::from_scalars(r, -s).unwrap();
    let other = format!("{text}.{}", BASE64.encode(signature.to_bytes()));
    assert_ne!(other, proof);
    assert_eq!(check(&other), check(&proof));
}

#[test]
fn rfc9449_4_3_7_the_key_has_no_private_member() {
    let jwk = header()["jwk"].clone();
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!([]), json!("")] {
            let jwk = with(jwk.clone(), &json!({ name: value }));
            assert_eq!(
                check_header(&json!({ "jwk": jwk })),
                Err(ProofError::Jwk),
                "{name}: {value}"
            );
        }
    }
    let mut jwk = jwk;
    jwk["d"] = Value::Null;
    assert_eq!(check_header(&json!({ "jwk": jwk })), Err(ProofError::Jwk));
}

#[test]
fn a_header_with_anything_beside_type_algorithm_and_key_is_refused() {
    for (name, value) in [
        ("kid", json!("k")),
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/x")),
        ("x5c", json!([])),
        ("x5t", json!("")),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("nonce", json!("n")),
        ("Typ", json!("dpop+jwt")),
    ] {
        let refused = check_header(&json!({ name: value }));
        assert_eq!(refused, Err(ProofError::Header), "{name}");
    }
    for (name, value) in [
        ("typ", json!(1)),
        ("alg", json!(["ES256"])),
        ("jwk", json!("{}")),
    ] {
        let refused = check_header(&json!({ name: value }));
        assert_eq!(refused, Err(ProofError::Header), "{name}");
    }
    let array = json!(["dpop+jwt", "ES256", header()["jwk"]]);
    assert_eq!(check(&signed(array, claims())), Err(ProofError::Header));
}

#[test]
fn a_member_that_comes_twice_is_refused_at_any_depth() {
    let (header, claims) = (header().to_string(), claims().to_string());
    for (member, twice) in [
        (r#""typ":"#, r#""typ":"dpop+jwt","typ":"#),
        (r#""alg":"#, r#""alg":"none","alg":"#),
        (r#""jwk":"#, r#""jwk":{},"jwk":"#),
        (r#""jwk":"#, r#""\u006awk":{},"jwk":"#),
        (r#""x":"#, r#""x":"AA","x":"#),
        (r#""kty":"#, r#""kty":"EC","kty":"#),
    ] {
        let changed = header.replacen(member, twice, 1);
        assert_ne!(changed, header, "{member}");
        assert_eq!(
            check(&signed(changed, &claims)),
            Err(ProofError::Header),
            "{twice}"
        );
    }
    for (member, twice) in [
        (r#""jti":"#, r#""jti":"j2","jti":"#),
        (r#""htu":"#, r#""htu":"https://evil.example/","htu":"#),
        (r#""iat":"#, r#""a":[{"b":1,"b":1}],"iat":"#),
    ] {
        let changed = claims.replacen(member, twice, 1);
        assert_ne!(changed, claims, "{member}");
        let refused = check(&signed(&header, changed));
        assert_eq!(refused, Err(TokenError::Claims.into()), "{twice}");
    }
}

#[test]
fn a_key_that_is_none_or_could_be_two_is_refused() {
    let jwk = header()["jwk"].clone();
    for change in [
        json!({ "kty": "oct" }),
        json!({ "kty": "OKP" }),
        json!({ "kty": "ec" }),
        json!({ "kty": null }),
        json!({ "crv": "P-384" }),
        json!({ "crv": "secp256k1" }),
        json!({ "crv": null }),
        json!({ "x": null }),
        json!({ "x": 1 }),
        json!({ "y": jwk["x"] }),
        json!({ "y": format!("{}=", jwk["y"].as_str().unwrap()) }),
        json!({ "x": "AA" }),
        json!({ "alg": "RS256" }),
        json!({ "use": "enc" }),
        json!({ "key_ops": ["sign"] }),
        // Members of an RSA key beside those of this one.
        json!({ "n": "AQAB", "e": "AQAB" }),
        json!({ "e": "AQAB" }),
    ] {
        let refused = check_header(&json!({ "jwk": with(jwk.clone(), &change) }));
        assert_eq!(refused, Err(ProofError::Jwk), "{change}");
    }
    // What says nothing about which key it is.
    for change in [
        json!({ "kid": "k", "alg": "ES256", "use": "sig" }),
        json!({ "key_ops": ["verify"], "ext": true }),
    ] {
        let accepted = check_header(&json!({ "jwk": with(jwk.clone(), &change) })).unwrap();
        assert_eq!(
            accepted.thumbprint,
            check_header(&json!({})).unwrap().thumbprint
        );
    }
    let ed25519 = SigningKey::from_bytes(Algorithm::EdDsa, &[7; 32]).unwrap();
    let refused = check_header(&json!({ "jwk": ed25519.public().required_members() }));
    assert_eq!(refused, Err(TokenError::Algorithm.into()));
}
