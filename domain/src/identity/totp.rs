//! TOTP (RFC 6238): codes as users type them, and the shared secret.

use crate::{id::UserId, secret::SecretText};
use time::OffsetDateTime;

/// Seconds in a time step (RFC 6238 §4.1, X).
pub const STEP_SECONDS: u64 = 30;

/// Digits in a code.
pub const DIGITS: usize = 6;

/// The longest text that is parsed as a code, in bytes: six digits and the separators of an app.
const MAX_TYPED: usize = 64;

/// A code: six ASCII digits.
#[derive(Debug, Clone)]
pub struct TotpCode(SecretText);

/// The text cannot be a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a TOTP code")]
pub struct TotpCodeError;

impl TotpCode {
    /// Parses a code as apps display it: `123 456`, `123-456`. White space and separators are ignored; other
    /// digits (such as Arabic-Indic ones) are refused. Another spelling of a code is not a second use of it,
    /// because one-time use is decided by the time step, in the database (RFC 6238 §5.2).
    ///
    /// # Errors
    /// [`TotpCodeError`] for anything but six ASCII digits.
    pub fn parse(text: &str) -> Result<Self, TotpCodeError> {
        if text.len() > MAX_TYPED {
            return Err(TotpCodeError);
        }
        let digits: String = text.chars().filter(|c| !is_separator(*c)).collect();
        if digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(SecretText::new(digits)))
        } else {
            Err(TotpCodeError)
        }
    }

    /// The digits, for the comparison with the expected ones.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Separators that apps and users put between digits. Zero-width characters are copied along with a code.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '·' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

/// A user's authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpSecret {
    /// Whose it is.
    pub user_id: UserId,
    /// The shared secret, sealed.
    pub sealed: Vec<u8>,
    /// When the app was set up.
    pub confirmed_at: OffsetDateTime,
    /// The time step of the last code that was accepted. RFC 6238 §5.2: a code is accepted once, and never an older
    /// one after a newer; one conditional statement of the store decides.
    pub last_step: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_7_a_code_parses_as_apps_display_it() {
        for text in [
            "123456",
            "123 456",
            "123\u{a0}456",
            "123\u{202f}456",
            "123-456",
            "12 34 56",
            " 123456",
            "123456 ",
            "123456\n",
            "\u{200b}123456",
        ] {
            let code = TotpCode::parse(text).unwrap();
            assert_eq!(code.digits(), "123456", "{text:?}");
        }
    }

    #[test]
    fn r29_anything_but_six_ascii_digits_is_refused() {
        for text in [
            "١٢٣٤٥٦",
            "１２３４５６",
            "12345",
            "1234567",
            "",
            "12345a",
            "+12345",
            "+123456",
            "123_456",
            "123,456",
            "   ",
        ] {
            assert!(TotpCode::parse(text).is_err(), "{text:?}");
        }
        let padded = format!("{}123456", " ".repeat(MAX_TYPED));
        assert!(TotpCode::parse(&padded).is_err());
    }

    #[test]
    fn every_separator_is_ignored_up_to_the_longest_text() {
        for separator in [
            '-', '.', '·', '\u{2012}', '\u{200c}', '\u{2060}', '\u{feff}',
        ] {
            let code = TotpCode::parse(&format!("123{separator}456")).unwrap();
            assert_eq!(code.digits(), "123456", "{separator:?}");
        }
        let longest = format!("{}123456", " ".repeat(MAX_TYPED - 6));
        assert!(TotpCode::parse(&longest).is_ok());
        assert!(TotpCode::parse(&format!(" {longest}")).is_err());
    }
}
