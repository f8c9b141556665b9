//! Checks 8 to 12: the proof and the request.

use super::{EXPECTED, NOW, TOKEN, check, check_claims, claims, header, signed, with};
use crate::TokenError;
use crate::dpop::{Binding, Expected, ProofError};
use serde_json::json;

/// The hash of the token (RFC 9449 §7.1).
const HASH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

#[test]
fn rfc9449_4_3_8_the_method_is_the_one_of_the_request() {
    for method in ["GET", "post", "Post", "POST ", "POST,GET"] {
        assert_eq!(
            check_claims(&json!({ "htm": method })),
            Err(ProofError::Method),
            "{method}"
        );
    }
}

/// The table of URLs is in `target/tests.rs`.
#[test]
fn rfc9449_4_3_9_the_url_is_the_one_of_the_request_without_query_and_fragment() {
    for url in [
        "HTTPS://SERVER.example.com/token",
        "https://server.example.com:443/%74oken?a=b#c",
    ] {
        assert!(check_claims(&json!({ "htu": url })).is_ok(), "{url}");
    }
    for url in [
        "https://server.example.com/token/",
        "https://server.example.com/Token",
        "https://server.example.com/",
        "http://server.example.com/token",
        "https://server.example.com:8443/token",
        "https://example.com/token",
        "https://user@server.example.com/token",
        "/token",
        "token",
    ] {
        assert_eq!(
            check_claims(&json!({ "htu": url })),
            Err(ProofError::Url),
            "{url}"
        );
    }
    // What the server itself cannot read is not equal to itself.
    let url = "https://user@server.example.com/token";
    let proof = signed(header(), with(claims(), &json!({ "htu": url })));
    assert_eq!(
        Expected { url, ..EXPECTED }.check(&proof),
        Err(ProofError::Url)
    );
}

#[test]
fn rfc9449_4_3_10_the_nonce_is_one_that_the_server_provided() {
    let expected = Expected {
        nonces: Some(&["current", "previous"]),
        ..EXPECTED
    };
    for (change, is_accepted) in [
        (json!({ "nonce": "current" }), true),
        (json!({ "nonce": "previous" }), true),
        (json!({}), false),
        (json!({ "nonce": "old" }), false),
        (json!({ "nonce": "Current" }), false),
    ] {
        let checked = expected.check(&signed(header(), with(claims(), &change)));
        let code = checked.as_ref().map(|proof| proof.nonce.as_deref());
        match is_accepted {
            true => assert_eq!(code, Ok(change["nonce"].as_str())),
            false => assert_eq!(checked.unwrap_err().error(), "use_dpop_nonce", "{change}"),
        }
    }
    let none_is_valid = Expected {
        nonces: Some(&[]),
        ..EXPECTED
    };
    let proof = signed(header(), with(claims(), &json!({ "nonce": "current" })));
    assert_eq!(none_is_valid.check(&proof), Err(ProofError::Nonce));
    // Without a nonce to expect, one may be there. A proof that would be refused anyway is not worth a nonce.
    assert_eq!(check(&proof).unwrap().nonce.as_deref(), Some("current"));
    let late = signed(header(), with(claims(), &json!({ "iat": NOW - 66 })));
    assert_eq!(
        expected.check(&late).unwrap_err().error(),
        "invalid_dpop_proof"
    );
}

#[test]
fn rfc9449_4_3_11_a_proof_counts_from_five_seconds_before_to_65_after_it_was_made() {
    let (expired, early) = (TokenError::Expired.into(), TokenError::NotYetValid.into());
    for (change, expected) in [
        (json!({ "iat": NOW - 65 }), Ok(NOW)),
        (json!({ "iat": NOW - 66 }), Err(expired)),
        (json!({ "iat": NOW as f64 - 65.5 }), Err(expired)),
        (json!({ "iat": 0 }), Err(expired)),
        (json!({ "iat": -9_007_199_254_740_991_i64 }), Err(expired)),
        (json!({ "iat": NOW + 5 }), Ok(NOW + 70)),
        (json!({ "iat": NOW + 6 }), Err(early)),
        (json!({ "iat": 9_007_199_254_740_991_i64 }), Err(early)),
        // A proof that says when it ends or begins is believed.
        (json!({ "exp": NOW - 4 }), Ok(NOW + 65)),
        (json!({ "exp": NOW - 5 }), Err(expired)),
        (json!({ "nbf": NOW + 5 }), Ok(NOW + 65)),
        (json!({ "nbf": NOW + 6 }), Err(early)),
        (
            json!({ "exp": NOW + 3600, "nbf": NOW - 3600 }),
            Ok(NOW + 65),
        ),
    ] {
        let checked = check_claims(&change).map(|proof| proof.usable_until);
        assert_eq!(checked, expected, "{change}");
    }
    // The mark may go as soon as the proof is refused anyway.
    let proof = signed(header(), claims());
    let until = check(&proof).unwrap().usable_until;
    let at = |now| Expected { now, ..EXPECTED }.check(&proof).is_ok();
    assert_eq!((at(until), at(until + 1)), (true, false));
}

