//! The `Cookie` header (RFC 6265bis §5.8.3), as a browser or anybody else sends it.

use crate::token::is_token_byte;
use http::{HeaderMap, HeaderValue, header};
use memchr::{memchr, memmem};
use std::iter;

/// All cookies as `name=value`. Bytes, not text: another application's malformed cookie must not hide ours.
pub fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .flat_map(|line| split_at_semicolons(line.as_bytes()))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

/// As `split`, but faster on the kilobytes that some browsers send.
fn split_at_semicolons(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    iter::from_fn(move || {
        let line = rest?;
        match memchr(b';', line).map(|end| line.split_at(end)) {
            Some((pair, after)) => {
                rest = after.get(1..);
                Some(pair)
            }
            None => rest.take(),
        }
    })
}

/// A pair's name and value. A pair without `=` has no name (RFC 6265bis §5.6).
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'=', pair)?;
    Some((pair.get(..end)?, pair.get(end + 1..)?))
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    pairs(headers)
        .filter_map(split)
        .filter(move |(known, _)| *known == name.as_bytes())
        .map(|(_, value)| value)
}

/// The value of the cookie with this name, if it was sent exactly once. Two cookies of one name mean that
/// somebody else could set one (a sibling host, another path); which is ours cannot be told, so neither counts.
#[must_use]
pub fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = values(headers, name);
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

/// The values of all cookies with this name, at most `limit` of them.
#[must_use]
pub fn all<'a>(headers: &'a HeaderMap, name: &str, limit: usize) -> Vec<&'a str> {
    values(headers, name)
        .filter_map(|value| std::str::from_utf8(value).ok())
        .take(limit)
        .collect()
}

/// All cookies except those with these names; `None` if none is left.
#[must_use]
pub fn without(headers: &HeaderMap, names: &[&str]) -> Option<HeaderValue> {
    let rest: Vec<_> = pairs(headers)
        .filter(|pair| {
            !names
                .iter()
                .any(|name| contains_cookie(pair, name.as_bytes()))
        })
        .collect();
    HeaderValue::from_bytes(&rest.join(&b"; "[..]))
        .ok()
        .filter(|rest| !rest.is_empty())
}

/// Whether a pair has this name, or could be read as containing a cookie of this name: a proxy that joins two
/// header lines with a comma sends `a=b,name=value`, and some servers split cookies at commas.
fn contains_cookie(pair: &[u8], name: &[u8]) -> bool {
    memmem::find_iter(pair, name).any(|start| {
        let before = start.checked_sub(1).and_then(|index| pair.get(index));
        pair.get(start + name.len()) == Some(&b'=')
            && !before.is_some_and(|byte| is_token_byte(*byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAME: &str = "__Host-latchkey";
    const OTHER: &str = "__Host-latchkey-session";

    fn sent(lines: &[Vec<u8>]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap()))
            .collect()
    }

    /// Header lines written so that two parsers read them differently.
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

    /// The reference is another algorithm: every index at which the name stands and a cookie begins.
    fn expected_values(line: &[u8]) -> Vec<&[u8]> {
        let start = [NAME.as_bytes(), b"="].concat();
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

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn must_survive_20_a_cookie_is_read_if_and_only_if_it_was_sent_once(
            lines in prop::collection::vec(line(), 0..4)
        ) {
            let headers = sent(&lines);
            let values: Vec<_> = lines.iter().flat_map(|line| expected_values(line)).collect();
            let expected = match values[..] {
                [value] => std::str::from_utf8(value).ok(),
                _ => None,
            };
            prop_assert_eq!(single(&headers, NAME), expected);
            let texts: Vec<_> = values.iter().filter_map(|value| std::str::from_utf8(value).ok()).collect();
            prop_assert_eq!(all(&headers, NAME, usize::MAX), texts);
        }

        #[test]
        fn must_survive_20_a_service_gets_every_cookie_except_ours(
            lines in prop::collection::vec(line(), 0..4)
        ) {
            let headers = sent(&lines);
            let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let begins = |pair: &[u8], name: &str| {
                let start = [name.as_bytes(), b"="].concat();
                (0..pair.len()).any(|index| {
                    pair[index..].starts_with(&start) && (index == 0 || !is_of_a_name(pair[index - 1]))
                })
            };
            let expected: Vec<_> = pairs(&headers)
                .filter(|pair| [NAME, OTHER].iter().all(|name| !begins(pair, name)))
                .collect();
            let rest = without(&headers, &[NAME, OTHER]);
            let rest: HeaderMap = rest.into_iter().map(|rest| (header::COOKIE, rest)).collect();
            prop_assert_eq!(pairs(&rest).collect::<Vec<_>>(), expected);
        }
    }
}
