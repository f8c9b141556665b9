//! A signature as the library makes and checks it, over the bytes that the signature of a token covers.

use latchkey_domain::tokens::access_token::TokenAlgorithm;
use ring::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use std::hint::black_box;

pub(crate) struct Signature {
    message: Vec<u8>,
    signature: Vec<u8>,
    public: UnparsedPublicKey<Vec<u8>>,
    key: Ed25519KeyPair,
}

impl Signature {
    /// Under a key of its own, which makes no difference to the time.
    pub(crate) fn over(token: &str, algorithm: TokenAlgorithm) -> Self {
        let message = token.rsplit_once('.').unwrap().0.as_bytes().to_vec();
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let (signature, public) = match algorithm {
            TokenAlgorithm::Es256 => {
                let (rng, kind) = (
                    SystemRandom::new(),
                    &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                );
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &rng).unwrap();
                let key = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).unwrap();
                let public = key.public_key().as_ref().to_vec();
                let kind: &dyn signature::VerificationAlgorithm =
                    &signature::ECDSA_P256_SHA256_FIXED;
                (
                    key.sign(&rng, &message).unwrap(),
                    UnparsedPublicKey::new(kind, public),
                )
            }
            _ => {
                let public = key.public_key().as_ref().to_vec();
                let kind: &dyn signature::VerificationAlgorithm = &signature::ED25519;
                (key.sign(&message), UnparsedPublicKey::new(kind, public))
            }
        };
        Self {
            signature: signature.as_ref().to_vec(),
            message,
            public,
            key,
        }
    }

    pub(crate) fn is_right(&self) -> bool {
        let message = black_box(&self.message);
        self.public.verify(message, &self.signature).is_ok()
    }

    /// With Ed25519.
    pub(crate) fn sign(&self) -> signature::Signature {
        self.key.sign(black_box(&self.message))
    }
}
