//! What must hold for every input of the parsers. The fuzz targets look for an input that breaks it; `tests/seeds.rs`
//! checks every seed with each `cargo test`.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "an oracle fails by panicking")]

pub mod client;
pub mod cookies;
pub mod device_cookie;
pub mod forwarded_request;
pub mod host;
pub mod path;
pub mod return_to;
