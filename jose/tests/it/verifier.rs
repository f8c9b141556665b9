//! The verifier against tokens that must be refused: RFC 8725 §2 and §3, RFC 9068 §4.

use crate::tokens::{NOW, check, check_claims, claims, header, key, signed, with};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{Algorithm, KeySet, MAX_BYTES, TokenError, sign};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn a_token_of_each_algorithm_is_accepted() {
    for (algorithm, byte) in [(Algorithm::EdDsa, 1), (Algorithm::Es256, 2)] {
        let token = sign(&key(algorithm, byte), "at+jwt", &claims()).unwrap();
        let accepted = check(&token).unwrap();
        assert_eq!(
            (accepted.subject.as_str(), accepted.id.as_str()),
            ("x1", "j1")
        );
        assert_eq!(accepted.expires_at, NOW + 120);
    }
}

#[test]
fn the_media_type_may_be_written_in_full_and_in_any_case() {
    let key = key(Algorithm::EdDsa, 1);
    for (typ, is_accepted) in [
        ("at+jwt", true),
        ("AT+JWT", true),
        ("application/at+jwt", true),
        ("Application/At+Jwt", true),
        ("jwt", false),
        ("", false),
        ("text/at+jwt", false),
        ("application/", false),
        ("dpop+jwt", false),
    ] {
        let token = sign(&key, typ, &claims()).unwrap();
        let expected = if is_accepted {
            Ok("x1")
        } else {
            Err(TokenError::Type)
        };
        let found = check(&token);
        assert_eq!(
            found.as_ref().map(|token| &*token.subject).map_err(|e| *e),
            expected,
            "{typ}"
        );
    }
    let untyped = signed(
        &format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, key.id()),
        &claims().to_string(),
    );
    assert_eq!(check(&untyped), Err(TokenError::Type));
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
            let refused = check_claims(&with(json!({ name: wrong })));
            assert_eq!(refused, Err(TokenError::Claim(name)), "{name}: {wrong}");
        }
        // RFC 7519 §2 allows fractions.
        let fraction = json!(NOW as f64 - 0.5 + if name == "exp" { 120.0 } else { 0.0 });
        assert!(
            check_claims(&with(json!({ name: fraction }))).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn must_survive_29_a_token_counts_from_its_beginning_to_its_end_within_the_leeway() {
    for (change, expected) in [
        (json!({ "exp": NOW - 4 }), Ok(())),
        (json!({ "exp": NOW - 5 }), Err(TokenError::Expired)),
        (json!({ "exp": i64::MIN / 2048 }), Err(TokenError::Expired)),
        (json!({ "nbf": NOW + 5 }), Ok(())),
        (json!({ "nbf": NOW + 6 }), Err(TokenError::NotYetValid)),
        (json!({ "iat": NOW + 6 }), Err(TokenError::NotYetValid)),
        (json!({ "nbf": null }), Ok(())),
        (json!({ "exp": null }), Err(TokenError::Claim("exp"))),
        (json!({ "iat": null }), Err(TokenError::Claim("iat"))),
    ] {
        assert_eq!(
            check_claims(&with(change.clone())).map(drop),
            expected,
            "{change}"
        );
    }
}

#[test]
fn issuer_audience_subject_and_id_are_exact() {
    for (change, expected) in [
        (
            json!({ "iss": "https://login.example.com/" }),
            TokenError::Issuer,
        ),
        (
            json!({ "iss": "https://LOGIN.example.com" }),
            TokenError::Issuer,
        ),
        (
            json!({ "iss": ["https://login.example.com"] }),
            TokenError::Claim("iss"),
        ),
        (json!({ "iss": null }), TokenError::Claim("iss")),
        (json!({ "aud": "photos2" }), TokenError::Audience),
        (json!({ "aud": "Photos" }), TokenError::Audience),
        (json!({ "aud": ["photos", "mail"] }), TokenError::Audience),
        (json!({ "aud": ["photos", 1] }), TokenError::Claim("aud")),
        (json!({ "aud": [] }), TokenError::Claim("aud")),
        (json!({ "aud": null }), TokenError::Claim("aud")),
        (json!({ "sub": "" }), TokenError::Claim("sub")),
        (json!({ "sub": 1 }), TokenError::Claim("sub")),
        (json!({ "jti": null }), TokenError::Claim("jti")),
    ] {
        assert_eq!(
            check_claims(&with(change.clone())),
            Err(expected),
            "{change}"
        );
    }
    assert!(check_claims(&with(json!({ "aud": ["photos"] }))).is_ok());
}

#[test]
fn nothing_but_algorithm_type_and_key_id_is_accepted_in_a_header() {
    assert!(check(&signed(&header(""), &claims().to_string())).is_ok());
    for more in [
        r#","jku":"https://evil.example/keys""#,
        r#","jwk":{"kty":"OKP"}"#,
        r#","x5u":"https://evil.example/x""#,
        r#","x5c":[]"#,
        r#","crit":["exp"],"exp":1"#,
        r#","crit":[]"#,
        r#","b64":false"#,
        r#","zip":"DEF""#,
        r#","cty":"JWT""#,
        r#","alg":"EdDSA""#,
        r#","kid":"other""#,
    ] {
        let token = signed(&header(more), &claims().to_string());
        assert_eq!(check(&token), Err(TokenError::Header), "{more}");
    }
    let id = key(Algorithm::EdDsa, 1).id().to_owned();
    let array = format!(r#"["EdDSA","at+jwt","{id}"]"#);
    for header in ["[]", &array, "null", "\"EdDSA\"", "{}", "", "{\"alg\":1}"] {
        let token = signed(header, &claims().to_string());
        assert_eq!(check(&token), Err(TokenError::Header), "{header}");
    }
}

#[test]
fn the_algorithm_is_the_keys_and_never_the_tokens() {
    let id = key(Algorithm::EdDsa, 1).id().to_owned();
    for alg in [
        "none", "None", "HS256", "ES256", "RS256", "eddsa", "Ed25519", "",
    ] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{id}"}}"#);
        let token = signed(&header, &claims().to_string());
        assert_eq!(check(&token), Err(TokenError::Algorithm), "{alg}");
    }
}

#[test]
fn only_keys_of_the_set_count() {
    let stranger = key(Algorithm::EdDsa, 3);
    let token = sign(&stranger, "at+jwt", &claims()).unwrap();
    assert_eq!(check(&token), Err(TokenError::KeyId));
    let id = key(Algorithm::EdDsa, 1).id().to_owned();
    let mut parts = token.split('.');
    parts.next();
    let stolen = BASE64.encode(format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{id}"}}"#));
    let rest: Vec<_> = parts.collect();
    let token = format!("{stolen}.{}", rest.join("."));
    assert_eq!(check(&token), Err(TokenError::Signature));
    let unnamed = signed(r#"{"alg":"EdDSA","typ":"at+jwt"}"#, &claims().to_string());
    assert_eq!(check(&unnamed), Err(TokenError::KeyId));
}

#[test]
fn a_claim_that_comes_twice_is_refused_at_any_depth() {
    let claims = claims().to_string();
    let body = claims.trim_end_matches('}');
    for more in [
        r#","aud":"photos"}"#,
        r#","aud":"mail"}"#,
        r#","cnf":{"jkt":"a","jkt":"b"}}"#,
        r#","list":[{"a":1,"a":1}]}"#,
        r#","\u0061ud":"mail"}"#,
    ] {
        let token = signed(&header(""), &format!("{body}{more}"));
        assert_eq!(check(&token), Err(TokenError::Claims), "{more}");
    }
    for payload in ["[]", "1", "", "{", "null", "{} {}", "\u{feff}{}"] {
        assert_eq!(
            check(&signed(&header(""), payload)),
            Err(TokenError::Claims),
            "{payload}"
        );
    }
}

#[test]
fn a_text_that_is_not_three_parts_of_canonical_base64url_is_refused() {
    let token = sign(&key(Algorithm::EdDsa, 1), "at+jwt", &claims()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!()
    };
    for text in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}\n"),
        format!(" {token}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}+.{signature}"),
    ] {
        assert!(
            matches!(
                check(&text),
                Err(TokenError::Malformed | TokenError::Header)
            ),
            "{text}"
        );
    }
    // The last character has bits that mean nothing; only zeros are accepted.
    let last = signature.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).unwrap();
    let other = alphabet.chars().nth(place + 1).unwrap();
    let text = format!(
        "{header}.{payload}.{}{other}",
        &signature[..signature.len() - 1]
    );
    assert_eq!(check(&text), Err(TokenError::Malformed));
    let long = format!("{header}.{payload}.{}", "A".repeat(MAX_BYTES));
    assert_eq!(check(&long), Err(TokenError::TooLong));
}

