//! Signing with ES256 (RFC 7518 §3.4), and the public halves of the keys.

use crate::{Error, Result};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey, signature::Signer};
use ring::digest;
use serde::Serialize;

/// The header of a JWS (RFC 7515 §4.1).
#[derive(Serialize)]
pub(crate) struct Header<'a> {
    pub(crate) alg: &'static str,
    pub(crate) typ: &'static str,
    pub(crate) kid: &'a str,
}

/// A public key (RFC 7517, RFC 7518 §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
    kid: String,
    x: String,
    y: String,
    /// Not of RFC 7517: the last audit log entry of which this key signs checkpoints. Readers ignore what they do not know (§4).
    #[serde(
        rename = "latchkey_last_entry",
        skip_serializing_if = "Option::is_none"
    )]
    last_entry: Option<i64>,
}

impl PublicKey {
    /// `None` only for the point at infinity, which is no key.
    pub(crate) fn new(kid: String, key: &VerifyingKey, last_entry: Option<i64>) -> Option<Self> {
        let point = key.to_sec1_point(false);
        Some(Self {
            kty: "EC",
            crv: "P-256",
            alg: "ES256",
            purpose: "sig",
            kid,
            x: BASE64.encode(point.x()?),
            y: BASE64.encode(point.y()?),
            last_entry,
        })
    }
}

/// The thumbprint of a key (RFC 7638): computed from the key, so that no key set can give its id to another key.
pub(crate) fn thumbprint(key: &VerifyingKey) -> String {
    let point = key.to_sec1_point(false);
    let coordinate = |bytes: Option<&[u8]>| BASE64.encode(bytes.unwrap_or_default());
    let text = format!(
        r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
        coordinate(point.x().map(|x| x.as_slice())),
        coordinate(point.y().map(|y| y.as_slice()))
    );
    BASE64.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// JWS Compact Serialization (RFC 7515 §7.1); the signature is R‖S (RFC 7518 §3.4).
pub(crate) fn sign(
    key: &SigningKey,
    header: &Header<'_>,
    claims: &impl Serialize,
) -> Result<String> {
    let header = serde_json::to_vec(header).map_err(Error::internal)?;
    let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
    let mut text = BASE64.encode(header);
    text.push('.');
    BASE64.encode_string(claims, &mut text);
    let signature: Signature = key.sign(text.as_bytes());
    text.push('.');
    BASE64.encode_string(signature.to_bytes(), &mut text);
    Ok(text)
}
