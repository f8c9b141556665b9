//! What `verify` answers from: memory, and the change feed that keeps it fresh.

pub(crate) mod bounded_cache;
pub(crate) mod change_feed;
pub(crate) mod compact_time;
pub(crate) mod device;
mod device_bits;
pub(crate) mod last_seen;
pub(crate) mod negative_cache;
pub(crate) mod service_index;
pub(crate) mod snapshot;
pub(crate) mod store;
pub(crate) mod token_family;
#[cfg(test)]
mod unreadable_rows;
pub(crate) mod user;
