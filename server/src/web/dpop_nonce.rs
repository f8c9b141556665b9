//! Nonces for proofs of possession: the token endpoint demands them (RFC 9449 §8), and services that are set so (§9).

use super::Web;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The nonce for the next proof.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The challenge of a service.
const USE_DPOP_NONCE: HeaderValue = HeaderValue::from_static("DPoP error=\"use_dpop_nonce\"");

/// Tells the program which nonce its next proof has.
pub(super) fn add(web: &Web, headers: &mut HeaderMap) {
    // Base64url.
    if let Ok(nonce) = HeaderValue::from_str(&web.engine().dpop_nonce()) {
        headers.insert(DPOP_NONCE, nonce);
    }
}

/// Asks the program to try again with a nonce.
pub(super) fn demand(web: &Web, headers: &mut HeaderMap) {
    headers.insert(header::WWW_AUTHENTICATE, USE_DPOP_NONCE);
    add(web, headers);
}
