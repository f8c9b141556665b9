//! Display names of users, devices and passkeys: any script, one line, bounded.

use crate::text::parsed_text;
use serde::{Deserialize, Serialize};

/// The longest name, in characters.
pub const MAX_CHARS: usize = 64;

/// A display name: trimmed, 1 to [`MAX_CHARS`] characters, no control or direction-changing
/// characters (they could make one name look like another in a list).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(Box<str>);

/// Why a text is not a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has no visible character.
    #[error("empty name")]
    Empty,
    /// More than [`MAX_CHARS`] characters.
    #[error("name too long")]
    TooLong,
    /// It has a control character or one that changes the direction of writing.
    #[error("unprintable character in a name")]
    Unprintable,
}

impl DisplayName {
    /// Parses a name as a user typed it.
    ///
    /// # Errors
    /// [`NameError`].
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

parsed_text!(DisplayName, NameError, as_str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r40_a_long_name_is_refused_and_not_truncated() {
        assert_eq!(DisplayName::parse(&"x".repeat(65)), Err(NameError::TooLong));
        assert_eq!(
            DisplayName::parse(&"x".repeat(1_000_000)),
            Err(NameError::TooLong)
        );
        assert!(DisplayName::parse(&"\u{1f511}".repeat(64)).is_ok());
    }

    #[test]
    fn a_name_cannot_break_lines_or_change_the_direction_of_writing() {
        for text in ["a\nb", "a\0b", "a\u{202e}b", "a\u{200b}b", "\u{1b}[31mred"] {
            assert_eq!(
                DisplayName::parse(text),
                Err(NameError::Unprintable),
                "{text:?}"
            );
        }
        assert_eq!(DisplayName::parse(" \t "), Err(NameError::Empty));
    }

    #[test]
    fn a_name_is_trimmed_and_prints_as_it_parses() {
        for text in ["Ada", " Ada\t", "\u{3000}Ada\u{a0}"] {
            let name = DisplayName::parse(text).unwrap();
            assert_eq!((name.as_str(), name.to_string()), ("Ada", "Ada".to_owned()));
            assert_eq!(text.parse(), Ok(name.clone()));
            assert_eq!(DisplayName::try_from(text.to_owned()), Ok(name.clone()));
            assert_eq!(String::from(name), "Ada");
        }
    }
}
