//! Parts of an HTTP request that can be trusted once they are parsed.

pub mod host;
pub mod path;
pub mod return_to;
