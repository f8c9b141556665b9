//! The `latchkey` program: the two listeners, the configuration, the command line.
//!
//! A library besides the binary, so that tests use the same routers that are served.
#![forbid(unsafe_code)]

#[cfg(feature = "bench")]
mod baseline;
mod checkpoints;
pub mod cli;
pub mod config;
mod cookie_domain;
mod demo;
mod log;
mod mail;
mod message;
mod site;
pub mod web;
