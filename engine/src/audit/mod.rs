//! The audit log: how it is listed, verified, signed and exported.

pub(crate) mod chain;
pub(crate) mod checkpoint;
pub(crate) mod entry;
pub(crate) mod export;
pub(crate) mod log;
pub(crate) mod store;
