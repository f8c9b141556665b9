//! The checks: pure functions from a response, or from the configuration, to findings.

pub(super) mod ambiguous_paths;
pub(super) mod anonymous;
pub(super) mod authenticated;
pub(super) mod backend;
mod explain;
#[cfg(test)]
mod fixtures;
pub(super) mod forged_headers;
pub(super) mod latchkey;
pub(super) mod target_url;
pub(super) mod trusted_proxies;
pub(super) mod upgrade;
