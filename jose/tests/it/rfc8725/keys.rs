//! Keys and algorithms.

use crate::tokens::{claims, key};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{Algorithm, Jwk, PublicKey, TokenError, sign};
use serde_json::{Value, json};

fn read_key(jwk: Value) -> Option<PublicKey> {
    let jwk: Jwk = serde_json::from_value(jwk).unwrap();
    PublicKey::from_jwk(&jwk).ok()
}

/// The members of a JWK, with one of them changed.
fn with(key: &Jwk, name: &str, value: impl Into<Value>) -> Value {
    let mut jwk = serde_json::to_value(key).unwrap();
    jwk[name] = value.into();
    jwk
}

#[test]
fn rfc8725_3_1_a_key_is_for_one_algorithm() {
    for ours in [Algorithm::EdDsa, Algorithm::Es256] {
        let jwk = key(ours, 1).public().jwk();
        for alg in [
            "none", "HS256", "PS256", "RS256", "ES256", "EdDSA", "ES384", "",
        ] {
            let read = read_key(with(&jwk, "alg", alg)).map(|key| key.algorithm());
            let expected = (alg == ours.as_str()).then_some(ours);
            assert_eq!(read, expected, "{alg}");
        }
        // A key that does not say its algorithm has the one of its type.
        let unnamed = read_key(with(&jwk, "alg", Value::Null)).unwrap();
        assert_eq!(unnamed.algorithm(), ours);
    }
}

#[test]
fn rfc8725_3_2_there_is_no_algorithm_that_is_weak_and_no_random_number_in_a_signature() {
    for name in [
        "none", "noNE", "HS256", "HS384", "HS512", "RSA1_5", "RS1", "ES256K", "dir", "",
    ] {
        assert_eq!(Algorithm::from_name(name), None, "{name}");
    }
    // RFC 6979 and RFC 8032: the same text has the same signature.
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let token = || sign(&key(algorithm, 1), "at+jwt", &claims()).unwrap();
        assert_eq!(token(), token());
    }
}

#[test]
fn rfc8725_3_4_what_is_not_a_point_of_the_curve_is_no_key() {
    let jwk = key(Algorithm::Es256, 1).public().jwk();
    assert!(read_key(with(&jwk, "kid", "k")).is_some());
    let x = BASE64.decode(jwk.x.as_ref().unwrap()).unwrap();
    let leading_zero = [&[0][..], &x].concat();
    let prime = hex::decode("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    for x in [
        &[0; 32][..],
        &[255; 32],
        &prime.unwrap(),
        &x[1..],
        &leading_zero,
        &[],
    ] {
        assert_eq!(read_key(with(&jwk, "x", BASE64.encode(x))), None, "{x:?}");
    }
    let x = jwk.x.clone().unwrap();
    assert_eq!(
        read_key(with(&jwk, "y", x)),
        None,
        "on no curve of this equation"
    );
    let ed25519 = key(Algorithm::EdDsa, 1).public().jwk();
    for x in [&[][..], &[1; 31], &[1; 33]] {
        assert_eq!(read_key(with(&ed25519, "x", BASE64.encode(x))), None);
    }
}

#[test]
fn rfc8725_3_4_a_key_with_the_exponent_1_verifies_nothing() {
    // With the exponent 1, the padded hash of the text is its own signature (RFC 8017 §9.2).
    let text = format!(
        "{}.{}",
        BASE64.encode(r#"{"alg":"RS256"}"#),
        BASE64.encode("{}")
    );
    let prefix = hex::decode("3031300d060960864801650304020105000420").unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let tail = [&[0][..], &prefix, hash.as_ref()].concat();
    let padded = [&[0, 1][..], &vec![255; 254 - tail.len()], &tail].concat();
    let token = format!("{text}.{}", BASE64.encode(padded));
    let key = PublicKey::rsa(vec![255; 256], vec![1]);
    assert_eq!(
        key.map(|key| key.open(&token)),
        Ok(Err(TokenError::Signature))
    );
}

#[test]
fn rfc8725_3_5_secrets_and_short_keys_are_no_keys() {
    for k in [
        "",
        "c2VjcmV0",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ] {
        assert_eq!(read_key(json!({ "kty": "oct", "k": k })), None);
        assert_eq!(
            read_key(json!({ "kty": "oct", "k": k, "alg": "HS256" })),
            None
        );
    }
    for (bytes, is_key) in [
        (128, false),
        (255, false),
        (256, true),
        (512, true),
        (513, false),
    ] {
        let n = BASE64.encode(vec![255; bytes]);
        let read = read_key(json!({ "kty": "RSA", "n": n, "e": "AQAB" }));
        assert_eq!(read.is_some(), is_key, "{bytes}");
    }
}
