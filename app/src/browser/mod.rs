//! What runs in the browser: three islands, and a few things for the whole page.
//!
//! The server renders the islands like anything else; in the browser `hydrate` wakes them. Every
//! page works without them, except that nothing but a script can ask for a passkey. What is sent to
//! the server and back is plain JSON, handled as the browser's own objects: no types of the server,
//! no serialiser and no address parser are carried along, and the wasm stays small.

#[cfg(any(feature = "hydrate", test))]
mod base64url;
#[cfg(feature = "hydrate")]
mod ceremony;
pub mod copy;
pub mod create_passkey;
#[cfg(feature = "hydrate")]
mod credential;
#[cfg(any(feature = "hydrate", feature = "ssr"))]
pub(crate) mod early;
#[cfg(feature = "hydrate")]
mod failure;
#[cfg(feature = "hydrate")]
mod fetch;
#[cfg(feature = "hydrate")]
mod moment;
pub mod sign_in;
#[cfg(feature = "hydrate")]
mod submit;

/// What happens once on every page, before the islands wake.
#[cfg(feature = "hydrate")]
pub fn start() {
    submit::guard();
    moment::add_local_times();
}
