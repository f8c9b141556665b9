//! Rows of clients.

pub(crate) mod client;
