//! What a browser brought in `Cookie`, or whoever says that it is one.

use axum::http::{HeaderMap, HeaderValue, header};
use memchr::{memchr, memmem};
use std::iter;

/// Everything, as `name=value`. Bytes, not text: some other application's odd cookie must not hide ours.
pub(super) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .flat_map(|line| at_semicolons(line.as_bytes()))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty())
}

/// As `split`, which would look at each byte on its own: some browsers bring kilobytes.
fn at_semicolons(line: &[u8]) -> impl Iterator<Item = &[u8]> {
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

/// A pair's name and value. One without `=` has no name (RFC 6265bis §5.6).
fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'=', pair)?;
    Some((pair.get(..end)?, pair.get(end + 1..)?))
}

/// The value of the cookie of this name, if it came exactly once. Two of one name mean that
/// somebody else could set one (a sibling host, a path trick); we cannot tell which, so neither counts.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = pairs(headers)
        .filter_map(split)
        .filter(|(known, _)| *known == name.as_bytes())
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

/// The values of the cookies of this name, of at most `most` of them.
pub(super) fn all<'a>(headers: &'a HeaderMap, name: &str, most: usize) -> Vec<&'a str> {
    pairs(headers)
        .filter_map(split)
        .filter(|(known, _)| *known == name.as_bytes())
        .filter_map(|(_, value)| std::str::from_utf8(value).ok())
        .take(most)
        .collect()
}

/// All but those of these names, however often they came; `None` where nothing is left.
pub(super) fn without(headers: &HeaderMap, names: &[&str]) -> Option<HeaderValue> {
    let rest: Vec<_> = pairs(headers)
        .filter(|pair| !names.iter().any(|name| carries(pair, name.as_bytes())))
        .collect();
    HeaderValue::from_bytes(&rest.join(&b"; "[..]))
        .ok()
        .filter(|rest| !rest.is_empty())
}

/// Whether a pair has this name, or could be read as if a pair of this name began inside of it: a proxy that
/// joins two lines with a comma makes `a=b,name=value` of them, and some servers part them there.
fn carries(pair: &[u8], name: &[u8]) -> bool {
    memmem::find_iter(pair, name).any(|start| {
        let before = start.checked_sub(1).and_then(|place| pair.get(place));
        pair.get(start + name.len()) == Some(&b'=') && !before.is_some_and(is_of_a_name)
    })
}

/// What names are made of (RFC 9110 §5.6.2).
const fn is_of_a_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}
