//! Public keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use crate::{Algorithm, TokenError};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use p256::ecdsa::VerifyingKey;
use ring::{
    digest,
    signature::{self, RsaPublicKeyComponents, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest RSA modulus, in bytes: verifying takes longer than linearly.
const MAX_MODULUS_BYTES: usize = 512;
/// The shortest (RFC 7518 §3.3).
const MIN_MODULUS_BYTES: usize = 256;

/// A public key, with the one algorithm that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: String,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Material {
    Ed25519([u8; 32]),
    /// An uncompressed point (SEC 1 §2.3.3).
    P256([u8; 65]),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

/// A JWK, as it is published. Members that are not for signatures are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The key type.
    pub kty: String,
    /// The curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// What it is for: `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What may be done with it; `verify` must be among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
    /// The id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The point or its first coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The second coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The modulus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The public exponent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

/// A JWK is not a key that this crate verifies with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a public key for EdDSA, ES256 or RS256")]
pub struct JwkError;

impl PublicKey {
    /// A key for Ed25519. Its id is its thumbprint.
    #[must_use]
    pub fn ed25519(bytes: [u8; 32]) -> Self {
        Self::of(Material::Ed25519(bytes))
    }

    /// A key for ES256. Its id is its thumbprint.
    ///
    /// # Errors
    /// [`JwkError`] for the point at infinity, which is no key.
    pub fn es256(key: &VerifyingKey) -> Result<Self, JwkError> {
        let point = key.to_sec1_point(false);
        let point = point.as_bytes().try_into().map_err(|_| JwkError)?;
        Ok(Self::of(Material::P256(point)))
    }

    /// A key for RS256, of big-endian numbers without zeros in front (RFC 7518 §2): otherwise one key would have two
    /// thumbprints. Its id is its thumbprint.
    ///
    /// # Errors
    /// [`JwkError`] when the modulus has less than 2048 or more than 4096 bits.
    pub fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, JwkError> {
        let is_canonical = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
        let has_length = (MIN_MODULUS_BYTES..=MAX_MODULUS_BYTES).contains(&n.len());
        match is_canonical(&n) && is_canonical(&e) && has_length {
            true => Ok(Self::of(Material::Rsa { n, e })),
            false => Err(JwkError),
        }
    }

    /// A key of a JWK. The id that it says is kept; without one, it is the thumbprint.
    ///
    /// # Errors
    /// [`JwkError`] when the key is of another kind, for another algorithm or use, too short, or not a point of its curve.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, JwkError> {
        let bytes = |text: &Option<String>| -> Result<Vec<u8>, JwkError> {
            let text = text.as_deref().ok_or(JwkError)?;
            BASE64.decode(text).map_err(|_| JwkError)
        };
        let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => {
                Material::Ed25519(bytes(&jwk.x)?.try_into().map_err(|_| JwkError)?)
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
                if (x.len(), y.len()) != (32, 32) {
                    return Err(JwkError);
                }
                let point = [&[4][..], &x, &y].concat();
                VerifyingKey::from_sec1_bytes(&point).map_err(|_| JwkError)?;
                Material::P256(point.try_into().map_err(|_| JwkError)?)
            }
            ("RSA", None) => Self::rsa(bytes(&jwk.n)?, bytes(&jwk.e)?)?.material,
            _ => return Err(JwkError),
        };
        let mut key = Self::of(material);
        let is_for_us = (jwk.alg.as_deref()).is_none_or(|alg| alg == key.algorithm().as_str())
            && (jwk.purpose.as_deref()).is_none_or(|purpose| purpose == "sig")
            && (jwk.key_ops.as_ref()).is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_us {
            return Err(JwkError);
        }
        if let Some(id) = jwk.kid.clone() {
            key.id = id;
        }
        Ok(key)
    }

    fn of(material: Material) -> Self {
        let mut key = Self {
            id: String::new(),
            material,
        };
        key.id = key.thumbprint();
        key
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same key under another id than its thumbprint.
    #[must_use]
    pub fn with_id(self, id: String) -> Self {
        Self { id, ..self }
    }

    /// Reads what [`PublicKey::to_bytes`] wrote. Its id is its thumbprint.
    ///
    /// # Errors
    /// [`JwkError`] when the bytes are no key for this algorithm.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, JwkError> {
        match algorithm {
            Algorithm::EdDsa => Ok(Self::ed25519(bytes.try_into().map_err(|_| JwkError)?)),
            Algorithm::Es256 => {
                Self::es256(&VerifyingKey::from_sec1_bytes(bytes).map_err(|_| JwkError)?)
            }
            Algorithm::Rs256 => {
                let (length, rest) = bytes.split_first_chunk().ok_or(JwkError)?;
                let length = usize::from(u16::from_be_bytes(*length));
                let (n, e) = rest.split_at_checked(length).ok_or(JwkError)?;
                Self::rsa(n.to_vec(), e.to_vec())
            }
        }
    }

    /// The key in few bytes: of Ed25519 its 32, of P-256 the compressed point (SEC 1 §2.3.3), of RSA the length of the
    /// modulus in two bytes, the modulus and the exponent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.material {
            Material::Ed25519(key) => key.to_vec(),
            Material::P256(point) => {
                let sign = 2 + (point[64] & 1);
                [&[sign][..], &point[1..33]].concat()
            }
            Material::Rsa { n, e } => {
                let length = u16::try_from(n.len()).unwrap_or_default();
                [&length.to_be_bytes()[..], n, e].concat()
            }
        }
    }

    /// The algorithm that it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Ed25519(_) => Algorithm::EdDsa,
            Material::P256(_) => Algorithm::Es256,
            Material::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// The key as it is published.
    #[must_use]
    pub fn jwk(&self) -> Jwk {
        Jwk {
            alg: Some(self.algorithm().as_str().to_owned()),
            purpose: Some("sig".to_owned()),
            kid: Some(self.id.clone()),
            ..self.required_members()
        }
    }

    /// The members that make the key (RFC 7638 §3.2).
    pub(crate) fn required_members(&self) -> Jwk {
        let text = |bytes: &[u8]| Some(BASE64.encode(bytes));
        let jwk = |kty: &str, crv: Option<&str>| Jwk {
            kty: kty.to_owned(),
            crv: crv.map(str::to_owned),
            ..Jwk::default()
        };
        match &self.material {
            Material::Ed25519(x) => Jwk {
                x: text(x),
                ..jwk("OKP", Some("Ed25519"))
            },
            Material::P256(point) => Jwk {
                x: text(&point[1..33]),
                y: text(&point[33..]),
                ..jwk("EC", Some("P-256"))
            },
            Material::Rsa { n, e } => Jwk {
                n: text(n),
                e: text(e),
                ..jwk("RSA", None)
            },
        }
    }

    /// The thumbprint (RFC 7638, RFC 8037 §2): computed from the key, so that no set can give its id to another key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let jwk = self.required_members();
        let members = [
            ("crv", &jwk.crv),
            ("e", &jwk.e),
            ("kty", &Some(jwk.kty.clone())),
            ("n", &jwk.n),
            ("x", &jwk.x),
            ("y", &jwk.y),
        ];
        // In alphabetical order; the values are base64url and names, so nothing has to be escaped.
        let members: Vec<_> = members
            .into_iter()
            .filter_map(|(name, value)| Some(format!(r#""{name}":"{}""#, value.as_deref()?)))
            .collect();
        let text = format!("{{{}}}", members.join(","));
        BASE64.encode(digest::digest(&digest::SHA256, text.as_bytes()))
    }

    pub(crate) fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), TokenError> {
        let checked = match &self.material {
            Material::Ed25519(key) => {
                UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature)
            }
            Material::P256(key) => UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, key)
                .verify(message, signature),
            Material::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        checked.map_err(|_| TokenError::Signature)
    }
}
