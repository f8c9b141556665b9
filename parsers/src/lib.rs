//! Parsers of untrusted input: what browsers and proxies send in headers.
//!
//! Each module reads one header or value (or several headers that belong together) into a type, or says that it
//! cannot be trusted. No I/O, no async and no clock; every parser here is a fuzz target or has property tests. Hosts,
//! paths and return addresses are parsed in `latchkey-domain`, whose rules are about them.
#![forbid(unsafe_code)]

pub mod basic;
pub mod bearer;
pub mod client;
pub mod cookies;
pub mod device_cookie;
pub mod forwarded_request;
mod token;
