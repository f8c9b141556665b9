//! TOTP (RFC 6238): the code as typed, and the rule of one-time use.

use crate::secret::SecretText;

/// Seconds in a time step (RFC 6238 §4.1, X).
pub const STEP_SECONDS: u64 = 30;

/// Digits in a code.
pub const DIGITS: usize = 6;

/// The longest text that is read as a code, in bytes: six digits and whatever an app puts between them.
const MAX_TYPED: usize = 64;

/// A code: six ASCII digits.
#[derive(Debug, Clone)]
pub struct TotpCode(SecretText);

/// The text cannot be a code. Says nothing about whether one would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter the six digits that your authenticator app shows.")]
pub struct TotpCodeError;

impl TotpCode {
    /// Reads a code as an app displays it: `123 456`, `123-456`. White space and separators are dropped; other
    /// digits (such as Arabic-Indic ones) are not folded. No spelling is a second use of a code, because
    /// one-time use is decided by the time step ([`is_fresh_step`]).
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

/// What apps and people put between digits. A zero-width space and its like come along when a code is copied.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '·' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

/// Whether a code of time step `step` may still be accepted when `last` was the last one accepted
/// (RFC 6238 §5.2: a verifier must not accept the second attempt of an OTP).
#[must_use]
pub fn is_fresh_step(step: u64, last: Option<u64>) -> bool {
    last.is_none_or(|last| step > last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_7_totp_codes_may_contain_separators() {
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
    fn r29_anything_but_six_ascii_digits_is_rejected() {
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
    fn must_survive_2_an_older_time_step_after_a_newer_one_is_rejected() {
        assert!(is_fresh_step(5, None));
        assert!(is_fresh_step(6, Some(5)));
        assert!(!is_fresh_step(5, Some(5)));
        assert!(!is_fresh_step(4, Some(5)));
    }
}
