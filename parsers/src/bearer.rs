//! The token in `Authorization: Bearer` (RFC 6750 §2.1) or `Authorization: DPoP` (RFC 9449 §7.1).

use crate::token::is_token68_byte;
use http::{HeaderMap, HeaderName, header};

/// The token of the only `Authorization: Bearer` header. Of two headers, a proxy in between may have read the
/// other one, so neither counts; nor does another scheme or anything that is not a token.
#[must_use]
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    bearer_token_in(headers, &header::AUTHORIZATION)
}

fn bearer_token_in<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    match access_token_in(headers, name)? {
        (Scheme::Bearer, token) => Some(token),
        (Scheme::Dpop, _) => None,
    }
}

/// How a token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Whoever has it may use it.
    Bearer,
    /// With a proof that its key is there.
    Dpop,
}

/// The token of the only header of this name, in which somebody may pass on an `Authorization` that is not their own.
#[must_use]
pub fn access_token_in<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<(Scheme, &'h str)> {
    let mut lines = headers.get_all(name).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let is_token = !token.is_empty() && token.bytes().all(is_token68_byte);
    let scheme = match scheme {
        _ if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        _ if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        _ => return None,
    };
    is_token.then_some((scheme, token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn sent(lines: &[&[u8]]) -> Option<String> {
        let headers = lines
            .iter()
            .map(|line| {
                (
                    header::AUTHORIZATION,
                    HeaderValue::from_bytes(line).unwrap(),
                )
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        bearer_token(&headers).map(str::to_owned)
    }

    #[test]
    fn r37_only_one_bearer_token_is_a_token() {
        assert_eq!(
            sent(&[b"Bearer abc.DEF-1_~+/="]).as_deref(),
            Some("abc.DEF-1_~+/=")
        );
        assert_eq!(sent(&[b"bearer abc"]).as_deref(), Some("abc"));
        for line in [
            &b"Basic YTpi"[..],
            b"Bearer",
            b"Bearer ",
            b"Bearer  abc",
            b"Bearer abc def",
            b"Bearer abc,def",
            b"abc",
            b"Bearer \xff",
        ] {
            assert_eq!(sent(&[line]), None, "{line:?}");
        }
        assert_eq!(sent(&[]), None);
        assert_eq!(sent(&[b"Bearer abc", b"Bearer abc"]), None);
        assert_eq!(sent(&[b"Bearer abc", b"Basic YTpi"]), None);
    }

    #[test]
    fn a_token_is_presented_with_a_proof_or_without() {
        let read = |line: &'static str| {
            let headers = [(header::AUTHORIZATION, HeaderValue::from_static(line))];
            let headers: HeaderMap = headers.into_iter().collect();
            let found = access_token_in(&headers, &header::AUTHORIZATION);
            found.map(|(scheme, token)| (scheme, token.to_owned()))
        };
        assert_eq!(read("DPoP abc"), Some((Scheme::Dpop, "abc".to_owned())));
        assert_eq!(read("dpop abc"), Some((Scheme::Dpop, "abc".to_owned())));
        assert_eq!(read("Bearer abc"), Some((Scheme::Bearer, "abc".to_owned())));
        assert_eq!(read("DPoPs abc"), None);
        assert_eq!(sent(&[b"DPoP abc"]), None, "no service token");
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(b'\t'), b' '..127, 128..=255u8];
        let scheme = "[Bb]earer|BEARER|Basic|Bearer:|";
        let token = "[A-Za-z0-9._~+/=-]{0,8}";
        prop_oneof![
            6 => (scheme, "| |  |\t", token).prop_map(|parts| [parts.0, parts.1, parts.2].concat().into()),
            2 => ("[Bb]earer ", token, byte.clone(), token)
                .prop_map(|parts| [parts.0.as_bytes(), parts.1.as_bytes(), &[parts.2], parts.3.as_bytes()].concat()),
            1 => prop::collection::vec(byte, 0..12),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn r37_a_token_is_everything_after_the_scheme_of_the_only_line(
            lines in prop_oneof![
                4 => prop::collection::vec(line(), 1),
                1 => prop::collection::vec(line(), 0..4),
            ]
        ) {
            let is_letter = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
            let expected = match &lines[..] {
                [line] if line.len() > 7 && line[..7].eq_ignore_ascii_case(b"bearer ") => {
                    line[7..].iter().all(is_letter).then(|| line[7..].to_vec())
                }
                _ => None,
            };
            let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(sent(&lines).map(String::into_bytes), expected);
        }
    }
}
