//! Lines of `Cookie` as they came: ours is read if it stands there once, and what goes on to a service has
//! every cookie but ours.

#[path = "../../../server/src/web/cookies/brought.rs"]
#[allow(dead_code)]
mod brought;

use axum::http::{HeaderMap, HeaderValue, header};
use brought::{only, pairs, without};

const OURS: &str = "__Host-latchkey";

/// Another algorithm: every place where the name stands and a cookie begins.
fn values(line: &[u8]) -> Vec<&[u8]> {
    let start = [OURS.as_bytes(), b"="].concat();
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
    assert_eq!(only(&headers, OURS), expected);

    // A server that parts cookies at whatever is no letter of a name does not find ours either.
    let start = [OURS.as_bytes(), b"="].concat();
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_other = |pair: &&[u8]| {
        !(0..pair.len()).any(|place| {
            pair[place..].starts_with(&start) && !pair[..place].last().is_some_and(is_of_a_name)
        })
    };
    let others: Vec<&[u8]> = pairs(&headers).filter(is_other).collect();
    let rest: HeaderMap = without(&headers, &[OURS])
        .into_iter()
        .map(|line| (header::COOKIE, line))
        .collect();
    assert_eq!(pairs(&rest).collect::<Vec<_>>(), others);
}
