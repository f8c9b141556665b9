//! Making signing keys.
//!
//! Those for EdDSA and ES256 are 32 random bytes. Those for RS256 are two primes, which takes a tenth of a second or more, so they are made only
//! where a client needs them: when the first such client is added and when the key is rotated, on a thread for work that blocks, and
//! before the transaction begins. No token request ever makes one.
//!
//! The crate `rsa` makes the primes and does nothing else: ring signs and verifies, in constant time and with blinding.

use super::{purpose::KeyPurpose, sealed_key::StoredKey, signing::SigningKeys, store};
use crate::{Engine, Error, Result, Rng, unit_of_work::Tx};
use latchkey_domain::event::KeyRotated;
use latchkey_jose::{Algorithm, SigningKey};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey as _};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bits of an RSA modulus. What it signs is good for fifteen minutes, so nobody gains from breaking a key after it was rotated:
/// 112 bits of security (NIST SP 800-57 part 1, table 2) are enough, every library and gateway reads them, and signing takes a third
/// of the time of 3072 bits.
const RSA_BITS: usize = 2048;

/// A key that signs from now on, and the one after it.
pub(crate) struct KeyPair {
    pub(crate) current: SigningKey,
    pub(crate) next: SigningKey,
}

/// A random key. For RS256, call it on a thread for work that blocks.
pub(crate) fn random_key(algorithm: Algorithm, rng: &Rng) -> Result<SigningKey> {
    match algorithm {
        Algorithm::EdDsa | Algorithm::Es256 => loop {
            // All but one in 2³² of 32 random bytes are a scalar of P-256.
            let bytes = Zeroizing::new(rng.bytes::<32>());
            if let Ok(key) = SigningKey::from_bytes(algorithm, bytes.as_slice()) {
                return Ok(key);
            }
        },
        Algorithm::Rs256 => {
            let key = RsaPrivateKey::new(&mut rng.fork(), RSA_BITS).map_err(Error::internal)?;
            let document = key.to_pkcs8_der().map_err(Error::internal)?;
            SigningKey::from_bytes(algorithm, document.as_bytes()).map_err(Error::internal)
        }
    }
}

impl Engine {
    /// A random key for a purpose, made on another thread if it takes long.
    pub(crate) async fn random_key(&self, purpose: KeyPurpose) -> Result<SigningKey> {
        let (algorithm, rng) = (purpose.algorithm(), self.inner.settings.rng.clone());
        if purpose.is_always_there() {
            return random_key(algorithm, &rng);
        }
        let made = tokio::task::spawn_blocking(move || random_key(algorithm, &rng));
        made.await.map_err(Error::internal)?
    }

    /// The first keys of a purpose, if there are none yet. They are written by [`Engine::add_first_keys`].
    pub(crate) async fn first_keys(&self, purpose: KeyPurpose) -> Result<Option<KeyPair>> {
        if self.signing_keys().current(purpose).is_ok() {
            return Ok(None);
        }
        Ok(Some(KeyPair {
            current: self.random_key(purpose).await?,
            next: self.random_key(purpose).await?,
        }))
    }

    /// Writes the first keys of a purpose, unless another process did that meanwhile.
    pub(crate) async fn add_first_keys(
        &self,
        tx: &mut Tx<'_>,
        purpose: KeyPurpose,
        first: KeyPair,
    ) -> Result<()> {
        let stored = SigningKeys::new(self.stored_keys(tx.db()).await?);
        if stored.current(purpose).is_ok() {
            return Ok(());
        }
        let (keys, rng, now) = (
            &self.inner.keys,
            &self.inner.settings.rng,
            self.now().unix_timestamp(),
        );
        let event = KeyRotated {
            purpose: purpose.as_str(),
            before: None,
            after: first.current.id().to_owned(),
        };
        for key in [
            StoredKey::current(purpose, first.current, now),
            StoredKey::next(purpose, first.next, now),
        ] {
            store::put(tx.db(), key.seal(keys, rng)?).await?;
        }
        tx.apply(event).await
    }

    /// Reads the keys again if one for a purpose is not in memory: it was made a moment ago, by this process or another.
    pub(crate) async fn find_keys(&self, purpose: KeyPurpose) -> Result<()> {
        if self.signing_keys().current(purpose).is_err() {
            let keys = self.newest_signing_keys().await?;
            self.inner.signing.store(Arc::new(keys));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two libraries must agree: one makes keys, the other is strict about what it reads.
    #[test]
    fn ring_reads_the_rsa_keys_that_are_made() {
        for seed in 0..8 {
            let key = random_key(Algorithm::Rs256, &Rng::seeded(seed)).unwrap();
            let signed = latchkey_jose::sign(&key, "JWT", &"text").unwrap();
            assert!(key.public().open(&signed).is_ok());
            let again = SigningKey::from_bytes(Algorithm::Rs256, &key.to_bytes()).unwrap();
            assert_eq!(again.id(), key.id());
            assert_eq!(key.public().to_bytes().len(), 2 + RSA_BITS / 8 + 3);
        }
    }
}
