//! The vocabulary and the rules of Latchkey.
//!
//! Everything that decides who gets in can be read here and tested as a table: no I/O, no async,
//! no clock, no randomness. Time comes in as an argument. The crate compiles to wasm, so the
//! pages share the same words.
#![forbid(unsafe_code)]

pub mod access;
pub mod attempt;
pub mod checkpoint;
pub mod device;
pub mod email;
pub mod event;
pub mod forward;
pub mod grant;
pub mod host;
pub mod id;
pub mod list;
pub mod name;
pub mod one_time_code;
pub mod passkey;
pub mod path;
pub mod return_to;
pub mod rule;
pub mod secret;
pub mod service;
pub mod subject;
pub mod totp;
pub mod user;
pub mod verify;
