//! JWS in Compact Serialization (RFC 7515 §7.1).

use crate::{Algorithm, KeySet, PublicKey, SigningKey, TokenError, json};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    sign_with_header(key, &header, payload)
}

/// Signs a payload under a header, whose `alg` must be the key's.
pub(crate) fn sign_with_header(
    key: &SigningKey,
    header: &impl Serialize,
    payload: &impl Serialize,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let mut text = BASE64.encode(serde_json::to_vec(header)?);
    text.push('.');
    BASE64.encode_string(serde_json::to_vec(payload)?, &mut text);
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    BASE64.encode_string(signature, &mut text);
    Ok(text)
}

/// A token taken apart; nothing of it is checked yet.
pub(crate) struct Parts<'t, H> {
    signed: &'t str,
    pub(crate) header: H,
    pub(crate) payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t, H> Parts<'t, H> {
    /// Takes a token apart. `read` makes the header of its bytes.
    pub(crate) fn parse<E: From<TokenError>>(
        token: &'t str,
        read: impl FnOnce(&[u8]) -> Result<H, E>,
    ) -> Result<Self, E> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::TooLong.into());
        }
        let decode = |part: &str| BASE64.decode(part).map_err(|_| TokenError::Malformed);
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        Ok(Self {
            signed,
            header: read(&decode(header)?)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
        })
    }

    /// Checks the signature. That the header names the key's algorithm is the caller's to check.
    pub(crate) fn check(&self, key: &PublicKey) -> Result<(), TokenError> {
        key.check(self.signed.as_bytes(), &self.signature)
    }
}

impl Header {
    pub(crate) fn read(header: &[u8]) -> Result<Self, TokenError> {
        // First an object: serde would also read an array of the three values.
        let header = json::object(header).map_err(|_| TokenError::Header)?;
        serde_json::from_value(Value::Object(header)).map_err(|_| TokenError::Header)
    }
}

impl Parts<'_, Header> {
    /// Checks the signature. The algorithm is the key's; the token must only agree.
    fn check_as(&self, key: &PublicKey) -> Result<(), TokenError> {
        match Algorithm::from_name(&self.header.alg) == Some(key.algorithm()) {
            true => self.check(key),
            false => Err(TokenError::Algorithm),
        }
    }

    /// Checks the signature of a token that must name a key of this set.
    pub(crate) fn check_in(&self, keys: &KeySet) -> Result<(), TokenError> {
        let key = (self.header.kid.as_deref()).and_then(|id| keys.find(id));
        self.check_as(key.ok_or(TokenError::KeyId)?)
    }
}

impl From<Parts<'_, Header>> for Opened {
    fn from(parts: Parts<'_, Header>) -> Self {
        Self {
            header: parts.header,
            payload: parts.payload,
        }
    }
}

impl PublicKey {
    /// Checks a token that must be signed with this key; a key id in it must be this key's.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(&self, token: &str) -> Result<Opened, TokenError> {
        let parts = Parts::parse(token, Header::read)?;
        if parts
            .header
            .kid
            .as_deref()
            .is_some_and(|id| id != self.id())
        {
            return Err(TokenError::KeyId);
        }
        parts.check_as(self)?;
        Ok(parts.into())
    }
}

impl KeySet {
    /// Checks a token that must name a key of this set.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(&self, token: &str) -> Result<Opened, TokenError> {
        let parts = Parts::parse(token, Header::read)?;
        parts.check_in(self)?;
        Ok(parts.into())
    }
}
