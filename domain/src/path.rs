//! The path of a request that a proxy asks about, in the one spelling that rules are matched on.
//!
//! A rule that is matched on one spelling while the service acts on another is a hole: `/a/../b`,
//! `/%61`, `//a`, `/a;x`, `/a%2f..%2fb` have all been one. So the path is decoded once, and what
//! could then still be read in two ways is refused, not repaired.

use std::fmt;

/// The longest request target that is looked at, in bytes.
pub const MAX_TARGET_BYTES: usize = 8192;

/// A path, decoded once (RFC 3986 §2.1), without query; it has no dot segments, no empty segments
/// and nothing that servers read differently. A slash at the end is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPath(String);

/// Why a request target is no path that rules can be matched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is not a request target in origin form (RFC 9112 §3.2.1), or badly escaped.
    #[error("the request target is malformed")]
    Malformed,
    /// Servers do not agree on what it names.
    #[error("the path can be read in two ways")]
    Ambiguous,
}

impl RequestPath {
    /// Reads the path of a request target (`/album?page=2`).
    ///
    /// # Errors
    /// [`PathError::Malformed`] for everything that no browser sends: no slash in front, a
    /// fragment, spaces, controls, letters outside ASCII, broken escapes, more than
    /// [`MAX_TARGET_BYTES`]. [`PathError::Ambiguous`] for dot segments, empty segments, `;`, `\`,
    /// escaped slashes, question marks, number signs and controls, double escapes, text that is not UTF-8.
    pub fn parse(target: &str) -> Result<Self, PathError> {
        let is_plain = |b: u8| b.is_ascii_graphic() && b != b'#';
        if target.len() > MAX_TARGET_BYTES
            || !target.starts_with('/')
            || !target.bytes().all(is_plain)
        {
            return Err(PathError::Malformed);
        }
        let path = target.split('?').next().unwrap_or_default();
        let decoded = decode(path)?;
        let body = decoded.strip_suffix('/').unwrap_or(&decoded);
        // Windows drops spaces at the end of a name, and then `.. ` is `..`.
        let is_segment = |segment: &str| !matches!(segment.trim_matches(' '), "" | "." | "..");
        if !body.is_empty() && !body.split('/').skip(1).all(is_segment) {
            return Err(PathError::Ambiguous);
        }
        Ok(Self(decoded))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Decodes once, and refuses what would be decoded further or mean something else afterwards.
fn decode(path: &str) -> Result<String, PathError> {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        if byte != b'%' {
            // `;x=1` belongs to the segment for some servers and is cut off by others.
            if byte == b';' || byte == b'\\' {
                return Err(PathError::Ambiguous);
            }
            decoded.push(byte);
            place += 1;
            continue;
        }
        let digit = |offset: usize| {
            let digit = char::from(*bytes.get(place + offset)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (Some(high), Some(low)) = (digit(1), digit(2)) else {
            return Err(PathError::Malformed);
        };
        let byte = high << 4 | low;
        if byte.is_ascii_control() || matches!(byte, b'/' | b'\\' | b';' | b'?' | b'#') {
            return Err(PathError::Ambiguous);
        }
        decoded.push(byte);
        place += 3;
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::Ambiguous)?;
    // `%2561` is `%61` here and `a` for a server that decodes again.
    let is_escape = |window: &[u8]| {
        window[0] == b'%' && window[1].is_ascii_hexdigit() && window[2].is_ascii_hexdigit()
    };
    if decoded.as_bytes().windows(3).any(is_escape) {
        return Err(PathError::Ambiguous);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_has_no_query() {
        for (target, path) in [
            ("/", "/"),
            ("/album/1?page=2", "/album/1"),
            ("/?/admin", "/"),
            ("/a%20b/%C3%A4", "/a b/ä"),
            ("/album/", "/album/"),
            ("/100%25", "/100%"),
            ("/a.b/..c/.d/...", "/a.b/..c/.d/..."),
            ("/a?x=/../%2e%2e;%00", "/a"),
            ("/@me/a:b,c!$&'()*+=~", "/@me/a:b,c!$&'()*+=~"),
        ] {
            let parsed = RequestPath::parse(target);
            assert_eq!(
                parsed.as_ref().map(RequestPath::as_str),
                Ok(path),
                "{target}"
            );
        }
    }

    #[test]
    fn must_survive_22_what_can_be_read_in_two_ways_is_refused() {
        for target in [
            "/public/../admin",
            "/public/%2e%2e/admin",
            "/public/.%2E/admin",
            "/public/..",
            "/.",
            "/./admin",
            "/public/..%20/admin",
            "/public/%20./admin",
            "/public/%20/admin",
            "//admin",
            "/public//admin",
            "/admin//",
            "/public%2fadmin",
            "/public%2F..%2Fadmin",
            "/public%5cadmin",
            "/public\\admin",
            "/admin;x=1",
            "/admin%3bx",
            "/public;/../admin",
            "/admin%00",
            "/admin%0a",
            "/admin%7f",
            "/%2561dmin",
            "/public/%252e%252e/admin",
            "/%ff",
            "/%c0%af",
        ] {
            let parsed = RequestPath::parse(target);
            assert_eq!(parsed, Err(PathError::Ambiguous), "{target}");
        }
    }

    #[test]
    fn r1_a_malformed_target_is_no_path() {
        for target in [
            "",
            "admin",
            "?x",
            "*",
            "https://photos.example.com/",
            "/a b",
            "/a#b",
            "/#",
            "/a\u{0}",
            "/a\n",
            "/ä",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
        ] {
            let parsed = RequestPath::parse(target);
            assert_eq!(parsed, Err(PathError::Malformed), "{target:?}");
        }
        let long = format!("/{}", "a".repeat(MAX_TARGET_BYTES));
        assert_eq!(RequestPath::parse(&long), Err(PathError::Malformed));
    }

    #[test]
    fn r22_an_escaped_beginning_of_a_query_or_fragment_can_be_read_in_two_ways() {
        for target in ["/metrics%3f", "/metrics%3Fx", "/metrics%23", "/a/%23/b?x"] {
            assert_eq!(
                RequestPath::parse(target),
                Err(PathError::Ambiguous),
                "{target}"
            );
        }
        assert!(RequestPath::parse("/metrics?x=%3f%23").is_ok());
    }
}
