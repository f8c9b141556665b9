//! How a change is written together with its evidence, and how that evidence is verified.

pub(crate) mod authority;
pub(crate) mod chain;
pub(crate) mod checkpoint;
pub(crate) mod export;
pub(crate) mod log;
pub(crate) mod store;
