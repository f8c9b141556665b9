//! Tokens for programs: clients, what they get, and whether a service accepts it.

pub(crate) mod accepted_token;
pub(crate) mod access_token;
pub(crate) mod authentication;
pub(crate) mod client;
pub(crate) mod client_index;
pub(crate) mod delegation;
pub(crate) mod device_authorization;
pub(crate) mod dpop;
pub(crate) mod error;
pub(crate) mod explanation;
mod family;
pub(crate) mod introspection;
pub(crate) mod issue;
pub(crate) mod management;
mod native;
pub(crate) mod quota;
pub(crate) mod recording;
mod redemption;
pub(crate) mod refresh;
mod refresh_token;
mod revocation;
#[cfg(feature = "bench")]
mod seed;
pub(crate) mod store;
mod token_use;
mod user_code;
pub(crate) mod verify;
