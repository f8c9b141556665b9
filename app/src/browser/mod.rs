//! What runs in the browser: five islands, and code for the whole page.
//!
//! The server renders the islands like any component; in the browser `hydrate` activates them. Every page works without
//! them, except that passkeys need a script. Requests and responses are plain JSON, handled as objects of the browser:
//! without types of the server, a serialiser or a URL parser the wasm stays small.

pub mod approval_watch;
pub mod approve_button;
#[cfg(any(feature = "hydrate", test))]
mod base64url;
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) mod before_hydration;
#[cfg(feature = "hydrate")]
mod capability;
#[cfg(feature = "hydrate")]
mod ceremony;
pub mod copy_button;
pub mod create_passkey_button;
#[cfg(feature = "hydrate")]
mod double_submit_guard;
#[cfg(feature = "hydrate")]
mod failure;
pub mod failure_code;
#[cfg(feature = "hydrate")]
mod fetch;
#[cfg(feature = "hydrate")]
mod live_rows;
#[cfg(feature = "hydrate")]
mod local_time;
mod passkey_button;
pub mod sign_in_button;
#[cfg(feature = "hydrate")]
mod signal;
#[cfg(feature = "hydrate")]
mod webauthn_json;

/// Runs once on every page, before the islands are hydrated.
#[cfg(feature = "hydrate")]
pub fn start() {
    double_submit_guard::install();
    local_time::add_local_times();
    local_time::show_local_clocks();
    local_time::name_regions();
    signal::signal_current_passkeys();
    capability::hide_what_is_unavailable();
    live_rows::follow();
}
