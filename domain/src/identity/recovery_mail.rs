//! Confirming a recovery by mail: a code that is worth something on one device, once, for a few minutes.
//!
//! It shows that whoever recovers reads the mailbox too. It is one part of a recovery and never all of it: it shortens no wait.

use crate::{
    id::{DeviceId, MailId, UserId},
    secret::SecretBytes,
};
use std::fmt;
use time::{Duration, OffsetDateTime};

/// How long a mail can be answered.
pub const LIFETIME: Duration = Duration::minutes(10);

/// How often a code is compared, right or wrong. So of the hundred million codes, five per mail can be tried.
pub const MAX_TRIES: u32 = 5;

/// Digits of a code.
pub const DIGITS: usize = 8;

/// The longest text that is read as a code.
const MAX_TYPED: usize = 64;

/// A code of eight digits. It is the same in the mail's text and in its link.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationCode(SecretBytes<DIGITS>);

/// The text is not a code. It is not part of the error, because codes are secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a confirmation code")]
pub struct ConfirmationCodeError;

/// What a mail confirms, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryMail {
    /// The mail. A try is counted for the mail with whose code it is compared.
    pub id: MailId,
    /// Who gets it.
    pub user: UserId,
    /// The device on which the code counts, and on no other.
    pub device: DeviceId,
    /// The tag of its code.
    pub code_tag: Vec<u8>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

impl ConfirmationCode {
    /// Creates a code of random bytes. Of 2⁶⁴ numbers, no code gets noticeably more than another.
    #[must_use]
    pub fn from_entropy(bytes: [u8; 8]) -> Self {
        let mut rest = u64::from_be_bytes(bytes);
        let mut digits = [0; DIGITS];
        for digit in &mut digits {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self(SecretBytes::new(digits))
    }

    /// Parses a code as users type it: also with spaces and hyphens.
    ///
    /// # Errors
    /// [`ConfirmationCodeError`] for anything else.
    pub fn parse_typed(text: &str) -> Result<Self, ConfirmationCodeError> {
        if text.len() > MAX_TYPED {
            return Err(ConfirmationCodeError);
        }
        let digits: Vec<u8> = (text.chars())
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| u8::try_from(letter).ok().filter(u8::is_ascii_digit))
            .collect::<Option<_>>()
            .ok_or(ConfirmationCodeError)?;
        let digits = digits.try_into().map_err(|_| ConfirmationCodeError)?;
        Ok(Self(SecretBytes::new(digits)))
    }

    /// The digits, for a link.
    #[must_use]
    pub fn expose_secret(&self) -> String {
        self.0.expose().iter().copied().map(char::from).collect()
    }

    /// The digits in two groups, to be read and typed.
    #[must_use]
    pub fn expose_in_groups(&self) -> String {
        let digits = self.expose_secret();
        let (first, second) = digits.split_at(DIGITS / 2);
        format!("{first} {second}")
    }

    /// The digits, to be tagged.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; DIGITS] {
        self.0.expose()
    }
}

impl fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eight_digits_and_is_read_as_it_may_be_typed() {
        let code = ConfirmationCode::from_entropy(87_654_321_u64.to_be_bytes());
        assert_eq!(code.expose_in_groups(), "1234 5678");
        assert_eq!(format!("{code:?}"), "ConfirmationCode(…)");
        for typed in ["12345678", "1234 5678", " 1234-5678\n", "1 2 3 4 5 6 7 8"] {
            assert_eq!(ConfirmationCode::parse_typed(typed), Ok(code.clone()));
        }
        let zeros = ConfirmationCode::from_entropy([0; 8]);
        assert_eq!(zeros.expose_secret(), "00000000");
    }

    #[test]
    fn malformed_confirmation_codes_are_rejected() {
        for wrong in [
            "",
            "1234567",
            "123456789",
            "1234567a",
            "１２３４５６７８",
            "+1234567",
            &format!("12345678{}", " ".repeat(100)),
        ] {
            assert!(ConfirmationCode::parse_typed(wrong).is_err(), "{wrong}");
        }
    }
}
