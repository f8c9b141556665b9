//! TOTP (RFC 6238): the code as typed, and the rule of one-time use.

use crate::secret::SecretText;

/// Seconds in a time step (RFC 6238 §4.1, X).
pub const STEP_SECONDS: u64 = 30;

/// Digits in a code.
pub const DIGITS: usize = 6;

/// A code exactly as an authenticator shows it: six ASCII digits.
#[derive(Debug, Clone)]
pub struct TotpCode(SecretText);

/// The text cannot be a code. Says nothing about whether one would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter the six digits that your authenticator app shows.")]
pub struct TotpCodeError;

impl TotpCode {
    /// Parses six ASCII digits; nothing is trimmed or folded.
    ///
    /// # Errors
    /// [`TotpCodeError`] for spaces, other digits (such as Arabic-Indic ones) or another length:
    /// a spelling that compares differently but verifies alike would be a second use of one code.
    pub fn parse(text: &str) -> Result<Self, TotpCodeError> {
        if text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(SecretText::new(text)))
        } else {
            Err(TotpCodeError)
        }
    }

    /// The digits, for the comparison with the expected ones.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.reveal_once()
    }
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
    fn r29_totp_with_spaces_is_not_a_second_chance() {
        assert!(TotpCode::parse("123456").is_ok());
        for text in [
            " 123456",
            "123456 ",
            "123 456",
            "123456\n",
            "١٢٣٤٥٦",
            "１２３４５６",
            "12345",
            "1234567",
            "",
            "12345a",
            "+12345",
        ] {
            assert!(TotpCode::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn must_survive_2_an_older_step_after_a_newer_one_is_refused() {
        assert!(is_fresh_step(5, None));
        assert!(is_fresh_step(6, Some(5)));
        assert!(!is_fresh_step(5, Some(5)));
        assert!(!is_fresh_step(4, Some(5)));
    }
}
