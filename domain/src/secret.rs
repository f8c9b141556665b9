//! Secrets are types: their `Debug` prints nothing of them, there is no `Display`, equality is
//! constant-time, memory is wiped on drop, and the only way out is a method whose name says so.

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Random bytes that stand for a credential: a device secret, a service token's secret, a code.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes<const N: usize>([u8; N]);

impl<const N: usize> SecretBytes<N> {
    /// Takes bytes that came from the engine's generator or from a parsed credential.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be hashed, sealed or written into the one place they belong.
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

/// Text that is shown exactly once: a service token, an enrolment link, a TOTP secret.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps text that must not reach a log.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the single answer or cookie that carries it to its owner.
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
    fn debug_output_does_not_reveal_a_secret() {
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
    }
}
