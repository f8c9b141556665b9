//! What a user may reach: services, access grants, and the answer to each request.

pub(crate) mod access_grant;
pub(crate) mod access_tokens;
pub(crate) mod forward;
pub(crate) mod identity_token;
mod risk_policy;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod uncommitted_secret;
pub(crate) mod verify;