#[test]
fn r33_a_time_that_is_not_a_number_is_refused() {
    for name in ["iat", "exp", "nbf"] {
        for wrong in [
            json!("1800000000"),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(1e300),
            json!(9_007_199_254_740_993_i64),
        ] {
            let refused = check_claims(&json!({ name: wrong }));
            assert_eq!(
                refused,
                Err(TokenError::Claim(name).into()),
                "{name}: {wrong}"
            );
        }
    }
}

#[test]
fn rfc9449_4_3_12_the_hash_is_the_one_of_the_access_token() {
    let thumbprint = check(&signed(header(), claims())).unwrap().thumbprint;
    let expected = Expected {
        binding: Binding::AccessToken {
            token: TOKEN,
            thumbprint: &thumbprint,
        },
        ..EXPECTED
    };
    let check_with = |change| expected.check(&signed(header(), with(claims(), &change)));
    assert!(check_with(json!({ "ath": HASH })).is_ok());
    for change in [
        json!({}),
        json!({ "ath": TOKEN }),
        json!({ "ath": HASH.to_lowercase() }),
        json!({ "ath": format!("{HASH}=") }),
        json!({ "ath": super::super::token_hash("another token") }),
    ] {
        assert_eq!(
            check_with(change.clone()),
            Err(ProofError::AccessToken),
            "{change}"
        );
    }
    // RFC 9449 §7: a proof for an access token is of no use without it.
    let proof = signed(header(), with(claims(), &json!({ "ath": HASH })));
    for binding in [Binding::None, Binding::Key(&thumbprint)] {
        let refused = Expected {
            binding,
            ..EXPECTED
        }
        .check(&proof);
        assert_eq!(refused, Err(ProofError::AccessToken));
    }
}

#[test]
fn rfc9449_4_3_12_the_key_is_the_one_that_is_bound() {
    let thumbprint = check(&signed(header(), claims())).unwrap().thumbprint;
    let other = thumbprint.to_lowercase();
    let proof = |change| signed(header(), with(claims(), &change));
    for (thumbprint, expected) in [
        (&thumbprint, None),
        (&other, Some("jkt")),
        (&String::new(), Some("jkt")),
    ] {
        let key = Expected {
            binding: Binding::Key(thumbprint),
            ..EXPECTED
        };
        let token = Expected {
            binding: Binding::AccessToken {
                token: TOKEN,
                thumbprint,
            },
            ..EXPECTED
        };
        let code = |checked: Result<_, ProofError>| checked.err().map(ProofError::code);
        assert_eq!(code(key.check(&proof(json!({})))), expected);
        assert_eq!(code(token.check(&proof(json!({ "ath": HASH })))), expected);
    }
}

#[test]
fn each_error_has_a_code_of_its_own_and_one_of_two_for_the_client() {
    use ProofError::{AccessToken, Header, Jwk, Key, Method, Nonce, Token, Url};
    let errors = [
        (Token(TokenError::Expired), "expired"),
        (Header, "header"),
        (Jwk, "jwk"),
        (Method, "htm"),
        (Url, "htu"),
        (AccessToken, "ath"),
        (Key, "jkt"),
        (Nonce, "nonce"),
    ];
    for (error, code) in errors {
        assert_eq!(error.code(), code);
        let expected = match error {
            Nonce => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        };
        assert_eq!(error.error(), expected);
    }
}
