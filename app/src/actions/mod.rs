//! The server functions: one file for each noun, each function about ten lines, all of them POST.
//!
//! Those that forms post to answer through [`crate::form::handle_form`], most of them with a proof from
//! [`crate::form::change::manage_self`] or [`crate::form::change::administer`]; those that islands fetch (the
//! passkey ceremonies, the state of an approval) answer with JSON. An error is left in the request context ([`error::ActionError`]).
#![expect(
    missing_docs,
    reason = "the macro makes a struct of each function's arguments, whose fields cannot carry a comment"
)]

pub mod approval;
pub mod authorization;
pub mod baseline;
pub mod behaviour;
pub mod client;
pub mod device;
pub mod enrolment;
pub mod error;
pub mod grant;
pub mod mail;
pub mod notification;
pub mod passkey;
pub mod program;
pub mod recovery;
pub mod risk;
pub mod role;
pub mod service;
pub mod session;
pub mod setup;
pub mod theme;
pub mod totp;
pub mod user;
pub mod user_data;
