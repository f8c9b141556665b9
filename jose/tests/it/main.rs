//! Tokens that the crate must accept, and those that it must refuse.
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod dpop;
mod examples;
mod rfc8725;
mod tokens;
mod verifier;
mod wycheproof;
