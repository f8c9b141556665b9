//! JSON that two readers would read differently.

use super::Cases;
use crate::signer::{claims, header_with, signed};
use serde_json::Value;

/// Claims as they are written, which no serializer would write.
pub(super) fn json(cases: &mut Cases) {
    let good = claims().to_string();
    let body = good.trim_end_matches('}');
    let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for (name, more) in [
        ("aud twice, the same", r#","aud":"photos""#.to_owned()),
        ("aud twice, another", r#","aud":"mail""#.to_owned()),
        ("sub twice", r#","sub":"other""#.to_owned()),
        (
            "a member twice below cnf",
            r#","cnf":{"jkt":"a","jkt":"b"}"#.to_owned(),
        ),
        (
            "a member twice in a list",
            r#","list":[{"a":1,"a":1}]"#.to_owned(),
        ),
        (
            "a member twice, five deep",
            r#","a":{"b":[[{"c":{"d":1,"e":2,"d":3}}]]}"#.to_owned(),
        ),
        (
            "a member twice, once escaped",
            r#","\u0061ud":"mail""#.to_owned(),
        ),
        (
            "__proto__ twice",
            r#","__proto__":1,"__proto__":2"#.to_owned(),
        ),
        ("an empty name twice", r#","":1,"":2"#.to_owned()),
        ("half a character", r#","a":"\ud83d""#.to_owned()),
        ("half a character in a name", r#","\udc00":1"#.to_owned()),
        (
            "half a character before another escape",
            r#","a":"\ud83d\u0041""#.to_owned(),
        ),
        (
            "half a character before a letter",
            r#","a":"\ud83dA""#.to_owned(),
        ),
        (
            "halves in the wrong order",
            r#","a":"\ude00\ud83d""#.to_owned(),
        ),
        ("a number without end", r#","a":1e999"#.to_owned()),
        ("NaN", r#","a":NaN"#.to_owned()),
        ("Infinity", r#","a":-Infinity"#.to_owned()),
        ("a zero in front", r#","a":01"#.to_owned()),
        ("a plus in front", r#","a":+1"#.to_owned()),
        ("a number that ends in a point", r#","a":1."#.to_owned()),
        ("a hexadecimal number", r#","a":0x1"#.to_owned()),
        ("a comma at the end", ",".to_owned()),
        ("a comma at the end of a list", r#","a":[1,]"#.to_owned()),
        ("a comment", r#"/* */,"a":1"#.to_owned()),
        ("single quotes", ",'a':1".to_owned()),
        ("a name without quotes", ",a:1".to_owned()),
        ("a line feed in a text", ",\"a\":\"\n\"".to_owned()),
        ("a tab in a text", ",\"a\":\"\t\"".to_owned()),
        ("an unknown escape", r#","a":"\x41""#.to_owned()),
        ("a short escape", r#","a":"\u41""#.to_owned()),
        ("another kind of space", ",\u{a0}\"a\":1".to_owned()),
        ("a form feed", ",\u{c}\"a\":1".to_owned()),
        ("200 lists in each other", format!(r#","a":{}"#, deep(200))),
        (
            "2000 lists in each other",
            format!(r#","a":{}"#, deep(2000)),
        ),
    ] {
        let token = signed(header_with(""), format!("{body}{more}}}"));
        cases.add("access", &format!("JSON: {name}"), token, "claims");
    }
    for payload in [
        "[]",
        "1",
        "",
        "{",
        "null",
        "\"text\"",
        "{} {}",
        "\u{feff}{}",
        "{\"a\"}",
        "{}\0",
    ] {
        let token = signed(header_with(""), payload);
        cases.add("access", &format!("payload {payload:?}"), token, "claims");
    }
    for bytes in [
        &b"\xff"[..],
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ] {
        let payload = [body.as_bytes(), b",\"a\":\"", bytes, b"\"}"].concat();
        let token = signed(header_with(""), payload);
        let name = format!("JSON: bytes that are not UTF-8: {bytes:02x?}");
        cases.add("access", &name, token, "claims");
    }
    for (name, more) in [
        ("spaces", " ,\r\n\t \"a\" : [ 1 , { } ] ".to_owned()),
        (
            "both halves of a character",
            r#","a":"\ud83d\ude00""#.to_owned(),
        ),
        (
            "every escape",
            r#","a":"\"\\\/\b\f\n\r\t\u0000\u00e9""#.to_owned(),
        ),
        (
            "the same name at two depths",
            r#","a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]"#.to_owned(),
        ),
        ("names in two cases", r#","Sub":"other","SUB":1"#.to_owned()),
        ("100 lists in each other", format!(r#","a":{}"#, deep(100))),
    ] {
        let text = format!("{body}{more}}}");
        let expected: Value = serde_json::from_str(&text).unwrap();
        let token = signed(header_with(""), text);
        cases.add("access", &format!("JSON: {name}"), token, expected);
    }
}
