//! Rows of risk.

pub(crate) mod baseline;
pub(crate) mod network_rule;
pub(crate) mod start;
