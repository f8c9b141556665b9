//! Private keys.

use crate::{Algorithm, PublicKey};
use p256::ecdsa::{self, Signature, signature::Signer};
use ring::{
    rand::SystemRandom,
    signature::{self, Ed25519KeyPair, KeyPair, RsaKeyPair},
};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A private key. Its text form does not say it.
pub struct SigningKey {
    public: PublicKey,
    material: Material,
}

enum Material {
    /// The seed (RFC 8032 §5.1.5), and what was computed from it.
    Ed25519(Zeroizing<[u8; 32]>, Box<Ed25519KeyPair>),
    P256(Box<ecdsa::SigningKey>),
    /// PKCS #8, and what was read from it.
    Rsa(Zeroizing<Vec<u8>>, Box<RsaKeyPair>),
}

/// The bytes are not a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a private key")]
pub struct KeyError;

impl SigningKey {
    /// Reads a private key: 32 bytes for EdDSA and ES256, PKCS #8 for RS256.
    ///
    /// # Errors
    /// [`KeyError`] when they are none.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::EdDsa => {
                let seed: [u8; 32] = bytes.try_into().map_err(|_| KeyError)?;
                let seed = Zeroizing::new(seed);
                let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| KeyError)?;
                let public = pair.public_key().as_ref().try_into();
                Ok(Self {
                    public: PublicKey::ed25519(public.map_err(|_| KeyError)?),
                    material: Material::Ed25519(seed, Box::new(pair)),
                })
            }
            Algorithm::Es256 => {
                // The library reads shorter ones too, as if there were zeros in front.
                let bytes: &[u8; 32] = bytes.try_into().map_err(|_| KeyError)?;
                let key = ecdsa::SigningKey::from_slice(bytes).map_err(|_| KeyError)?;
                Ok(Self {
                    public: PublicKey::es256(key.verifying_key()).map_err(|_| KeyError)?,
                    material: Material::P256(Box::new(key)),
                })
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(bytes).map_err(|_| KeyError)?;
                let parts = signature::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                let public = PublicKey::rsa(parts.n, parts.e).map_err(|_| KeyError)?;
                Ok(Self {
                    public,
                    material: Material::Rsa(Zeroizing::new(bytes.to_vec()), Box::new(pair)),
                })
            }
        }
    }

    /// The bytes from which it can be read again.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match &self.material {
            Material::Ed25519(seed, _) => seed.to_vec(),
            Material::P256(key) => key.to_bytes().to_vec(),
            Material::Rsa(bytes, _) => bytes.to_vec(),
        })
    }

    /// The same key under another id than its thumbprint.
    #[must_use]
    pub fn with_id(self, id: String) -> Self {
        Self {
            public: self.public.with_id(id),
            ..self
        }
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.public.id()
    }

    /// The algorithm that it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Signs a message.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no random numbers for RSA's blinding.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(match &self.material {
            Material::Ed25519(_, pair) => pair.sign(message).as_ref().to_vec(),
            Material::P256(key) => {
                let signature: Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Material::Rsa(_, pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &signature::RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message,
                    &mut signature,
                )
                .map_err(|_| KeyError)?;
                signature
            }
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
