//! E-mail addresses as account names: one account has one spelling.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The longest address accepted, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const MAX_LENGTH: usize = 254;

/// A canonical address: ASCII, lower case, no surrounding space.
///
/// The canonical form is what uniqueness, throttling and look-ups use, so that no alias of a
/// spelling gives a second account or a second set of guesses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(Box<str>);

/// Why a text is not an address we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("Enter an e-mail address.")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("An e-mail address has at most 254 characters.")]
    TooLong,
    /// Not `local@domain` in plain ASCII.
    #[error("Write the e-mail address like ada@example.com, in plain letters.")]
    Malformed,
}

impl Email {
    /// Parses and canonicalises an address.
    ///
    /// # Errors
    /// [`EmailError`] names what is wrong in words for the person who typed it.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if !is_dotted(local, |b| {
            b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
        }) || local.len() > 64
            || !is_dotted(domain, |b| b.is_ascii_alphanumeric() || b == b'-')
            || domain
                .split('.')
                .any(|label| label.len() > 63 || label.starts_with('-') || label.ends_with('-'))
        {
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

/// Non-empty runs of allowed bytes with single dots between them.
fn is_dotted(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(&allowed))
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_email_addresses_are_canonicalised() {
        for spelling in ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@Example.com "] {
            assert_eq!(
                Email::parse(spelling).map(String::from),
                Ok("ada@example.com".to_owned())
            );
        }
    }

    #[test]
    fn r2_lookalike_and_malformed_addresses_are_rejected() {
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
}
