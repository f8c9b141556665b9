//! The two listeners, as browsers, proxies and attackers use them. The tree mirrors the
//! routes; each test reads as persona, request, expectation.
//!
//! Names that begin with `r…` or `must_survive_…` prove the line of that number in SECURITY.md.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod harness;

mod access;
mod admin_audit;
mod admin_clients;
mod admin_risk;
mod admission;
mod api;
mod client;
mod connections;
mod cookie;
mod device_add;
mod device_cookie;
mod enrolment;
mod event_export;
mod failures;
mod forward_auth;
mod half_finished;
mod headers;
mod health;
mod host;
mod html_escaping;
mod kept_forms;
mod limits;
mod live_audit;
mod log;
mod oauth;
mod origin;
mod recovery;
mod recovery_mail;
mod return_to;
mod risk;
mod session;
mod session_end;
mod timing;
mod user_export;
mod verify;
mod well_known;
mod wire;
