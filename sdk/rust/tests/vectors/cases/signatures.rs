//! Algorithms, signatures and keys.

use super::Cases;
use crate::signer::{
    UNUSABLE, changed, claims, ed25519, header_with, hmac_signed, jwk, key, padded, parts, sign,
    signed, signed_with, unknown_key, with_changed_signature, with_der_signature,
    with_larger_scalar, with_signature,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::Algorithm::{self, EdDsa, Es256, Rs256};
use serde_json::{Value, json};

pub(super) fn algorithms(cases: &mut Cases) {
    for algorithm in Algorithm::ALL {
        let name = algorithm.as_str();
        let token = sign(algorithm, &claims());
        let changed = with_changed_signature(&token);
        cases.add("access", &format!("{name} is accepted"), token, claims());
        cases.refused(
            &format!("{name} with a changed signature"),
            changed,
            "signature",
        );
        let [header, _, signature] = &parts(&sign(algorithm, &claims())).map(str::to_owned);
        let more = BASE64.encode(changed_scope().to_string());
        let token = format!("{header}.{more}.{signature}");
        cases.refused(
            &format!("{name} with a changed payload"),
            token,
            "signature",
        );
        let empty = format!("{header}.{}.", parts(&sign(algorithm, &claims()))[1]);
        cases.refused(
            &format!("{name} with an empty signature"),
            empty,
            "signature",
        );
    }
    let id = key(EdDsa).id().to_owned();
    for alg in [
        "none", "None", "NONE", "HS256", "ES256", "RS256", "PS256", "eddsa", "Ed25519", "",
    ] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{id}"}}"#);
        let token = signed(header, claims().to_string());
        cases.refused(
            &format!("alg \"{alg}\" with an Ed25519 key"),
            token,
            "algorithm",
        );
    }
    let none = BASE64.encode(format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{id}"}}"#));
    let none = format!("{none}.{}.", BASE64.encode(claims().to_string()));
    cases.refused("alg none without a signature", none, "algorithm");
    for algorithm in Algorithm::ALL {
        let jwk = jwk(&key(algorithm));
        let material = jwk["x"].as_str().or(jwk["n"].as_str()).unwrap();
        let secret = BASE64.decode(material).unwrap();
        let token = hmac_signed(&secret, key(algorithm).id());
        let name = format!("HS256 with the public {} key as secret", algorithm.as_str());
        cases.refused(&name, token, "algorithm");
    }
    let token = sign(Es256, &claims());
    cases.refused(
        "ES256 with a signature in DER",
        with_der_signature(&token),
        "signature",
    );
    let mut longer = BASE64.decode(parts(&token)[2]).unwrap();
    longer.insert(32, 0);
    cases.refused(
        "ES256 with a zero in front of the second number",
        with_signature(&token, &longer),
        "signature",
    );
    cases.refused(
        "ES256 with a signature of zeros",
        with_signature(&token, &[0; 64]),
        "signature",
    );
    let token = with_larger_scalar(&sign(EdDsa, &claims()));
    cases.refused("EdDSA with a scalar above the order", token, "signature");
    let token = sign(Rs256, &claims());
    let mut longer = BASE64.decode(parts(&token)[2]).unwrap();
    longer.insert(0, 0);
    cases.refused(
        "RS256 with a zero in front of the signature",
        with_signature(&token, &longer),
        "signature",
    );
}

fn changed_scope() -> Value {
    changed(claims(), &json!({"scope": "photos:read photos:admin"}))
}

pub(super) fn keys(cases: &mut Cases) {
    let token = latchkey_jose::sign(&unknown_key(), "at+jwt", &claims()).unwrap();
    cases.refused("key id of no key", token, "key_id");
    let token = signed(r#"{"alg":"EdDSA","typ":"at+jwt"}"#, claims().to_string());
    cases.refused("no key id", token, "key_id");
    let token = signed(
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":null}"#,
        claims().to_string(),
    );
    cases.refused("key id null", token, "key_id");
    let token = signed(
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":""}"#,
        claims().to_string(),
    );
    cases.refused("empty key id", token, "key_id");
    for id in ["__proto__", "constructor", "toString"] {
        let token = latchkey_jose::sign(&ed25519(7, id), "at+jwt", &claims()).unwrap();
        cases.refused(&format!("key id {id}"), token, "key_id");
    }
    let token = signed_with(3, header_with(""), claims().to_string());
    cases.refused("signed with another key than it names", token, "signature");
    let [_, payload, signature] = &parts(&sign(Es256, &claims())).map(str::to_owned);
    let header = BASE64.encode(header_with("").replace("EdDSA", "ES256"));
    let token = format!("{header}.{payload}.{signature}");
    cases.refused("ES256 with the id of an Ed25519 key", token, "algorithm");
    for (named, algorithm) in [(Es256, Rs256), (Rs256, Es256)] {
        let [header, payload, signature] = &parts(&sign(algorithm, &claims())).map(str::to_owned);
        let header = String::from_utf8(BASE64.decode(header).unwrap()).unwrap();
        let header = BASE64.encode(header.replace(algorithm.as_str(), named.as_str()));
        let token = format!("{header}.{payload}.{signature}");
        let (named, algorithm) = (named.as_str(), algorithm.as_str());
        let name = format!("{named} in the header of a token that is signed with {algorithm}");
        cases.refused(&name, token, "algorithm");
    }
    for id in UNUSABLE {
        let token = latchkey_jose::sign(&ed25519(7, id), "at+jwt", &claims()).unwrap();
        cases.refused(
            &format!("signed with a key of the set that is {id}"),
            token,
            "key_id",
        );
    }
    for algorithm in [Es256, Rs256] {
        let token = latchkey_jose::sign(&padded(algorithm), "at+jwt", &claims()).unwrap();
        let name = format!(
            "signed with a key of the set that has a zero in front, {}",
            algorithm.as_str()
        );
        cases.refused(&name, token, "key_id");
    }
    let token = hmac_signed(&[9; 32], "symmetric");
    cases.refused("signed with a symmetric key of the set", token, "key_id");
    for (id, alg) in [
        ("weak", "RS256"),
        ("too-long", "RS256"),
        ("not-on-curve", "ES256"),
        ("p-384", "ES256"),
    ] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{id}"}}"#);
        let token = signed(header, claims().to_string());
        cases.refused(&format!("a key of the set that is {id}"), token, "key_id");
    }
}
