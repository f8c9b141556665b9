//! State that ends by itself: ceremonies, saved requests, counted attempts, sessions, marks of use.

pub(crate) mod ceremony;
pub(crate) mod idempotency;
pub(crate) mod one_time;
pub(crate) mod purpose;
pub(crate) mod redis;
pub(crate) mod saved_request;
pub(crate) mod session;
pub(crate) mod sql;
pub(crate) mod store;

#[cfg(test)]
mod tests;
