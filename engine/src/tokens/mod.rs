//! Tokens for programs: clients, what they get, and whether a service accepts it.

pub(crate) mod access_token;
pub(crate) mod client;
pub(crate) mod client_index;
pub(crate) mod issue;
pub(crate) mod store;
mod token_use;
pub(crate) mod verify;
