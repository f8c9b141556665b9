//! The command line, run as users and scripts run it: arguments in; output and exit code out.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod harness;
mod server;

mod adversity;
#[cfg(unix)]
mod audit;
#[cfg(unix)]
mod backup;
mod configuration;
mod database_file;
mod key;
#[cfg(unix)]
mod killed;
mod load;
mod nouns;
#[cfg(target_os = "linux")]
mod output;
#[cfg(unix)]
mod platform;
mod proxy;
mod proxy_doctor;
mod serve;
