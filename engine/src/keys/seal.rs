//! Values that must be read back but are not stored in the clear: XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03) with a random 192-bit nonce and the key's id in front.
//!
//! The associated data names the row, so that a sealed value moved to another row does not open.

use crate::{
    Error, Rng,
    keys::keyring::{KEY_ID_BYTES, Keyring},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

const NONCE_BYTES: usize = 24;

/// A sealed value did not open: another key, another row, or a changed byte.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open: it was sealed under a retired key, or changed")]
pub(crate) struct UnsealError;

/// Seals `plain` under the active key, for the row that `aad` names.
pub(crate) fn seal(keys: &Keyring, rng: &Rng, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let id = keys.active_id();
    let key = keys
        .sealing(id)
        .ok_or_else(|| Error::internal(UnsealError))?;
    let nonce = rng.bytes::<NONCE_BYTES>();
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| Error::internal(UnsealError))?;
    Ok([id.as_slice(), &nonce, &sealed].concat())
}

/// Opens what [`seal`] made for the same row.
pub(crate) fn open(keys: &Keyring, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let unreadable = || Error::internal(UnsealError);
    let (id, rest) = sealed
        .split_first_chunk::<KEY_ID_BYTES>()
        .ok_or_else(unreadable)?;
    let (nonce, text) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or_else(unreadable)?;
    let key = keys.sealing(*id).ok_or_else(unreadable)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad })
        .map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_unchanged_and_in_its_own_row() {
        let keys = Keyring::parse(&"A".repeat(43)).unwrap();
        let sealed = seal(&keys, &Rng::seeded(1), b"row 1", b"secret").unwrap();
        assert_eq!(open(&keys, b"row 1", &sealed).unwrap(), b"secret");
        assert!(open(&keys, b"row 2", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&keys, b"row 1", &changed).is_err(), "byte {index}");
        }
        assert!(open(&keys, b"row 1", &[]).is_err());
    }
}
