//! Rows: each file is a noun with its table and the queries that its use cases need.

pub(crate) mod access_grant;
pub(crate) mod service;
