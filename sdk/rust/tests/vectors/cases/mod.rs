//! The cases: one rule each, everything else about the token is right.

mod claims;
mod encoding;
mod json;
mod proofs;
mod signatures;

use crate::signer::{changed, claims as good_claims, header_with, signed};
use serde_json::Value;

/// What a case is about.
pub(crate) struct Case {
    pub(crate) name: String,
    /// `access` or `identity`: as what the token is presented.
    pub(crate) presented_as: &'static str,
    pub(crate) token: String,
    /// The code of the error, or the claims.
    pub(crate) expected: Value,
}

/// A token that is bound to a key, with a proof of it in the request of [`METHOD`](crate::signer::METHOD) and [`URL`](crate::signer::URL).
pub(crate) struct Proof {
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) proof: String,
    /// The code of the error, or the claims.
    pub(crate) expected: Value,
}

#[derive(Default)]
pub(crate) struct Cases(pub(crate) Vec<Case>);

impl Cases {
    pub(crate) fn add(
        &mut self,
        presented_as: &'static str,
        name: &str,
        token: String,
        expected: impl Into<Value>,
    ) {
        self.0.push(Case {
            name: name.to_owned(),
            presented_as,
            token,
            expected: expected.into(),
        });
    }

    fn accepted(&mut self, name: &str, header: &str, payload: &Value) {
        let token = signed(header, payload.to_string());
        self.add("access", name, token, payload.clone());
    }

    fn refused(&mut self, name: &str, token: String, code: &str) {
        self.add("access", name, token, code);
    }

    /// A good token whose claims were changed; `""` accepts it.
    pub(crate) fn claim(&mut self, name: &str, change: &Value, code: &str) {
        let payload = changed(good_claims(), change);
        match code {
            "" => self.accepted(name, &header_with(""), &payload),
            code => self.refused(name, signed(header_with(""), payload.to_string()), code),
        }
    }
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = Cases::default();
    signatures::algorithms(&mut cases);
    signatures::keys(&mut cases);
    encoding::headers(&mut cases);
    encoding::tokens(&mut cases);
    claims::types(&mut cases);
    claims::times(&mut cases);
    claims::registered(&mut cases);
    json::json(&mut cases);
    claims::identity(&mut cases);
    cases.0
}

pub(crate) fn proofs() -> Vec<Proof> {
    let mut proofs = proofs::Proofs::default();
    proofs::keys(&mut proofs);
    proofs::requests(&mut proofs);
    proofs::claims(&mut proofs);
    proofs::tokens(&mut proofs);
    proofs.0
}
