//! What holds for every `Cookie` header, whoever wrote it.

use super::{brought::pairs, *};
use axum::http::{HeaderValue, header};
use proptest::prelude::*;

const NAME: &str = HOST_DEVICE;

/// Lines as somebody writes them who wants two readers to see two things.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &'static str| Just(text.as_bytes().to_vec());
    let piece = prop_oneof![
        6 => text("__Host-latchkey=x"),
        2 => text(NAME),
        1 => text("__Host-latchkey-session=x"),
        1 => text("__host-latchkey=x"),
        1 => text("a=b"),
        1 => text("a=__Host-latchkey=x"),
        6 => text(";"),
        3 => text("; "),
        2 => text("="),
        1 => text(" "),
        1 => text("\t"),
        1 => text(","),
        1 => text("\""),
        1 => text("$Version=1"),
        1 => prop::collection::vec(prop_oneof![Just(b'\t'), b' '..127, 128..=255u8], 0..4),
    ];
    prop::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

/// Another algorithm than ours: every place where the name stands and a cookie begins.
fn values(line: &[u8]) -> Vec<&[u8]> {
    let start = [NAME.as_bytes(), b"="].concat();
    let begins = |place: &usize| {
        let before = line[..*place].trim_ascii_end();
        line[*place..].starts_with(&start) && (before.is_empty() || before.ends_with(b";"))
    };
    (0..line.len())
        .filter(begins)
        .map(|place| {
            let rest = &line[place + start.len()..];
            let end = rest.iter().position(|byte| *byte == b';');
            rest[..end.unwrap_or(rest.len())].trim_ascii_end()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn must_survive_20_a_cookie_is_read_if_and_only_if_it_stands_once(
        lines in prop::collection::vec(line(), 0..4)
    ) {
        let headers: HeaderMap = lines
            .iter()
            .map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap()))
            .collect();
        let expected = match lines.iter().flat_map(|line| values(line)).collect::<Vec<_>>()[..] {
            [value] => std::str::from_utf8(value).ok(),
            _ => None,
        };
        prop_assert_eq!(only(&headers, NAME), expected);
    }

    #[test]
    fn a_service_sees_every_cookie_but_ours(lines in prop::collection::vec(line(), 0..4)) {
        let headers: HeaderMap = lines
            .iter()
            .map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap()))
            .collect();
        let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let begins = |pair: &[u8], name: &str| {
            let start = [name.as_bytes(), b"="].concat();
            (0..pair.len()).any(|place| {
                pair[place..].starts_with(&start) && (place == 0 || !is_of_a_name(pair[place - 1]))
            })
        };
        let expected: Vec<_> = pairs(&headers)
            .filter(|pair| ALL.iter().all(|name| !begins(pair, name)))
            .collect();
        let seen: HeaderMap = of_others(&headers)
            .into_iter()
            .map(|rest| (header::COOKIE, rest))
            .collect();
        prop_assert_eq!(pairs(&seen).collect::<Vec<_>>(), expected);
    }
}
