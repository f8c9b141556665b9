//! Tokens for programs: who may ask for them, and what they may claim.

pub mod access_token;
pub mod client;
pub mod scope;
