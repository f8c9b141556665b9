//! Names that people give: of themselves, of devices, of passkeys. Any script, one line, bounded.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest name kept, in characters.
pub const MAX_CHARS: usize = 64;

/// A display name: trimmed, 1 to [`MAX_CHARS`] characters, no control or direction-changing
/// characters (they could make one name look like another in a list).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(Box<str>);

/// Why a text is not a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but space was given.
    #[error("Enter a name.")]
    Empty,
    /// More than [`MAX_CHARS`] characters.
    #[error("A name has at most 64 characters.")]
    TooLong,
    /// A control character, or one that changes the direction of writing.
    #[error("A name is one line of plain text.")]
    Unprintable,
}

impl DisplayName {
    /// Parses a name as a person typed it.
    ///
    /// # Errors
    /// [`NameError`] in words for the person.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX_CHARS {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_unprintable) {
            return Err(NameError::Unprintable);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DisplayName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DisplayName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r40_a_long_name_is_rejected_with_a_message_and_not_truncated() {
        assert_eq!(DisplayName::parse(&"x".repeat(65)), Err(NameError::TooLong));
        assert_eq!(
            DisplayName::parse(&"x".repeat(1_000_000)),
            Err(NameError::TooLong)
        );
        assert!(DisplayName::parse(&"\u{1f511}".repeat(64)).is_ok());
    }

    #[test]
    fn names_cannot_contain_line_breaks_or_bidi_controls() {
        for text in ["a\nb", "a\0b", "a\u{202e}b", "a\u{200b}b", "\u{1b}[31mred"] {
            assert_eq!(
                DisplayName::parse(text),
                Err(NameError::Unprintable),
                "{text:?}"
            );
        }
        assert_eq!(DisplayName::parse(" \t "), Err(NameError::Empty));
    }
}
