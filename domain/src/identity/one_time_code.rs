//! One-time codes that travel in links: setup, invitation. 112 bits, shown once, stored hashed.

use crate::secret::SecretBytes;
use std::fmt;

/// Random bytes in a code; 14 × 8 = 112 bits (security promise for links).
pub const ENTROPY_BYTES: usize = 14;

/// Crockford's base 32: no I, L, O, U, so a code survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of the printed form: ceil(112 / 5).
const PRINTED_LENGTH: usize = 23;

/// A one-time code. Only its digest is stored; see [`OneTimeCode::bytes`].
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(SecretBytes<ENTROPY_BYTES>);

/// The text is not a code of ours. It says no more: codes are secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a one-time code")]
pub struct OneTimeCodeError;

impl OneTimeCode {
    /// Makes a code of fresh random bytes.
    #[must_use]
    pub const fn from_entropy(bytes: [u8; ENTROPY_BYTES]) -> Self {
        Self(SecretBytes::new(bytes))
    }

    /// Parses the printed form; case and hyphens do not matter.
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
            bits = (bits << 5) | value as u128;
            count += 1;
            if count > PRINTED_LENGTH {
                return Err(OneTimeCodeError);
            }
        }
        // 23 × 5 = 115 bits: the top three must be zero, or one code would have eight spellings.
        if count != PRINTED_LENGTH || bits >> 112 != 0 {
            return Err(OneTimeCodeError);
        }
        let mut bytes = [0; ENTROPY_BYTES];
        bytes.copy_from_slice(&bits.to_be_bytes()[2..]);
        Ok(Self::from_entropy(bytes))
    }

    /// The printed form for the one link that carries it.
    #[must_use]
    pub fn expose_secret(&self) -> String {
        let mut wide = [0; 16];
        wide[2..].copy_from_slice(self.0.expose());
        let bits = u128::from_be_bytes(wide);
        (0..PRINTED_LENGTH)
            .rev()
            .map(|place| char::from(ALPHABET[(bits >> (place * 5)) as usize & 31]))
            .collect()
    }

    /// The raw bytes, to be digested for storage and look-up.
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
    fn codes_round_trip_through_text_in_any_case_with_or_without_hyphens() {
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
}
