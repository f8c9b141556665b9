//! Types for secrets: `Debug` prints nothing of them, there is no `Display`, equality is constant-time, memory is
//! wiped on drop, and only a method named `expose…` returns the value.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The random bytes of a credential: a device secret, a service token's secret, a code.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes<const N: usize>([u8; N]);

impl<const N: usize> SecretBytes<N> {
    /// Wraps bytes from the engine's generator or from a parsed credential.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be hashed, sealed or sent to their owner.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> PartialEq for SecretBytes<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Eq for SecretBytes<N> {}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(…)")
    }
}

/// A secret text, such as a service token, an enrolment link or a TOTP secret.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps text that must not reach a log.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the response or cookie that carries it to its owner.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_of_a_secret_does_not_contain_it() {
        let shown = format!(
            "{:?} {:?}",
            SecretBytes::new([7; 32]),
            SecretText::new("hunter2")
        );
        assert_eq!(shown, "SecretBytes(…) SecretText(…)");
    }

    #[test]
    fn r18_secrets_are_compared_in_constant_time() {
        assert_eq!(SecretBytes::new([7; 32]), SecretBytes::new([7; 32]));
        for bit in 0..256 {
            let mut other = [7; 32];
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(
                SecretBytes::new([7; 32]),
                SecretBytes::new(other),
                "bit {bit}"
            );
        }
        // What no result shows: that it takes as long for each. `derive(PartialEq)` and `==` would stop at the first difference.
        let source = include_str!("secret.rs");
        let (_, equality) = source.split_once("PartialEq for SecretBytes").unwrap();
        let (equality, _) = equality.split_once("\n}\n").unwrap();
        assert!(equality.contains("self.0.ct_eq(&other.0).into()") && !equality.contains("=="));
    }

    #[test]
    fn the_exposed_value_is_the_wrapped_one() {
        assert_eq!(SecretBytes::new([7; 4]).expose(), &[7; 4]);
        assert_eq!(SecretText::new("hunter2").expose_secret(), "hunter2");
    }
}
