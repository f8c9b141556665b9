//! Headers, and the encoding of a token.

use super::Cases;
use crate::signer::{claims, header_with, key, of_length, parts, sign, signed, with_spare_bits};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::Algorithm::EdDsa;
use serde_json::Value;

pub(super) fn headers(cases: &mut Cases) {
    for more in [
        r#","jku":"https://evil.example/keys""#,
        r#","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#","x5u":"https://evil.example/x""#,
        r#","x5c":["MIIB"]"#,
        r#","x5t":"AAAA""#,
        r#","crit":["exp"],"exp":1"#,
        r#","crit":[]"#,
        r#","b64":false"#,
        r#","zip":"DEF""#,
        r#","cty":"JWT""#,
        r#","enc":"A128GCM""#,
        r#","__proto__":{}"#,
        r#","alg":"EdDSA""#,
        r#","kid":"other""#,
        r#","typ":"at+jwt""#,
        r#","\u0061lg":"EdDSA""#,
    ] {
        let token = signed(header_with(more), claims().to_string());
        cases.refused(&format!("header with {more}"), token, "header");
    }
    let id = key(EdDsa).id().to_owned();
    for header in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "\"EdDSA\"",
        r#"{"alg":1,"typ":"at+jwt"}"#,
        r#"{"alg":null,"typ":"at+jwt"}"#,
        r#"{"alg":["EdDSA"],"typ":"at+jwt"}"#,
        r#"{"typ":"at+jwt"}"#,
        r#"{"Alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","typ":1}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":1}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"\ud800"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"a"} x"#,
        r#"{'alg':'EdDSA'}"#,
        "\u{feff}{\"alg\":\"EdDSA\"}",
    ] {
        let token = signed(header, claims().to_string());
        cases.refused(&format!("header {header:?}"), token, "header");
    }
    let list = format!(r#"["EdDSA","at+jwt","{id}"]"#);
    let token = signed(list, claims().to_string());
    cases.refused("header that is a list of its values", token, "header");
    let token = signed(
        b"{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"\xff\"}",
        claims().to_string(),
    );
    cases.refused("header that is not UTF-8", token, "header");
    let spaced =
        format!(" {{ \"kid\" : \"{id}\" ,\n\t\"typ\":\"\\u0061t+jwt\", \"alg\":\"EdDSA\" }} ");
    cases.accepted("header with spaces and an escape", &spaced, &claims());
}

pub(super) fn tokens(cases: &mut Cases) {
    let token = sign(EdDsa, &claims());
    let [header, payload, signature] = parts(&token);
    for (name, text, code) in [
        ("empty", String::new(), "malformed"),
        ("two parts", format!("{header}.{payload}"), "malformed"),
        ("four parts", format!("{token}."), "malformed"),
        ("an empty part in front", format!(".{token}"), "header"),
        ("padding of the signature", format!("{token}="), "malformed"),
        ("a line feed at the end", format!("{token}\n"), "malformed"),
        ("a space in front", format!(" {token}"), "malformed"),
        (
            "padding of the header",
            format!("{header}=.{payload}.{signature}"),
            "malformed",
        ),
        (
            "padding of the payload",
            format!("{header}.{payload}==.{signature}"),
            "malformed",
        ),
        (
            "the other alphabet",
            format!("{header}.{payload}.{}+/", &signature[2..]),
            "malformed",
        ),
        (
            "a letter beyond ASCII",
            format!("{header}.{payload}.é{}", &signature[2..]),
            "malformed",
        ),
        (
            "a zero byte",
            format!("{header}.{payload}.\0{}", &signature[1..]),
            "malformed",
        ),
        (
            "a length that no bytes have",
            format!("{header}.{payload}.{}", &signature[1..]),
            "malformed",
        ),
        (
            "spare bits in the signature",
            with_spare_bits(&token),
            "malformed",
        ),
        (
            "more than 8192 bytes",
            format!("{header}.{payload}.{}", "A".repeat(8193)),
            "too_long",
        ),
        ("8193 bytes", of_length(8193), "too_long"),
        ("8193 bytes that are no token", "x".repeat(8193), "too_long"),
        (
            "8192 bytes that are no token",
            "x".repeat(8192),
            "malformed",
        ),
    ] {
        cases.refused(&format!("encoding: {name}"), text, code);
    }
    let longest = of_length(8192);
    let claims: Value =
        serde_json::from_slice(&BASE64.decode(parts(&longest)[1]).unwrap()).unwrap();
    cases.add("access", "encoding: 8192 bytes", longest, claims);
}
