//! What the text of a token may be.

use crate::tokens::{check, claims, header, key, signed, signed_bytes};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{Algorithm, TokenError};
use serde_json::{Value, json};

#[test]
fn rfc8725_3_3_encrypted_and_nested_tokens_are_refused() {
    let encrypted =
        |header: Value| format!("{}.AAAA.AAAA.AAAA.AAAA", BASE64.encode(header.to_string()));
    for header in [
        json!({ "alg": "RSA-OAEP", "enc": "A256GCM" }),
        json!({ "alg": "dir", "enc": "A128GCM", "zip": "DEF" }),
        json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_647, "p2s": "AAAA" }),
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key(Algorithm::EdDsa, 1).id() }),
    ] {
        let refused = check(&encrypted(header.clone())).unwrap_err();
        let is_format = matches!(refused, TokenError::Header | TokenError::Malformed);
        assert!(is_format, "{header}: {refused}");
    }
    let inner = signed(&header(""), &claims().to_string());
    assert!(check(&inner).is_ok());
    let outer = signed(&header(r#","cty":"JWT""#), &inner);
    assert_eq!(check(&outer), Err(TokenError::Header));
    assert_eq!(check(&signed(&header(""), &inner)), Err(TokenError::Claims));
    let quoted = json!(inner).to_string();
    assert_eq!(
        check(&signed(&header(""), &quoted)),
        Err(TokenError::Claims)
    );
}

#[test]
fn rfc8725_3_7_only_utf_8_is_read() {
    let (header, claims) = (header(""), claims().to_string());
    let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let changed = |text: &str, bytes: &[u8]| -> Vec<u8> {
        let (start, end) = text.split_at(text.len() - 1);
        [
            start.as_bytes(),
            br#","a":""#,
            bytes,
            br#"""#,
            end.as_bytes(),
        ]
        .concat()
    };
    assert!(
        check(&signed_bytes(
            header.as_bytes(),
            &changed(&claims, "é".as_bytes())
        ))
        .is_ok()
    );
    let encodings = |text: &str| {
        [
            utf_16(text, u16::to_le_bytes),
            utf_16(text, u16::to_be_bytes),
            [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat(),
            changed(text, &[0xE9]),
            changed(text, &[0xC0, 0xAF]),
            changed(text, &[0xED, 0xA0, 0x80]),
            changed(text, br"\ud800"),
            changed(text, &[0]),
        ]
    };
    for text in encodings(&claims) {
        assert_eq!(
            check(&signed_bytes(header.as_bytes(), &text)),
            Err(TokenError::Claims),
            "{text:?}"
        );
    }
    for text in encodings(&header) {
        assert_eq!(
            check(&signed_bytes(&text, claims.as_bytes())),
            Err(TokenError::Header),
            "{text:?}"
        );
    }
}

#[test]
fn rfc8725_3_10_a_key_id_is_only_compared() {
    for id in [
        "",
        "../../etc/passwd",
        "' OR 1=1 --",
        "*",
        "https://evil.example/key",
        "\0",
        "(|(kid=*))",
    ] {
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": id });
        let token = signed(&header.to_string(), &claims().to_string());
        assert_eq!(check(&token), Err(TokenError::KeyId), "{id}");
    }
}

#[test]
fn rfc8725_3_14_only_letters_digits_and_dots_are_read() {
    let token = signed(&header(""), &claims().to_string());
    let parts: Vec<_> = token.split('.').collect();
    for part in 0..3 {
        for c in (0..=0xFF).map(char::from) {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                continue;
            }
            let mut parts = parts.clone();
            let changed = format!("{}{c}{}", &parts[part][..4], &parts[part][4..]);
            parts[part] = &changed;
            assert_eq!(
                check(&parts.join(".")),
                Err(TokenError::Malformed),
                "{c:?} in {part}"
            );
        }
    }
    let [protected, payload, signature] = parts[..] else {
        panic!()
    };
    let signatures = json!([{ "protected": protected, "signature": signature }]);
    for serialization in [
        json!({ "protected": protected, "payload": payload, "signature": signature }),
        json!({ "payload": payload, "signatures": signatures }),
        // The whole token is in it, for a reader who splits at dots.
        json!({ "protected": protected, "payload": payload, "signature": signature, "a": format!(".{payload}.") }),
    ] {
        let refused = check(&serialization.to_string());
        assert_eq!(refused, Err(TokenError::Malformed), "{serialization}");
    }
}
