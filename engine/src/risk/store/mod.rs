//! Rows of risk.

pub(crate) mod baseline;
pub(crate) mod behaviour_exemption;
pub(crate) mod behaviour_template;
pub(crate) mod network_rule;
pub(crate) mod start;
