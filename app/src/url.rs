//! URLs of pages: percent-encoding of values, and reading values from a query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The sign-in page that leads back to `return_to`.
#[must_use]
pub fn sign_in_url(return_to: &str) -> String {
    format!("/login?return_to={}", percent_encode(return_to))
}

/// Everything but the unreserved characters (RFC 3986 §2.3), so that there is one way to write a text.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A text as one segment of a path or one value of a query.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A value of a URL's query, decoded once. (The router decodes twice: `%2520` becomes a space, and
/// a redirect to `/my%20album` would lead elsewhere.)
pub(crate) fn query_value(path_and_query: &str, name: &str) -> Option<String> {
    let (_, query) = path_and_query.split_once('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_page_escapes_the_page_to_return_to() {
        assert_eq!(
            sign_in_url("/admin/users?q=ä&page=2"),
            "/login?return_to=%2Fadmin%2Fusers%3Fq%3D%C3%A4%26page%3D2"
        );
        assert_eq!(percent_encode("photo-gallery_1.x~"), "photo-gallery_1.x~");
    }

    #[test]
    fn a_value_of_a_query_is_decoded_once() {
        for (query, value) in [
            (
                "a=1&return_to=%2Fmy%2520album%3Fq%3Da%252Bb",
                Some("/my%20album?q=a%2Bb"),
            ),
            ("return_to=100%2525", Some("100%25")),
            ("return_to=a+b", Some("a b")),
            ("return_to=&x", Some("")),
            ("return_to", Some("")),
            ("Return_to=a", None),
            ("", None),
        ] {
            let url = format!("/login?{query}");
            assert_eq!(query_value(&url, "return_to").as_deref(), value, "{query}");
        }
    }
}
