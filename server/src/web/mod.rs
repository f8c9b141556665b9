//! The two listeners: pages for browsers, answers for proxies and services.

mod actions;
pub mod admission;
mod api;
mod assets;
mod challenge;
mod client;
pub(crate) mod connection_limit;
mod cookie_problem_log;
mod cookies;
mod csp_report;
pub mod deadline;
mod device_add;
mod dpop_nonce;
mod error;
mod event_export;
mod forward_auth;
mod health;
pub mod internal;
mod layers;
pub mod listen;
mod live_audit;
mod oauth;
mod pages;
pub mod public;
pub mod reply;
pub mod route;
pub mod route_policy;
mod session;
mod session_state;
mod sign_in_url;
pub(crate) mod streams;
mod user_export;
mod verify;
mod well_known;

use crate::config::{Config, passkey::origin_text, proxy::Proxy, server::PublicUrl};
use admission::{Admission, Quotas};
use axum::http::HeaderMap;
use cookie_problem_log::CookieProblemLog;
use cookies::{Cookies, Received};
use csp_report::CspReportLog;
use latchkey_app::snippet::InternalConfig;
use latchkey_domain::request::host::Host;
use latchkey_engine::{CookieDigest, Engine, Lane};
use sign_in_url::SavedTargets;
use std::sync::Arc;
use streams::Streams;

/// The name of the cookie that says which device this is.
pub(crate) const fn device_cookie(domain: Option<&Host>) -> &'static str {
    cookies::device_name(domain.is_some())
}

/// What handlers and layers share; cheap to clone.
#[derive(Clone)]
pub struct Web {
    inner: Arc<Inner>,
    lane: Lane,
}

struct Inner {
    verify: Engine,
    known: Engine,
    anonymous: Engine,
    public_url: PublicUrl,
    hosts: Vec<Host>,
    related_origins: Vec<String>,
    proxy: Proxy,
    inside: Arc<InternalConfig>,
    cookies: Cookies,
    admission: Admission,
    saved_targets: SavedTargets,
    cookie_problems: CookieProblemLog,
    csp_reports: CspReportLog,
    streams: Streams,
    is_demo: bool,
}

impl Web {
    /// Puts it together. `is_demo` marks pages that show sample data.
    #[must_use]
    pub fn new(engine: Engine, config: &Config, is_demo: bool) -> Self {
        let quotas = Quotas {
            program: config.limits.program,
            ..Quotas::default()
        };
        Self::admitting(engine, config, is_demo, Admission::of(quotas))
    }

    /// As [`Web::new`], with other bounds on how much is taken from whom.
    #[must_use]
    pub fn admitting(engine: Engine, config: &Config, is_demo: bool, admission: Admission) -> Self {
        let public_url = config.server.public_url.clone();
        let hosts = std::iter::once(public_url.host().clone())
            .chain(config.server.hosts.iter().cloned())
            .collect();
        let own_name = public_url.url().host_str().unwrap_or_default();
        let cookies = Cookies::new(&engine.web_key(), own_name, config.cookie.domain.as_ref());
        let inner = Inner {
            verify: engine.in_lane(Lane::Verify),
            known: engine.in_lane(Lane::Known),
            anonymous: engine.in_lane(Lane::Anonymous),
            public_url,
            hosts,
            related_origins: config
                .passkey
                .related_origins
                .iter()
                .map(origin_text)
                .collect(),
            proxy: config.proxy.clone(),
            inside: Arc::new(config.internal_config()),
            cookies,
            admission,
            saved_targets: SavedTargets::default(),
            cookie_problems: CookieProblemLog::default(),
            csp_reports: CspReportLog::default(),
            streams: Streams::default(),
            is_demo,
        };
        Self {
            inner: Arc::new(inner),
            // Until somebody is recognised.
            lane: Lane::Anonymous,
        }
    }

    /// The same for requests of a lane.
    fn in_lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }

    /// The engine, for the requests of this lane.
    fn engine(&self) -> &Engine {
        match self.lane {
            Lane::Verify => &self.inner.verify,
            Lane::Known => &self.inner.known,
            Lane::Anonymous => &self.inner.anonymous,
        }
    }

    /// The device that a request comes from, if its cookie is one of ours: without a look-up, so that what
    /// anybody can send is told from what few can before anything is done for it.
    fn device_of(&self, headers: &HeaderMap) -> Option<CookieDigest> {
        self.engine()
            .device_of(self.cookies().device_of_pages(headers)?)
    }

    fn public_url(&self) -> &PublicUrl {
        &self.inner.public_url
    }

    /// Other origins at which passkeys can be used.
    fn related_origins(&self) -> &[String] {
        &self.inner.related_origins
    }

    /// The hosts under which the public listener answers; the first is that of the public URL.
    fn hosts(&self) -> &[Host] {
        &self.inner.hosts
    }

    fn proxy(&self) -> &Proxy {
        &self.inner.proxy
    }

    fn internal_config(&self) -> Arc<InternalConfig> {
        Arc::clone(&self.inner.inside)
    }

    /// The device cookie of a request to a service. Of several cookies, the only one of a live device: a stale
    /// cookie, or one that a sibling host set, must not lock the user out.
    async fn device_cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        match self.cookies().device_of_services(headers) {
            Received::Nothing => None,
            Received::One(value) => Some(value),
            // Boxed: rare, and its room would be copied with every answer.
            Received::Several(values) => Box::pin(self.engine().sole_live_device(values)).await,
        }
    }

    fn cookies(&self) -> &Cookies {
        &self.inner.cookies
    }

    fn saved_targets(&self) -> &SavedTargets {
        &self.inner.saved_targets
    }

    fn admission(&self) -> &Admission {
        &self.inner.admission
    }

    /// Ends the responses that go on for long, because the server stops.
    pub fn stop_streams(&self) {
        self.inner.streams.stop();
    }

    /// Responses that go on for long.
    pub(crate) fn streams(&self) -> &Streams {
        &self.inner.streams
    }

    fn cookie_problems(&self) -> &CookieProblemLog {
        &self.inner.cookie_problems
    }

    fn is_demo(&self) -> bool {
        self.inner.is_demo
    }
}
