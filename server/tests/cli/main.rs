//! The command line, run as users and scripts run it: arguments in; output and exit code out.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

#[cfg(unix)]
mod database_fixtures;
mod harness;
#[cfg(unix)]
#[path = "../../../engine/tests/it/redis_server.rs"]
mod redis_server;
mod server;
mod setup;

mod audit;
#[cfg(unix)]
mod backup;
#[cfg(unix)]
mod checkpoint;
mod client;
mod configuration;
#[cfg(unix)]
mod database_access;
#[cfg(unix)]
mod database_file;
#[cfg(unix)]
mod doctor;
mod errors;
#[cfg(unix)]
mod fail2ban;
#[cfg(unix)]
mod failing_machine;
mod key;
#[cfg(unix)]
mod killed;
mod load;
#[cfg(unix)]
mod mail;
#[cfg(unix)]
mod master_key_file;
#[cfg(target_os = "linux")]
mod output;
mod proxy;
mod proxy_doctor;
#[cfg(unix)]
mod redis;
#[cfg(unix)]
mod restore;
mod risk;
mod serve;
mod service;
#[cfg(unix)]
mod system_log;
mod token;
mod user;
