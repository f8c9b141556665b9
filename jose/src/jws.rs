//! JWS in Compact Serialization (RFC 7515 §7.1).

use crate::{Algorithm, KeySet, PublicKey, SigningKey, TokenError};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

/// The longest token that is looked at, in bytes. Ours have less than 1500.
pub const MAX_BYTES: usize = 8192;

/// The header of a token (RFC 7515 §4.1): these three parameters, and no other. So no token brings a key along (`jwk`, `jku`,
/// `x5c`, `x5u`), and none has an extension that a reader would have to understand (`crit`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name of the algorithm, as it is written.
    pub alg: String,
    /// The media type, without `application/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
    /// The id of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}

/// A token whose signature is right. What it says is still to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The header.
    pub header: Header,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Signs a payload.
///
/// # Errors
/// When the payload cannot be written as JSON, or the key cannot sign.
pub fn sign(
    key: &SigningKey,
    typ: &str,
    payload: &impl Serialize,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let header = Header {
        alg: key.algorithm().as_str().to_owned(),
        typ: Some(typ.to_owned()),
        kid: Some(key.id().to_owned()),
    };
    let mut text = BASE64.encode(serde_json::to_vec(&header)?);
    text.push('.');
    BASE64.encode_string(serde_json::to_vec(payload)?, &mut text);
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    BASE64.encode_string(signature, &mut text);
    Ok(text)
}

/// A token taken apart; nothing of it is checked yet.
pub(crate) struct Parts<'t> {
    signed: &'t str,
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> Parts<'t> {
    pub(crate) fn parse(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::TooLong);
        }
        let decode = |part: &str| BASE64.decode(part).map_err(|_| TokenError::Malformed);
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header = decode(header)?;
        Ok(Self {
            signed,
            header: serde_json::from_slice(&header).map_err(|_| TokenError::Header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// Checks the signature. The algorithm is the key's; the token must only agree.
    fn open(self, key: &PublicKey) -> Result<Opened, TokenError> {
        if Algorithm::from_name(&self.header.alg) != Some(key.algorithm()) {
            return Err(TokenError::Algorithm);
        }
        key.check(self.signed.as_bytes(), &self.signature)?;
        Ok(Opened {
            header: self.header,
            payload: self.payload,
        })
    }
}

impl PublicKey {
    /// Checks a token that must be signed with this key; a key id in it must be this key's.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(&self, token: &str) -> Result<Opened, TokenError> {
        let parts = Parts::parse(token)?;
        if parts
            .header
            .kid
            .as_deref()
            .is_some_and(|id| id != self.id())
        {
            return Err(TokenError::KeyId);
        }
        parts.open(self)
    }
}

impl KeySet {
    /// Checks a token that must name a key of this set.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(&self, token: &str) -> Result<Opened, TokenError> {
        let parts = Parts::parse(token)?;
        let key = (parts.header.kid.as_deref())
            .and_then(|id| self.find(id))
            .ok_or(TokenError::KeyId)?;
        parts.open(key)
    }
}
