//! The sentences for what the engine returns as values to the operator: what happened, and what to do.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod open;
pub(crate) mod redis;
pub(crate) mod token;
