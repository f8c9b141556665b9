//! Assertions that must be refused: each is a valid one with a single change.

use super::{Assertion, Expected, Purpose, UnverifiedParties};
use crate::{
    Algorithm, KeySet, MAX_BYTES, SigningKey, TokenError,
    jws::{sign, sign_with_header},
};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://login.example.com";
const CLIENT: Purpose<'_> = Purpose::ClientAuthentication {
    client_id: "reports",
};
const GRANT: Purpose<'_> = Purpose::AuthorizationGrant {
    issuer: "https://idp.example",
    subject: "ada",
};

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(Algorithm::Es256, &[byte; 32]).unwrap()
}

fn claims(purpose: Purpose<'_>) -> Value {
    let (issuer, subject) = match purpose {
        Purpose::ClientAuthentication { client_id } => (client_id, client_id),
        Purpose::AuthorizationGrant { issuer, subject } => (issuer, subject),
    };
    json!({ "iss": issuer, "sub": subject, "aud": ISSUER, "jti": "j1", "iat": NOW, "nbf": NOW, "exp": NOW + 60 })
}

fn check(purpose: Purpose<'_>, assertion: &str) -> Result<Assertion, TokenError> {
    let expected = Expected {
        purpose,
        audience: ISSUER,
        now: NOW,
    };
    expected.check(&KeySet::new([key(1).public().clone()]), assertion)
}

/// Checks an assertion with other claims; `null` removes one.
fn check_claims(purpose: Purpose<'_>, change: &Value) -> Result<Assertion, TokenError> {
    let mut claims = claims(purpose);
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
    check(purpose, &sign(&key(1), "JWT", &claims).unwrap())
}

#[test]
fn an_assertion_is_accepted_with_what_has_to_be_marked() {
    for purpose in [CLIENT, GRANT] {
        let assertion = sign(&key(1), "JWT", &claims(purpose)).unwrap();
        let accepted = check(purpose, &assertion).unwrap();
        assert_eq!(
            (accepted.id.as_str(), accepted.usable_until),
            ("j1", NOW + 64)
        );
        assert_eq!(Value::Object(accepted.claims), claims(purpose));
        let unverified = UnverifiedParties::read(&assertion).unwrap();
        assert_eq!(
            (unverified.issuer, unverified.subject),
            (accepted.issuer, accepted.subject)
        );
        // The mark may go as soon as the assertion is refused anyway.
        let at = |now| {
            let audience = ISSUER;
            let expected = Expected {
                purpose,
                audience,
                now,
            };
            expected
                .check_claims(&key(1).public().open(&assertion).unwrap())
                .is_ok()
        };
        assert_eq!(
            (at(accepted.usable_until), at(accepted.usable_until + 1)),
            (true, false)
        );
    }
}

#[test]
fn the_type_is_absent_generic_or_the_one_of_the_purpose() {
    for (typ, is_client, is_grant) in [
        (Some("JWT"), true, true),
        (Some("jwt"), true, true),
        (Some("application/jwt"), true, true),
        (None, true, true),
        (Some("client-authentication+jwt"), true, false),
        (Some("application/Client-Authentication+JWT"), true, false),
        (Some("at+jwt"), false, false),
        (Some("dpop+jwt"), false, false),
        (Some("id+jwt"), false, false),
        (Some("oauth-authz-req+jwt"), false, false),
        (Some(""), false, false),
    ] {
        for (purpose, is_accepted) in [(CLIENT, is_client), (GRANT, is_grant)] {
            let key = key(1);
            let mut header = json!({ "alg": "ES256", "kid": key.id() });
            if let Some(typ) = typ {
                header["typ"] = json!(typ);
            }
            let assertion = sign_with_header(&key, &header, &claims(purpose)).unwrap();
            let expected = if is_accepted {
                Ok(())
            } else {
                Err(TokenError::Type)
            };
            assert_eq!(
                check(purpose, &assertion).map(drop),
                expected,
                "{typ:?} {purpose:?}"
            );
        }
    }
}

#[test]
fn issuer_subject_audience_and_id_are_exact() {
    for purpose in [CLIENT, GRANT] {
        for (change, expected) in [
            (json!({ "iss": "other" }), TokenError::Issuer),
            (json!({ "sub": "other" }), TokenError::Subject),
            (
                json!({ "aud": "https://login.example.com/" }),
                TokenError::Audience,
            ),
            (
                json!({ "aud": "https://LOGIN.example.com" }),
                TokenError::Audience,
            ),
            // An endpoint's URL is what a malicious server would make a client sign for (rfc7523bis).
            (
                json!({ "aud": "https://login.example.com/oauth/token" }),
                TokenError::Audience,
            ),
            (json!({ "aud": [ISSUER] }), TokenError::Claim("aud")),
            (
                json!({ "aud": [ISSUER, "https://other.example"] }),
                TokenError::Claim("aud"),
            ),
        ] {
            assert_eq!(check_claims(purpose, &change), Err(expected), "{change}");
        }
        for name in ["iss", "sub", "aud", "jti"] {
            for wrong in [json!(null), json!(""), json!(1), json!([]), json!({})] {
                let refused = check_claims(purpose, &json!({ name: wrong }));
                assert_eq!(refused, Err(TokenError::Claim(name)), "{name}: {wrong}");
            }
        }
        let id = "i".repeat(256);
        assert!(check_claims(purpose, &json!({ "jti": id })).is_ok());
        let refused = check_claims(purpose, &json!({ "jti": format!("{id}i") }));
        assert_eq!(refused, Err(TokenError::Claim("jti")));
    }
    // Of a client, both are the client.
    let other = json!({ "iss": "other", "sub": "other" });
    assert_eq!(check_claims(CLIENT, &other), Err(TokenError::Issuer));
}

