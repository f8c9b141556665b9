//! Proofs of possession (RFC 9449): nonces, and that each proof is used once.

use super::{error::TokenError, verify::PresentedToken};
use crate::{
    Engine, Result,
    database::at,
    ephemeral::{one_time::OneTime, purpose::ValuePurpose},
    keys::keyring::{Purpose, digest},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::dpop::{Binding, Expected, Proof, ProofError};

/// Seconds after which a nonce is replaced. The one before is accepted too.
const NONCE_SECONDS: i64 = 120;

/// A request that brings a proof, as its client sees it.
#[derive(Debug, Clone, Copy)]
pub struct ProvenRequest<'a> {
    /// The value of the only header `DPoP`.
    pub proof: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its URL.
    pub url: &'a str,
}

/// Whether a request proves to have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Possession {
    /// It does, or nothing has to be proven.
    Proven,
    /// It does, with a nonce that is about to end.
    ProvenWithOldNonce,
    /// Its proof is right, but for a nonce of ours.
    NonceRequired,
    Refused,
}

impl Engine {
    /// The nonce for proofs that are made now. Computed from the time: nothing is stored, and all processes have the same.
    #[must_use]
    pub fn dpop_nonce(&self) -> String {
        self.nonce_of(self.now().unix_timestamp().div_euclid(NONCE_SECONDS))
    }

    /// Those that are accepted: the current one and the one before.
    fn dpop_nonces(&self) -> [String; 2] {
        let window = self.now().unix_timestamp().div_euclid(NONCE_SECONDS);
        [window, window - 1].map(|window| self.nonce_of(window))
    }

    fn nonce_of(&self, window: i64) -> String {
        let keys = &self.inner.keys;
        BASE64.encode(keys.tag(Purpose::Nonce, &window.to_be_bytes()))
    }

    /// The key that a token request proves to have. A nonce of ours shows that the proof was made just
    /// now, and not by somebody who could use the key only before (RFC 9449 §11.2).
    pub(crate) async fn check_token_proof(
        &self,
        request: ProvenRequest<'_>,
    ) -> Result<Proof, TokenError> {
        let [current, former] = self.dpop_nonces();
        let nonces = [current.as_str(), &former];
        let checked = self
            .check_proof(request, Binding::None, Some(&nonces))
            .await?;
        match checked {
            Ok(proof) => Ok(proof),
            Err(ProofError::Nonce) => Err(TokenError::NonceRequired),
            Err(_) => Err(TokenError::InvalidProof),
        }
    }

    /// Whether whoever presents a token has its key: a bound token needs a proof, and any other must not have one
    /// (RFC 9449 §7.1).
    pub(super) async fn possession(
        &self,
        presented: &PresentedToken<'_>,
        key: Option<&str>,
        nonce_required: bool,
    ) -> Result<Possession> {
        match (key, presented.proof) {
            (None, None) => Ok(Possession::Proven),
            (Some(key), Some(proof)) => {
                self.check_possession(proof, presented.text, key, nonce_required)
                    .await
            }
            (None, Some(_)) | (Some(_), None) => Ok(Possession::Refused),
        }
    }

    /// Whether a request proves to have the key of its access token, with a nonce of ours if the service demands one.
    async fn check_possession(
        &self,
        request: ProvenRequest<'_>,
        token: &str,
        thumbprint: &str,
        nonce_required: bool,
    ) -> Result<Possession> {
        let binding = Binding::AccessToken { token, thumbprint };
        if !nonce_required {
            let checked = self.check_proof(request, binding, None).await?;
            return Ok(checked.map_or(Possession::Refused, |_| Possession::Proven));
        }
        let [current, former] = self.dpop_nonces();
        let nonces = [current.as_str(), &former];
        let checked = self.check_proof(request, binding, Some(&nonces)).await?;
        Ok(match checked {
            Ok(proof) if proof.nonce.as_deref() == Some(&former) => Possession::ProvenWithOldNonce,
            Ok(_) => Possession::Proven,
            Err(ProofError::Nonce) => Possession::NonceRequired,
            Err(_) => Possession::Refused,
        })
    }

    async fn check_proof(
        &self,
        request: ProvenRequest<'_>,
        binding: Binding<'_>,
        nonces: Option<&[&str]>,
    ) -> Result<Result<Proof, ProofError>> {
        let expected = Expected {
            method: request.method,
            url: request.url,
            now: self.now().unix_timestamp(),
            binding,
            nonces,
        };
        let proof = match expected.check(request.proof) {
            Ok(proof) => proof,
            Err(wrong) => {
                tracing::debug!(%wrong, "a proof of possession was refused");
                return Ok(Err(wrong));
            }
        };
        let is_first = self.use_proof(&proof).await?;
        // As if it were too old: it was good once.
        let used = ProofError::from(latchkey_jose::TokenError::Expired);
        Ok(is_first.then_some(proof).ok_or(used))
    }

    /// Marks a proof as used; whether it was not.
    async fn use_proof(&self, proof: &Proof) -> Result<bool> {
        let name = format!("{}\0{}", proof.thumbprint, proof.id);
        let used = OneTime {
            purpose: ValuePurpose::UsedProof,
            digest: digest("dpop_proof", name.as_bytes()),
            usable_from: proof.usable_from,
            usable_until: at(proof.usable_until.saturating_add(1)),
        };
        self.use_once(&used).await?.is_first()
    }
}