#[test]
fn only_objects_are_keys_and_sets_of_keys() {
    let key =
        r#"["OKP","Ed25519",null,null,null,null,"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]"#;
    let set = KeySet::parse(&format!(r#"{{"keys":[{key}]}}"#));
    assert!(set.unwrap().is_empty());
    for set in [&format!("[[{key}]]"), "[]", "null", r#"{"keys":{}}"#, "{}"] {
        assert!(KeySet::parse(set).is_err(), "{set}");
    }
}

#[test]
fn of_two_keys_with_one_id_none_counts() {
    let first = key(Algorithm::EdDsa, 1).public().clone();
    let mut jwk = key(Algorithm::EdDsa, 3).public().jwk();
    jwk.kid = Some(first.id().to_owned());
    let set = serde_json::json!({ "keys": [first.jwk(), jwk] }).to_string();
    assert!(KeySet::parse(&set).unwrap().is_empty());
}

proptest! {
    #[test]
    fn any_changed_byte_is_noticed(place in 0usize..400, byte in any::<u8>()) {
        let token = sign(&key(Algorithm::EdDsa, 1), "at+jwt", &claims()).unwrap();
        let mut bytes = token.clone().into_bytes();
        let place = place % bytes.len();
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(check(&changed).is_err());
        }
    }

    #[test]
    fn no_text_makes_the_verifier_panic(text in "\\PC{0,200}") {
        prop_assert!(check(&text).is_err());
    }
}
