//! Proofs of possession (RFC 9449 §7): a token that is bound to a key is accepted with a proof of that key.

use crate::Error;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use latchkey_jose::dpop::{Binding, Expected, Proof};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

/// The header of proofs.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("dpop");

/// How many proofs are remembered. One is 65 seconds long usable, so this is 1500 requests a second; beyond it, requests are
/// refused, because a proof that is not remembered could be used again.
const CAPACITY: usize = 100_000;

/// A request with a proof, as its client knows it.
#[derive(Debug, Clone, Copy)]
pub struct BoundRequest<'a> {
    /// The value of its only header `DPoP`.
    pub proof: &'a str,
    /// Its method.
    pub method: &'a str,
    /// Its URL, without query. The origin comes from the configuration: if it came from the request, its sender could use a proof
    /// that was made for another server.
    pub url: &'a str,
}

impl BoundRequest<'_> {
    /// Checks the proof for a token that is bound to the key with this thumbprint.
    pub(crate) fn check(&self, token: &str, thumbprint: &str, now: i64) -> Result<Proof, Error> {
        let expected = Expected {
            method: self.method,
            url: self.url,
            now,
            binding: Binding::AccessToken { token, thumbprint },
            nonces: None,
        };
        Ok(expected.check(self.proof)?)
    }
}

/// A request that came with a proof.
pub(crate) struct Request {
    method: Method,
    url: String,
    proof: HeaderValue,
}

impl Request {
    /// The request as its client knows it. The origin comes from the configuration: if it came from the request, its sender could
    /// use a proof that was made for another server.
    pub(crate) fn new(
        origin: &str,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, Error> {
        let mut proofs = headers.get_all(HEADER).into_iter();
        let (Some(proof), None) = (proofs.next(), proofs.next()) else {
            return Err(Error::Dpop);
        };
        Ok(Self {
            method: method.clone(),
            url: format!("{origin}{}", uri.path()),
            proof: proof.clone(),
        })
    }

    pub(crate) fn bound(&self) -> Result<BoundRequest<'_>, Error> {
        Ok(BoundRequest {
            proof: self.proof.to_str().map_err(|_| Error::Dpop)?,
            method: self.method.as_str(),
            url: &self.url,
        })
    }
}

/// The proofs that were used, by thumbprint and id, each until the last second in which it is usable.
#[derive(Default)]
pub(crate) struct UsedProofs(Mutex<HashMap<(String, String), i64>>);

impl UsedProofs {
    /// Marks a proof as used.
    ///
    /// # Errors
    /// [`Error::ProofUsed`] if it was before, or if no more can be remembered.
    pub(crate) fn mark(&self, proof: Proof, now: i64) -> Result<(), Error> {
        // Nothing panics while it has the lock.
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= CAPACITY {
            used.retain(|_, usable_until| *usable_until >= now);
        }
        let key = (proof.thumbprint, proof.id);
        if used.len() >= CAPACITY || used.contains_key(&key) {
            return Err(Error::ProofUsed);
        }
        used.insert(key, proof.usable_until);
        Ok(())
    }
}

impl fmt::Debug for UsedProofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UsedProofs(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(id: usize, usable_until: i64) -> Proof {
        Proof {
            key: latchkey_jose::Jwk::default(),
            thumbprint: "x".to_owned(),
            id: id.to_string(),
            issued_at: 0,
            usable_from: 0,
            usable_until,
            nonce: None,
        }
    }

    #[test]
    fn a_proof_is_used_once_and_no_more_are_accepted_than_can_be_remembered() {
        let used = UsedProofs::default();
        assert_eq!(used.mark(proof(0, 10), 0), Ok(()));
        assert_eq!(used.mark(proof(0, 10), 10), Err(Error::ProofUsed));
        for id in 1..CAPACITY {
            assert_eq!(used.mark(proof(id, 20), 0), Ok(()));
        }
        assert_eq!(used.mark(proof(CAPACITY, 20), 10), Err(Error::ProofUsed));
        // One is no longer usable, so there is room for another.
        assert_eq!(used.mark(proof(CAPACITY, 20), 11), Ok(()));
        assert_eq!(used.mark(proof(1, 20), 11), Err(Error::ProofUsed));
    }
}