#[test]
fn an_assertion_ends_within_five_minutes_and_has_begun() {
    for (change, expected) in [
        (json!({ "exp": NOW - 4 }), Ok(())),
        (json!({ "exp": NOW - 5 }), Err(TokenError::Expired)),
        (
            json!({ "exp": -9_007_199_254_740_991_i64 }),
            Err(TokenError::Expired),
        ),
        (json!({ "exp": NOW + 305 }), Ok(())),
        (json!({ "exp": NOW + 306 }), Err(TokenError::Lifetime)),
        (
            json!({ "exp": 9_007_199_254_740_991_i64 }),
            Err(TokenError::Lifetime),
        ),
        (json!({ "exp": null }), Err(TokenError::Claim("exp"))),
        (json!({ "iat": null, "nbf": null }), Ok(())),
        (json!({ "iat": NOW + 5, "nbf": NOW + 5 }), Ok(())),
        (json!({ "iat": NOW + 6 }), Err(TokenError::NotYetValid)),
        (json!({ "nbf": NOW + 6 }), Err(TokenError::NotYetValid)),
        (
            json!({ "iat": null, "nbf": NOW + 6 }),
            Err(TokenError::NotYetValid),
        ),
    ] {
        for purpose in [CLIENT, GRANT] {
            assert_eq!(
                check_claims(purpose, &change).map(drop),
                expected,
                "{change}"
            );
        }
    }
}

#[test]
fn r33_a_time_that_is_not_a_number_is_refused() {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for wrong in [
            json!("1800000000"),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(1e300),
            json!(9_007_199_254_740_993_i64),
        ] {
            let refused = check_claims(CLIENT, &json!({ name: wrong }));
            assert_eq!(refused, Err(TokenError::Claim(name)), "{name}: {wrong}");
        }
    }
}

#[test]
fn only_the_keys_of_the_expected_issuer_count() {
    let claims = claims(CLIENT);
    let stranger = sign(&key(2), "JWT", &claims).unwrap();
    assert_eq!(check(CLIENT, &stranger), Err(TokenError::KeyId));
    // With the id of our key, but signed with another.
    let stolen = key(2).with_id(key(1).id().to_owned());
    let stolen = sign(&stolen, "JWT", &claims).unwrap();
    assert_eq!(check(CLIENT, &stolen), Err(TokenError::Signature));
    // Both say to be the client: that is why it is called unverified.
    assert_eq!(UnverifiedParties::read(&stolen).unwrap().issuer, "reports");
    // Without a key id, only whoever passes a single key can open it.
    let key = key(1);
    let header = json!({ "alg": "ES256", "typ": "client-authentication+jwt" });
    let unnamed = sign_with_header(&key, &header, &claims).unwrap();
    assert_eq!(check(CLIENT, &unnamed), Err(TokenError::KeyId));
    let expected = Expected {
        purpose: CLIENT,
        audience: ISSUER,
        now: NOW,
    };
    assert!(
        expected
            .check_claims(&key.public().open(&unnamed).unwrap())
            .is_ok()
    );
}

#[test]
fn a_text_that_is_no_assertion_has_no_parties() {
    let key = key(1);
    let signed = |claims: &Value| sign(&key, "JWT", claims).unwrap();
    let long = json!({ "iss": "a", "sub": "b", "x": "x".repeat(MAX_BYTES) });
    let header = json!({ "alg": "ES256", "jku": "https://evil.example" });
    let with_url = sign_with_header(&key, &header, &claims(CLIENT)).unwrap();
    for (assertion, expected) in [
        (String::new(), TokenError::Malformed),
        ("..".to_owned(), TokenError::Header),
        (signed(&long), TokenError::TooLong),
        (with_url, TokenError::Header),
        (signed(&json!([])), TokenError::Claims),
        (signed(&json!({ "sub": "b" })), TokenError::Claim("iss")),
        (signed(&json!({ "iss": "a" })), TokenError::Claim("sub")),
        (
            signed(&json!({ "iss": "a", "sub": ["b"] })),
            TokenError::Claim("sub"),
        ),
    ] {
        assert_eq!(
            UnverifiedParties::read(&assertion),
            Err(expected),
            "{assertion}"
        );
    }
}
