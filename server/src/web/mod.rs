//! The two listeners: pages for browsers, answers for proxies and services.

mod bearer;
mod client;
mod cookies;
mod device_add;
mod error;
mod forward_auth;
mod health;
pub mod in_time;
pub mod internal;
mod jwks;
mod layers;
pub mod listen;
mod pages;
pub mod public;
pub mod reply;
mod session;
mod verify;

use crate::config::{Config, proxy::Proxy, server::PublicUrl};
use axum::http::HeaderMap;
use cookies::{Brought, Cookies};
use latchkey_app::snippet::Inside;
use latchkey_domain::host::Host;
use latchkey_engine::Engine;
use std::sync::Arc;

/// The name of the cookie that says which device this is.
pub(crate) const fn device_cookie(domain: Option<&Host>) -> &'static str {
    cookies::device_name(domain.is_some())
}

/// What handlers and layers share; cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    engine: Engine,
    public_url: PublicUrl,
    hosts: Vec<Host>,
    proxy: Proxy,
    inside: Arc<Inside>,
    cookies: Cookies,
    is_demo: bool,
}

impl Web {
    /// Puts it together. `is_demo` marks pages that show sample data.
    #[must_use]
    pub fn new(engine: Engine, config: &Config, is_demo: bool) -> Self {
        let public_url = config.server.public_url.clone();
        let hosts = std::iter::once(public_url.host().clone())
            .chain(config.server.hosts.iter().cloned())
            .collect();
        let cookies = Cookies::new(&engine.web_key(), config.cookie.domain.as_ref());
        Self(Arc::new(Inner {
            engine,
            public_url,
            hosts,
            proxy: config.proxy.clone(),
            inside: Arc::new(config.inside()),
            cookies,
            is_demo,
        }))
    }

    fn engine(&self) -> &Engine {
        &self.0.engine
    }

    fn public_url(&self) -> &PublicUrl {
        &self.0.public_url
    }

    /// The hosts under which the public listener answers; the first is that of the public URL.
    fn hosts(&self) -> &[Host] {
        &self.0.hosts
    }

    fn proxy(&self) -> &Proxy {
        &self.0.proxy
    }

    fn inside(&self) -> Arc<Inside> {
        Arc::clone(&self.0.inside)
    }

    /// The device cookie of a request to a service. Of several, the one of a live device, if there is just
    /// one such: a stale one, or one that a sibling host invented, must not keep the owner out.
    async fn device_cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        match self.cookies().device_of_services(headers) {
            Brought::Nothing => None,
            Brought::One(value) => Some(value),
            // Boxed: rare, and its room would be copied with every answer.
            Brought::Several(values) => Box::pin(self.engine().sole_live_device(values)).await,
        }
    }

    fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    fn is_demo(&self) -> bool {
        self.0.is_demo
    }
}
