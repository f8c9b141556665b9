//! The SDK against a local server: the vectors, the keys, the layer, and what it asks the server.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod dpop;
mod issuer;
mod keys;
mod layer;
mod server;
mod vectors;
mod with_latchkey;
