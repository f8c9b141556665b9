//! Tokens for the tests: valid ones, and ones with any header and payload.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{
    Algorithm, Audience, Expected, KeySet, Registered, SigningKey, TokenError, UnverifiedToken,
    sign,
};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) fn key(algorithm: Algorithm, byte: u8) -> SigningKey {
    SigningKey::from_bytes(algorithm, &[byte; 32]).unwrap()
}

pub(crate) fn keys() -> KeySet {
    let keys = [key(Algorithm::EdDsa, 1), key(Algorithm::Es256, 2)];
    KeySet::new(keys.iter().map(|key| key.public().clone()))
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://login.example.com", "aud": "photos", "sub": "x1", "jti": "j1", "iat": NOW, "exp": NOW + 120,
        "nbf": NOW, "auth_time": NOW - 60,
    })
}

pub(crate) fn with(change: Value) -> Value {
    let mut claims = claims();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    claims
}

pub(crate) fn check(token: &str) -> Result<Registered, TokenError> {
    let expected = Expected {
        typ: "at+jwt",
        issuer: "https://login.example.com",
        audience: Audience::Only("photos"),
        now: NOW,
        leeway: 5,
    };
    let checked = expected.check(&keys(), token);
    // One that was parsed already is checked in the same way.
    match UnverifiedToken::parse(token) {
        Some(parsed) => assert_eq!(expected.check_parsed(&keys(), parsed), checked),
        None => assert!(checked.is_err()),
    }
    checked
}

pub(crate) fn check_claims(claims: &Value) -> Result<Registered, TokenError> {
    check(&sign(&key(Algorithm::EdDsa, 1), "at+jwt", claims).unwrap())
}

/// A token with this header and payload, signed with the key of the set that is for EdDSA.
pub(crate) fn signed(header: &str, payload: &str) -> String {
    signed_bytes(header.as_bytes(), payload.as_bytes())
}

pub(crate) fn signed_bytes(header: &[u8], payload: &[u8]) -> String {
    // What is signed is arbitrary, which `sign` does not allow: so a header of our own is put in front of a raw signature.
    let text = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    format!("{text}.{}", BASE64.encode(pair.sign(text.as_bytes())))
}

pub(crate) fn header(more: &str) -> String {
    let key = key(Algorithm::EdDsa, 1);
    format!(
        r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{}"{more}}}"#,
        key.id()
    )
}
