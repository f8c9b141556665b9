//! The vocabulary and the rules of Latchkey.
//!
//! Everything that decides who gets in can be read here and tested as a table: no I/O, no async,
//! no clock, no randomness. Time comes in as an argument. The crate compiles to wasm, so the
//! pages share the same words.
#![forbid(unsafe_code)]

pub mod access;
pub mod audit;
pub mod event;
pub mod id;
pub mod identity;
pub mod mail;
pub mod name;
pub mod notification;
pub mod pagination;
pub mod request;
pub mod risk;
pub mod rotating_secret;
pub mod secret;
mod text;
pub mod throttle;
pub mod tokens;
