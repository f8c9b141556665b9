//! The token in `Authorization: Bearer` (RFC 6750 §2.1).

use axum::http::{HeaderMap, header};

/// The token of the one `Authorization: Bearer` header. Two headers, another scheme, or anything
/// that is not a token is no token: whoever stands between may have read another one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let is_token = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

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
        bearer(&headers).map(str::to_owned)
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
}
