//! The audit log: how it is written, listed, verified, signed and exported.

pub(crate) mod acted_from;
pub(crate) mod chain;
pub(crate) mod checkpoint;
mod encoding;
pub(crate) mod entry;
pub(crate) mod export;
pub(crate) mod log;
pub(crate) mod pruning;
pub(crate) mod selection;
pub(crate) mod sequencer;
pub(crate) mod store;
pub(crate) mod tombstone;
pub(crate) mod verification;
pub(crate) mod walk;
