//! The credentials of a client in `Authorization: Basic` (RFC 7617 §2, RFC 6749 §2.3.1).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, header};

/// The longest id or secret, in bytes; ours have less than 90.
const MAX_BYTES: usize = 256;

/// A client's id and secret.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
}

/// The header is there and cannot be read: more than one, another scheme, or malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not Basic credentials")]
pub struct BasicError;

/// The credentials of the only `Authorization: Basic` header, `None` without such a header.
///
/// # Errors
/// [`BasicError`].
pub fn basic_credentials(headers: &HeaderMap) -> Result<Option<BasicCredentials>, BasicError> {
    let mut lines = headers.get_all(header::AUTHORIZATION).into_iter();
    let line = match (lines.next(), lines.next()) {
        (None, _) => return Ok(None),
        (Some(line), None) => line.to_str().map_err(|_| BasicError)?,
        (Some(_), Some(_)) => return Err(BasicError),
    };
    let (scheme, encoded) = line.split_once(' ').ok_or(BasicError)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 2 * MAX_BYTES {
        return Err(BasicError);
    }
    let plain = BASE64_STANDARD.decode(encoded).map_err(|_| BasicError)?;
    let plain = String::from_utf8(plain).map_err(|_| BasicError)?;
    let (id, secret) = plain.split_once(':').ok_or(BasicError)?;
    Ok(Some(BasicCredentials {
        id: form_decoded(id)?,
        secret: form_decoded(secret)?,
    }))
}

/// RFC 6749 wants both encoded as values of a form. Ours have no letter that this changes, so clients that forget it are
/// understood too.
fn form_decoded(text: &str) -> Result<String, BasicError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit().ok_or(BasicError)?, digit().ok_or(BasicError)?);
                u8::try_from(high * 16 + low).map_err(|_| BasicError)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| BasicError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn read(lines: &[&[u8]]) -> Result<Option<(String, String)>, BasicError> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line).unwrap();
            headers.append(header::AUTHORIZATION, value);
        }
        basic_credentials(&headers).map(|found| found.map(|found| (found.id, found.secret)))
    }

    fn basic(plain: &str) -> Vec<u8> {
        format!("Basic {}", BASE64_STANDARD.encode(plain)).into_bytes()
    }

    #[test]
    fn the_credentials_of_the_only_header_are_read() {
        let pair = |id: &str, secret: &str| Ok(Some((id.to_owned(), secret.to_owned())));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[&basic("a:b")]), pair("a", "b"));
        assert_eq!(read(&[b"bAsIc YTpi"]), pair("a", "b"));
        assert_eq!(read(&[&basic("a:b:c")]), pair("a", "b:c"));
        assert_eq!(read(&[&basic("a%3Ab+c:%c3%A4")]), pair("a:b c", "ä"));
        assert_eq!(read(&[&basic(":")]), pair("", ""));
        let other: &[&[&[u8]]] = &[
            &[&basic("a:b"), &basic("a:b")],
            &[&basic("a:b"), b"Bearer x"],
            &[b"Bearer YTpi"],
            &[b"Basic"],
            &[b"Basic "],
            &[b"Basic  YTpi"],
            &[b"Basic YTpi "],
            &[b"Basic YTp"],
            &[b"Basic YTp="],
            &[&basic("a")],
            &[&basic("a%:b")],
            &[&basic("a%4:b")],
            &[&basic("a%+1:b")],
            &[&basic("a%ff:b")],
            &[b"Basic \xff"],
            &[&basic(&"a".repeat(2000))],
        ];
        for lines in other {
            assert_eq!(read(lines), Err(BasicError), "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn encoded_credentials_are_read_back(id in "\\PC{0,40}", secret in "\\PC{0,40}") {
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let line = basic(&format!("{}:{}", encode(&id), encode(&secret)));
            prop_assume!(line.len() < 500);
            prop_assert_eq!(read(&[&line]), Ok(Some((id, secret))));
        }

        #[test]
        fn no_header_makes_it_panic(line in prop::collection::vec(prop_oneof![b' '..127, 128..=255u8], 0..60)) {
            let _ = read(&[&line]);
        }
    }
}
