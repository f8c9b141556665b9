//! Latchkey as a program: the two listeners, the configuration, the command line.
//!
//! A library beside the binary, so that tests build the very routers that are served.
#![forbid(unsafe_code)]

mod checkpoints;
pub mod cli;
pub mod config;
mod demo;
mod floor;
mod log;
mod public_suffix;
mod site;
pub mod web;
