//! Rows of clients, of token families, and of what programs ask users to approve.

pub(crate) mod client;
pub(crate) mod device_authorization;
pub(crate) mod device_key;
pub(crate) mod family;
pub(crate) mod revoked_token;
