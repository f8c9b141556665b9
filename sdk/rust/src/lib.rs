//! Verifies who calls a service that Latchkey protects.
//!
//! 1. A [`Verifier`] checks access tokens and identity tokens without asking the server; it fetches the issuer's keys and keeps
//!    them.
//! 2. [`VerifyLayer`] does so for every request of a tower service, and puts the [`Claims`] in its extensions.
//! 3. [`Service`] asks the server about a browser's cookie or an access token instead, and [`Verifier::introspect`] about any token.
//!
//! ```no_run
//! use axum::{Extension, Router, routing::get};
//! use latchkey_client::{Claims, Verifier, VerifyLayer};
//!
//! # fn main() -> Result<(), latchkey_client::AddressError> {
//! let verifier = Verifier::new("https://login.example.com", "photos")?;
//! let app: Router = Router::new()
//!     .route("/", get(async |Extension(claims): Extension<Claims>| claims.subject))
//!     .layer(VerifyLayer::new(verifier).scope("photos:read"));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod claims;
mod clock;
mod dpop;
mod error;
mod http_client;
mod key_cache;
mod layer;
mod service;
mod verifier;

pub use claims::Claims;
pub use clock::{Clock, SystemClock};
pub use dpop::BoundRequest;
pub use error::{Denied, Error};
pub use http_client::AddressError;
pub use latchkey_jose::dpop::Proof;
pub use layer::{IDENTITY_HEADER, VerifyLayer, VerifyService};
pub use service::{AcceptedToken, Service, User};
pub use verifier::Verifier;
