//! The path of a request that a proxy asks about, in the one spelling that rules are matched on.
//!
//! A rule that is matched on one spelling while the service acts on another is a hole: `/a/../b`,
//! `/%61`, `//a`, `/a;x`, `/a%2f..%2fb` have all been one. So the path is decoded once, and what
//! could then still be read in two ways is refused, not repaired.

use std::{borrow::Cow, fmt};

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
    /// A segment is a dot segment or empty if it is one for a server that drops white space and
    /// invisible characters, or that reads compatibility forms of `.`, `/` and `\` as these.
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
        let careless = careless(&decoded);
        let body = careless.strip_suffix('/').unwrap_or(&careless);
        // Windows drops spaces at the end of a name, many programs trim white space, and HFS+ ignores
        // invisible characters wherever they are: then `.. ` is `..`.
        let is_segment = |segment: &str| {
            let mut seen = segment.chars().filter(|c| !is_blank(*c));
            !matches!(
                (seen.next(), seen.next(), seen.next()),
                (None, ..) | (Some('.'), None, _) | (Some('.'), Some('.'), None)
            )
        };
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

/// Whether servers drop this character from a name, or from its ends: white space (Unicode
/// White_Space), which `trim` of most languages takes off, and what is not seen
/// (Default_Ignorable_Code_Point and the controls), which HFS+ ignores (git CVE-2014-9390) and some
/// languages trim as white space (U+180E, U+200B, U+FEFF).
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Unicode's controls (Cc) and Default_Ignorable_Code_Point (DerivedCoreProperties.txt).
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The path as a server takes it that replaces compatibility forms (NFKC, Windows' best fit) by
/// ASCII: `．．／admin` is `../admin` there.
pub(crate) fn careless(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        return Cow::Borrowed(path);
    }
    let mut ascii = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '\u{2024}' | '\u{FE52}' => ascii.push('.'),
            '\u{2025}' => ascii.push_str(".."),
            '\u{2026}' => ascii.push_str("..."),
            '\u{FF0F}' | '\u{FF3C}' | '\u{FE68}' => ascii.push('/'),
            // The full-width forms stand in ASCII's order.
            '\u{FF01}'..='\u{FF5E}' => ascii.extend(char::from_u32(c as u32 - 0xFEE0)),
            c => ascii.push(c),
        }
    }
    Cow::Owned(ascii)
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
    // U+0085 ends a line for some servers, as `%0a` does.
    if decoded.chars().any(char::is_control) {
        return Err(PathError::Ambiguous);
    }
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
    fn must_survive_22_ambiguous_paths_are_rejected() {
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
    fn r1_malformed_targets_are_rejected() {
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
    fn r22_an_escaped_question_mark_or_hash_is_ambiguous() {
        for target in ["/metrics%3f", "/metrics%3Fx", "/metrics%23", "/a/%23/b?x"] {
            assert_eq!(
                RequestPath::parse(target),
                Err(PathError::Ambiguous),
                "{target}"
            );
        }
        assert!(RequestPath::parse("/metrics?x=%3f%23").is_ok());
    }

    #[test]
    fn audit_15_unicode_white_space_around_dot_segments_is_rejected() {
        for target in [
            "/%C2%A0.%20/",
            "/public/..%C2%A0/admin",
            "/public/%E3%80%80../admin",
            "/public/.%E2%80%8B./admin",
            "/public/..%EF%BB%BF",
            "/public/%E1%A0%8E./x",
            "/public/..%E2%81%A0/admin",
            "/public/%E2%80%A8../admin",
            "/public/%C2%AD/admin",
            "/public/.%20./admin",
            "/public/..%C2%85/admin",
            "/%E2%80%8B/admin",
            "/public/%EF%BC%8E%EF%BC%8E/admin",
            "/public/%EF%BC%8E%EF%BC%8E%EF%BC%8Fadmin",
            "/public/x%EF%BC%BC..%EF%BC%BCadmin",
            "/public/%E2%80%A5/admin",
        ] {
            let parsed = RequestPath::parse(target);
            assert_eq!(parsed, Err(PathError::Ambiguous), "{target}");
        }
    }

    #[test]
    fn audit_15_every_white_space_character_is_recognised() {
        let blanks = (0..=0x10_FFFF)
            .filter_map(char::from_u32)
            .filter(|c| is_blank(*c));
        for blank in blanks.filter(|c| !c.is_ascii()) {
            for segment in [
                format!("{blank}"),
                format!("{blank}."),
                format!("..{blank}"),
                format!(".{blank}."),
            ] {
                let escaped: String = segment.bytes().map(|byte| format!("%{byte:02X}")).collect();
                for target in [format!("/{escaped}"), format!("/a/{escaped}/b")] {
                    assert_eq!(
                        RequestPath::parse(&target),
                        Err(PathError::Ambiguous),
                        "{target}"
                    );
                }
            }
        }
    }

    #[test]
    fn audit_15_segments_may_contain_white_space() {
        for (target, path) in [
            // Persian writes with joiners, and Japanese with wide marks.
            ("/%D9%85%DB%8C%E2%80%8C%D8%AE", "/می\u{200C}خ"),
            ("/AC%EF%BC%8FDC", "/AC／DC"),
            ("/a%C2%A0b/.hidden%20", "/a\u{A0}b/.hidden "),
        ] {
            let parsed = RequestPath::parse(target);
            assert_eq!(
                parsed.as_ref().map(RequestPath::as_str),
                Ok(path),
                "{target}"
            );
        }
    }
}
