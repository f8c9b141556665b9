//! What is computed from keys: HKDF-SHA256 (RFC 5869), and digests to look rows up by.

use latchkey_jose::{Algorithm, SigningKey};
use ring::{digest, hkdf};
use zeroize::Zeroizing;

/// A master key, from which keys for single purposes are derived.
pub(crate) struct Root(hkdf::Prk);

impl Root {
    pub(crate) fn new(master: &[u8; 32]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey").extract(master))
    }

    /// The bytes for a purpose.
    pub(crate) fn expand<const N: usize>(&self, info: &[u8]) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        let info = [info];
        let expanded = self.0.expand(&info, Length(N));
        // HKDF-SHA256 refuses only more than 255 × 32 bytes.
        if expanded.and_then(|bytes| bytes.fill(key.as_mut())).is_err() {
            unreachable!("a key is at most 64 bytes");
        }
        key
    }

    /// A key for ES256: the first candidate that is a scalar of P-256. All but one in 2³² are.
    pub(crate) fn signing_key(&self, purpose: &[u8]) -> SigningKey {
        (0u8..)
            .find_map(|candidate| {
                let bytes = self.expand::<32>(&[purpose, &[candidate][..]].concat());
                SigningKey::from_bytes(Algorithm::Es256, bytes.as_slice()).ok()
            })
            .unwrap_or_else(|| unreachable!("256 candidates, each good with all but 2⁻³²"))
    }
}

/// Bytes of a derived key.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// SHA-256 of a random value under a name, to look a row up by: a leaked row does not give the value.
pub(crate) fn digest(name: &str, value: &[u8]) -> [u8; 32] {
    #[cfg(test)]
    super::keyring::work::note(name.len() + 1 + value.len());
    let mut sha = digest::Context::new(&digest::SHA256);
    sha.update(name.as_bytes());
    sha.update(&[0]);
    sha.update(value);
    let mut out = [0; 32];
    out.copy_from_slice(sha.finish().as_ref());
    out
}
