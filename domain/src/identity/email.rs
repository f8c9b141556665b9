//! E-mail addresses as user names: each user has one spelling.

use crate::{request::host::is_label, text::parsed_text};
use serde::{Deserialize, Serialize};

/// The longest address accepted, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const MAX_LENGTH: usize = 254;

const MAX_LOCAL_LENGTH: usize = 64;

/// A canonical address: ASCII, lower case, no surrounding space.
///
/// Uniqueness, throttling and look-ups use the canonical form, so that another spelling is neither another
/// user nor another set of guesses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(Box<str>);

/// Why a text is not an accepted address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It is empty.
    #[error("empty e-mail address")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("e-mail address too long")]
    TooLong,
    /// Not `local@domain` in plain ASCII.
    #[error("malformed e-mail address")]
    Malformed,
}

impl Email {
    /// Parses and canonicalises an address.
    ///
    /// # Errors
    /// [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if !is_local_part(local) || !domain.split('.').all(is_label) {
            return Err(EmailError::Malformed);
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A dot-string (RFC 5321 §4.1.2) of at most 64 bytes (§4.5.3.1.1).
fn is_local_part(text: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    text.len() <= MAX_LOCAL_LENGTH
        && text
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

parsed_text!(Email, EmailError, as_str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_every_spelling_of_an_address_is_one_user() {
        for spelling in ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@Example.com "] {
            assert_eq!(
                Email::parse(spelling).map(String::from),
                Ok("ada@example.com".to_owned())
            );
        }
    }

    #[test]
    fn r2_lookalikes_and_malformed_addresses_are_refused() {
        for text in [
            "ada",
            "@",
            "a@",
            "@b",
            "a b@c.d",
            "ada@exa mple.com",
            "ada@example..com",
            "ada@.example.com",
            "ada@example.com.",
            "ada@@example.com",
            "a\0da@example.com",
            "ada@example.com\r\nX: y",
            "\u{430}da@example.com",
            "ada@ex\u{e4}mple.com",
            "ada@-example.com",
            "\u{a0}ada@example.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Email::parse(&format!("{}@example.com", "a".repeat(250))),
            Err(EmailError::TooLong)
        );
    }

    #[test]
    fn an_address_has_the_lengths_and_letters_of_rfc_5321() {
        let labels = [63, 63, 61].map(|length| "b".repeat(length)).join(".");
        let longest = format!("{}@{labels}", "a".repeat(64));
        assert_eq!(longest.len(), MAX_LENGTH);
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(
            Email::parse(&format!("{longest}b")),
            Err(EmailError::TooLong)
        );
        for text in [
            format!("{}@example.com", "a".repeat(65)),
            format!("ada@{}.com", "b".repeat(64)),
            "ada.@example.com".to_owned(),
            ".ada@example.com".to_owned(),
            "ada..b@example.com".to_owned(),
            "ada\"b@example.com".to_owned(),
            "ada@exam_ple.com".to_owned(),
            "ada@example-.com".to_owned(),
        ] {
            assert_eq!(Email::parse(&text), Err(EmailError::Malformed), "{text}");
        }
        for text in ["a.!#$%&'*+-/=?^_`{|}~0@example.com", "ada@localhost"] {
            let email = Email::parse(text).unwrap();
            assert_eq!((email.as_str(), email.to_string()), (text, text.to_owned()));
            assert_eq!(text.parse(), Ok(email.clone()));
            assert_eq!(Email::try_from(text.to_owned()), Ok(email));
        }
        assert_eq!(Email::parse(" "), Err(EmailError::Empty));
    }
}
