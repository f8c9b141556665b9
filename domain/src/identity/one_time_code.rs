//! One-time codes in links for setup and enrolment: 112 bits, shown once, stored hashed.

use crate::secret::SecretBytes;
use std::fmt;

/// Random bytes of a code: 14 × 8 = 112 bits.
pub const ENTROPY_BYTES: usize = 14;

/// Crockford's base 32, without I, L, O and U, which are easily confused.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of the printed form: ceil(112 / 5).
const PRINTED_LENGTH: usize = 23;

/// The lengths of its groups.
const GROUPS: [usize; 4] = [6, 6, 6, 5];

/// A one-time code. Only the digest of its [`bytes`](OneTimeCode::bytes) is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(SecretBytes<ENTROPY_BYTES>);

/// The text is not a code. It is not part of the error, because codes are secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a one-time code")]
pub struct OneTimeCodeError;

impl OneTimeCode {
    /// Creates a code of random bytes.
    #[must_use]
    pub const fn from_entropy(bytes: [u8; ENTROPY_BYTES]) -> Self {
        Self(SecretBytes::new(bytes))
    }

    /// Parses the printed form, in any case and with or without hyphens.
    ///
    /// # Errors
    /// [`OneTimeCodeError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, OneTimeCodeError> {
        if text.len() > 64 {
            return Err(OneTimeCodeError);
        }
        let mut bits = 0_u128;
        let mut count = 0_usize;
        for byte in text.bytes().filter(|b| *b != b'-') {
            let value = ALPHABET
                .iter()
                .position(|letter| *letter == byte.to_ascii_lowercase())
                .ok_or(OneTimeCodeError)?;
            bits = bits * 32 + value as u128;
            count += 1;
            if count > PRINTED_LENGTH {
                return Err(OneTimeCodeError);
            }
        }
        // 23 × 5 = 115 bits: the top three must be zero, otherwise one code would have eight spellings.
        if count != PRINTED_LENGTH || bits >> 112 != 0 {
            return Err(OneTimeCodeError);
        }
        let mut bytes = [0; ENTROPY_BYTES];
        bytes.copy_from_slice(&bits.to_be_bytes()[2..]);
        Ok(Self::from_entropy(bytes))
    }

    /// Parses the printed form as users type it: also with spaces, and with letters that look like digits.
    ///
    /// # Errors
    /// [`OneTimeCodeError`] for anything else.
    pub fn parse_typed(text: &str) -> Result<Self, OneTimeCodeError> {
        if text.len() > 128 {
            return Err(OneTimeCodeError);
        }
        let read = text
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .map(|letter| match letter.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                letter => letter,
            });
        Self::parse(&read.collect::<String>())
    }

    /// The printed form in groups, to be read and typed.
    #[must_use]
    pub fn expose_in_groups(&self) -> String {
        let text = self.expose_secret();
        let mut grouped = String::with_capacity(text.len() + GROUPS.len());
        let mut rest = text.as_str();
        for length in GROUPS {
            let (group, more) = rest.split_at(length);
            grouped.push_str(group);
            grouped.push_str(if more.is_empty() { "" } else { "-" });
            rest = more;
        }
        grouped
    }

    /// The printed form, for a link.
    #[must_use]
    pub fn expose_secret(&self) -> String {
        let mut wide = [0; 16];
        wide[2..].copy_from_slice(self.0.expose());
        let bits = u128::from_be_bytes(wide);
        (0..PRINTED_LENGTH)
            .rev()
            .map(|index| char::from(ALPHABET[(bits >> (index * 5)) as usize & 31]))
            .collect()
    }

    /// The bytes, to be hashed for storage and look-up.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; ENTROPY_BYTES] {
        self.0.expose()
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_code_parses_in_any_case_and_with_hyphens() {
        let code = OneTimeCode::from_entropy(*b"\xffabcdefghijkl\x01");
        let text = code.expose_secret();
        assert_eq!(text.len(), PRINTED_LENGTH);
        assert_eq!(OneTimeCode::parse(&text), Ok(code.clone()));
        let grouped = format!("{}-{}", text[..8].to_uppercase(), &text[8..]);
        assert_eq!(OneTimeCode::parse(&grouped), Ok(code));
    }

    #[test]
    fn malformed_one_time_codes_are_rejected() {
        let text = OneTimeCode::from_entropy([9; ENTROPY_BYTES]).expose_secret();
        for wrong in [
            "",
            "-",
            &text[1..],
            &format!("{text}0"),
            &format!("z{}", &text[1..]),
            &"0".repeat(100_000),
            "ü",
        ] {
            assert_eq!(OneTimeCode::parse(wrong), Err(OneTimeCodeError));
        }
    }

    #[test]
    fn the_printed_form_does_not_change() {
        // Computed by another program.
        let code = OneTimeCode::from_entropy(std::array::from_fn(|index| index as u8 * 19));
        assert_eq!(code.expose_secret(), "00169hs9hfq51crnezd3s7q");
        assert_eq!(code.bytes()[..3], [0, 19, 38]);
        assert_eq!(format!("{code:?}"), "OneTimeCode(…)");
    }

    #[test]
    fn a_code_in_groups_is_read_as_it_may_be_typed() {
        let code = OneTimeCode::from_entropy(std::array::from_fn(|index| index as u8 * 19));
        assert_eq!(code.expose_in_groups(), "00169h-s9hfq5-1crnez-d3s7q");
        for typed in [
            "00169h-s9hfq5-1crnez-d3s7q",
            " 00169H S9HFQ5 1CRNEZ D3S7Q\n",
            "OOI69h s9hfq5 lcrnezd3s7q",
        ] {
            assert_eq!(OneTimeCode::parse_typed(typed), Ok(code.clone()), "{typed}");
        }
        for wrong in ["", "00169h-s9hfq5", "u0169h-s9hfq5-1crnez-d3s7q"] {
            assert_eq!(OneTimeCode::parse_typed(wrong), Err(OneTimeCodeError));
        }
        assert!(OneTimeCode::parse_typed(&" ".repeat(200)).is_err());
    }

    #[test]
    fn a_code_has_a_longest_spelling() {
        let text = OneTimeCode::from_entropy([9; ENTROPY_BYTES]).expose_secret();
        let longest = format!("{}{text}", "-".repeat(64 - PRINTED_LENGTH));
        assert!(OneTimeCode::parse(&longest).is_ok());
        assert_eq!(
            OneTimeCode::parse(&format!("-{longest}")),
            Err(OneTimeCodeError)
        );
    }
}
