//! Proofs of possession (RFC 9449): nonces, and that each proof is used once.

use super::error::TokenError;
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

impl Engine {
    /// The nonce for proofs that are made now. Computed from the time: nothing is stored, and all processes have the same.
    #[must_use]
    pub fn dpop_nonce(&self) -> String {
        self.nonce_of(self.now().unix_timestamp().div_euclid(NONCE_SECONDS))
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
        let window = self.now().unix_timestamp().div_euclid(NONCE_SECONDS);
        let nonces = [window, window - 1].map(|window| self.nonce_of(window));
        let nonces = [nonces[0].as_str(), &nonces[1]];
        let checked = self
            .check_proof(request, Binding::None, Some(&nonces))
            .await?;
        match checked {
            Ok(proof) => Ok(proof),
            Err(ProofError::Nonce) => Err(TokenError::NonceRequired),
            Err(_) => Err(TokenError::InvalidProof),
        }
    }

    /// Whether a request proves to have the key of its access token.
    pub(crate) async fn is_proven(
        &self,
        request: ProvenRequest<'_>,
        token: &str,
        thumbprint: &str,
    ) -> Result<bool> {
        let binding = Binding::AccessToken { token, thumbprint };
        Ok(self.check_proof(request, binding, None).await?.is_ok())
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
