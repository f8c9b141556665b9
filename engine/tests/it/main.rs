//! The use cases on in-memory SQLite with the real migrations, a manual clock and
//! seeded randomness.
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod administration;
mod approval;
mod attempt;
mod audit;
mod authentication;
mod authority;
mod checkpoint;
mod code;
mod code_lockout;
mod code_use;
mod device;
mod diagnostic_device;
mod enrolment;
mod enrolment_links;
mod event_filter;
mod events;
mod export;
mod forward_auth;
mod installation;
mod lists;
mod master_key;
mod master_key_file;
mod notifications;
mod one_time_store;
mod passkey;
mod passkey_authenticator;
mod passkey_lifecycle;
mod privacy;
mod proofs;
mod pruning;
mod recovery;
mod redis_server;
mod reminders;
mod risk;
mod roles;
mod sessions;
mod setup;
mod signing_keys;
mod startup;
mod test_engine;
mod tokens;
mod unrevealed;
mod verify;
