//! The path of a request that a proxy asks about, in the spelling that rules are matched against.
//!
//! If a rule is matched against one spelling and the service acts on another, the rule can be bypassed: with
//! `/a/../b`, `/%61`, `//a`, `/a;x` or `/a%2f..%2fb`. So the path is decoded once, and a path that servers
//! could still interpret differently is refused, not repaired.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

/// The longest request target that is parsed, in bytes.
pub const MAX_TARGET_BYTES: usize = 8192;

/// A path, decoded once (RFC 3986 §2.1), without query. It has no dot segments, no empty segments
/// and nothing that servers interpret differently. A trailing slash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPath(String);

/// Why a request target has no path that rules can be matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is not a request target in origin form (RFC 9112 §3.2.1), or has a malformed escape.
    #[error("the request target is malformed")]
    Malformed,
    /// Servers interpret it differently.
    #[error("the path can be read in two ways")]
    Ambiguous,
}

impl RequestPath {
    /// Parses the path of a request target (`/album?page=2`).
    ///
    /// # Errors
    /// [`PathError::Malformed`] for targets that no browser sends: without a leading slash, with a
    /// fragment, spaces, controls, non-ASCII characters or malformed escapes, or longer than
    /// [`MAX_TARGET_BYTES`]. [`PathError::Ambiguous`] for dot segments, empty segments, `;`, `\`,
    /// escaped slashes, question marks, number signs and controls, double escapes, and invalid UTF-8.
    /// A segment counts as a dot segment or as empty if it is one for a server that removes white space and
    /// invisible characters, or that replaces compatibility forms of `.`, `/` and `\` by these.
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
        let ascii = to_ascii_forms(&decoded);
        let body = ascii.strip_suffix('/').unwrap_or(&ascii);
        // Windows removes trailing spaces, many programs trim white space, and HFS+ ignores invisible
        // characters anywhere: for them `.. ` is `..`.
        let is_segment = |segment: &str| {
            let mut seen = segment.chars().filter(|c| !is_blank(*c));
            !matches!(
                (seen.next(), seen.next(), seen.next()),
                (None, ..) | (Some('.'), None, _) | (Some('.'), Some('.'), None)
            )
        };
        if !body.split('/').skip(1).all(is_segment) {
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

/// Whether some servers remove this character from a name or from its ends: white space (Unicode
/// White_Space), which most languages' `trim` removes, and invisible characters
/// (Default_Ignorable_Code_Point and controls), which HFS+ ignores (git CVE-2014-9390) and some
/// languages trim as white space (U+180E, U+200B, U+FEFF).
fn is_blank(c: char) -> bool {
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

/// The path as a server interprets it that replaces compatibility forms (NFKC, Windows' best fit) by
/// ASCII: there `．．／admin` is `../admin`.
pub(crate) fn to_ascii_forms(path: &str) -> Cow<'_, str> {
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
            // The full-width forms are in the order of ASCII.
            '\u{FF01}'..='\u{FF5E}' => ascii.extend(char::from_u32(c as u32 - 0xFEE0)),
            c => ascii.push(c),
        }
    }
    Cow::Owned(ascii)
}

/// Decodes once, and refuses a path that could be decoded again or whose meaning decoding changes.
fn decode(path: &str) -> Result<String, PathError> {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        if byte != b'%' {
            // Some servers keep `;x=1` as part of the segment, others remove it.
            if byte == b';' || byte == b'\\' {
                return Err(PathError::Ambiguous);
            }
            decoded.push(byte);
            index += 1;
            continue;
        }
        let digit = |offset: usize| {
            let digit = char::from(*bytes.get(index + offset)?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (Some(high), Some(low)) = (digit(1), digit(2)) else {
            return Err(PathError::Malformed);
        };
        let byte = high * 16 + low;
        if byte.is_ascii_control() || matches!(byte, b'/' | b'\\' | b';' | b'?' | b'#') {
            return Err(PathError::Ambiguous);
        }
        decoded.push(byte);
        index += 3;
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::Ambiguous)?;
    // Some servers treat U+0085 as the end of a line, like `%0a`.
    if decoded.chars().any(char::is_control) {
        return Err(PathError::Ambiguous);
    }
    // `%2561` decodes to `%61`, and to `a` on a server that decodes twice.
    let is_escape = |window: &[u8]| {
        window[0] == b'%' && window[1].is_ascii_hexdigit() && window[2].is_ascii_hexdigit()
    };
    if decoded.as_bytes().windows(3).any(is_escape) {
        return Err(PathError::Ambiguous);
    }
    Ok(decoded)
}
