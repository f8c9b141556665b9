//! Tokens for programs: who may ask for them, what they may claim, and which of them a service accepts.

pub mod access_token;
pub mod client;
pub mod device_authorization;
pub mod device_key;
pub mod family;
pub mod policy;
pub mod redirect_uri;
pub mod scope;
pub mod verify;
