//! The pages of Latchkey: Leptos components, rendered on the server, with islands of wasm where a
//! browser must act (passkeys, copying), and the server functions that forms post to.
//!
//! A request becomes a page like this: the server mounts each page and action under its policy in [`routes`], fills a
//! [`request_context::RequestContext`], and renders [`shell`]; [`App`] picks the page; the page takes a proof from the
//! context and asks the engine for what it shows. Nothing but [`browser`] is compiled to wasm.
//!
//! # To add a page
//! 1. Give it a line in [`routes::PAGES`], with who may see it.
//! 2. Write `pages/<noun>.rs`: a component whose whole body is [`pages::load`] around an async block
//!    that ends in `Ok(view! { <AppLayout title=m::… nav_item=NavItem::…>…</AppLayout> }.into_any())`. Take the
//!    proof first (`context.current_user()?`, `context.self_management()?`, `context.authorize(UsersRead)?`), then
//!    call one method of the engine after another. `?` on any of them gives the right answer: the
//!    sign-in page that leads back here, 403, 404, or 500 and a line in the log.
//! 3. Give it a `<Route ssr=SsrMode::Async …/>` in `app.rs`.
//! 4. Put [`components::notice::Notices`] after the `.page-head`: results of forms are shown there.
//!
//! Texts are messages: add them to `app/messages/en.ftl`, and use them as [`messages`] says; a test finds literals.
//! State lives in the address: [`list::ListUrl`] reads it, [`components::table`] writes links to it. A list is shown by
//! [`components::list_page::ListPage`].
//!
//! # To add an action
//! 1. Give it a line in [`routes::ACTIONS`], with who may call it, as an `attempt` if it tries a code, a link or a passkey.
//! 2. Write it in `actions/<noun>.rs`: `#[server(prefix = "/actions", endpoint = "noun/verb")]`, every
//!    argument a `#[server(default)] String`, the body one call of [`form::change::manage_self`] or
//!    [`form::change::administer`] with an async block that calls the engine with the proof and says where to go with
//!    [`form::Next`].
//! 3. On the page: `<form method="post" action="/actions/noun/verb">`. Fields are
//!    [`components::text_fields::Field`]s of a [`components::form_state::FormState`] of the same path: they
//!    show what was entered before and what was wrong. Name them as the engine's errors do.
//!    A destructive form stands in a [`components::dialog::ConfirmDialog`].
//!
//! A test in [`routes`] fails while a page, an action or their line is missing.
#![forbid(unsafe_code)]
// Views are types, nested as deep as the page.
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
pub mod actions;
#[cfg(feature = "ssr")]
pub mod app;
pub mod browser;
pub mod components;
#[cfg(feature = "ssr")]
pub mod csp;
#[cfg(feature = "ssr")]
pub mod device_cookie;
#[cfg(feature = "ssr")]
pub mod device_cookie_check;
#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
pub mod enrolment_url;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
pub mod identity;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod mail;
#[cfg(feature = "ssr")]
pub mod messages;
#[cfg(feature = "ssr")]
pub mod notification;
#[cfg(feature = "ssr")]
pub mod own_event;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod request_context;
#[cfg(feature = "ssr")]
pub mod response;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod snippet;
#[cfg(feature = "ssr")]
pub mod url;

#[cfg(feature = "ssr")]
pub use app::App;
#[cfg(feature = "ssr")]
pub use document::shell;
