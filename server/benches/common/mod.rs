//! What both benchmarks use: arguments, sample data, load, the server.

pub(crate) mod arguments;
pub(crate) mod load;
pub(crate) mod seed;
pub(crate) mod server;

/// A result; a benchmark stops at the first error.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
