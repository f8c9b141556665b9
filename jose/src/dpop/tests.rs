//! The checks of RFC 9449 §4.3, one by one: each proof that is refused is a valid one with a single change.

mod proof;
mod request;

use super::{Binding, Expected, Proof, ProofError, prove};
use crate::{Algorithm, SigningKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const URL: &str = "https://server.example.com/token";
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

fn key(algorithm: Algorithm) -> SigningKey {
    let bytes: &[u8] = match algorithm {
        Algorithm::Rs256 => include_bytes!("../../tests/vectors/rfc7515_a2.pk8"),
        _ => &[7; 32],
    };
    SigningKey::from_bytes(algorithm, bytes).unwrap()
}

fn header() -> Value {
    let jwk = key(Algorithm::Es256).public().required_members();
    json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk })
}

fn claims() -> Value {
    json!({ "jti": "-BwC3ESc6acc2lTc", "htm": "POST", "htu": URL, "iat": NOW })
}

/// The same object with other members; `null` removes one.
fn with(mut object: Value, change: &Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    object
}

/// A proof with this header and payload, signed by the key for ES256.
fn signed(header: impl ToString, claims: impl ToString) -> String {
    let [header, claims] = [header.to_string(), claims.to_string()].map(|part| BASE64.encode(part));
    let signature = key(Algorithm::Es256).sign(format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", BASE64.encode(signature.unwrap()))
}

const EXPECTED: Expected<'_> = Expected {
    method: "POST",
    url: URL,
    now: NOW,
    binding: Binding::None,
    nonces: None,
};

fn check(proof: &str) -> Result<Proof, ProofError> {
    EXPECTED.check(proof)
}

fn check_header(change: &Value) -> Result<Proof, ProofError> {
    check(&signed(with(header(), change), claims()))
}

fn check_claims(change: &Value) -> Result<Proof, ProofError> {
    check(&signed(header(), with(claims(), change)))
}

#[test]
fn a_proof_that_was_made_for_the_request_is_accepted_with_each_algorithm() {
    for algorithm in Algorithm::ALL {
        let key = key(algorithm);
        let url = "HTTPS://Server.example.com:443/token?page=2#top";
        let proof = prove(&key, "POST", url, NOW, "j1", Some(TOKEN), Some("n1")).unwrap();
        let thumbprint = key.public().thumbprint();
        let expected = Expected {
            binding: Binding::AccessToken {
                token: TOKEN,
                thumbprint: &thumbprint,
            },
            nonces: Some(&["n1"]),
            ..EXPECTED
        };
        let accepted = Proof {
            key: key.public().required_members(),
            thumbprint: thumbprint.clone(),
            id: "j1".to_owned(),
            issued_at: NOW,
            usable_from: NOW - 5,
            usable_until: NOW + 65,
            nonce: Some("n1".to_owned()),
        };
        assert_eq!(expected.check(&proof), Ok(accepted), "{algorithm:?}");
    }
    let ambiguous = "https://server.example.com//token";
    assert!(
        prove(
            &key(Algorithm::EdDsa),
            "GET",
            ambiguous,
            NOW,
            "j1",
            None,
            None
        )
        .is_err()
    );
}
