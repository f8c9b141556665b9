//! `Cookie` lines: ours is read if it was sent exactly once, and a service gets every cookie except ours.

use http::{HeaderMap, HeaderValue, header};
use latchkey_parsers::cookies::{pairs, single, without};

const OURS: &str = "__Host-latchkey";

/// The reference is another algorithm: every index at which the name stands and a cookie begins.
fn values(line: &[u8]) -> Vec<&[u8]> {
    let start = [OURS.as_bytes(), b"="].concat();
    let begins = |index: &usize| {
        let before = line[..*index].trim_ascii_end();
        line[*index..].starts_with(&start) && (before.is_empty() || before.ends_with(b";"))
    };
    (0..line.len())
        .filter(begins)
        .map(|index| {
            let rest = &line[index + start.len()..];
            let end = rest.iter().position(|byte| *byte == b';');
            rest[..end.unwrap_or(rest.len())].trim_ascii_end()
        })
        .collect()
}

/// Checks one `Cookie` header a line.
pub fn check(data: &[u8]) {
    let lines: Vec<HeaderValue> = data
        .split(|byte| *byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let headers: HeaderMap = lines
        .iter()
        .map(|line| (header::COOKIE, line.clone()))
        .collect();
    let all: Vec<&[u8]> = lines
        .iter()
        .flat_map(|line| values(line.as_bytes()))
        .collect();
    let expected = match all[..] {
        [value] => std::str::from_utf8(value).ok(),
        _ => None,
    };
    assert_eq!(single(&headers, OURS), expected);

    // A server that splits cookies at every byte that cannot be part of a name does not find ours either.
    let start = [OURS.as_bytes(), b"="].concat();
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_other = |pair: &&[u8]| {
        !(0..pair.len()).any(|index| {
            pair[index..].starts_with(&start) && !pair[..index].last().is_some_and(is_of_a_name)
        })
    };
    let others: Vec<&[u8]> = pairs(&headers).filter(is_other).collect();
    let rest: HeaderMap = without(&headers, &[OURS])
        .into_iter()
        .map(|line| (header::COOKIE, line))
        .collect();
    assert_eq!(pairs(&rest).collect::<Vec<_>>(), others);
}
