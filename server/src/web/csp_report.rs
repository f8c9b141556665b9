//! `POST /csp-report`: browsers say that a page of ours wanted something that its policy forbids (CSP Level 3 §5.3). That is a fault
//! of ours, or somebody who tries to run something in our pages.
//!
//! Anybody can send reports, so they decide neither what is logged nor how much: a line has a directive out of a list and an origin,
//! never an address with its path, and an hour has at most [`KINDS`] lines.

use super::{
    Web,
    error::refuse,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use latchkey_app::{
    csp::REPORT_PATH,
    error::Code,
    routes::{Access, Rate},
};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    mem,
    sync::{Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};
use url::{Origin, Url};

/// Different violations that are logged in [`INTERVAL`].
const KINDS: usize = 32;

/// After this, the same violation is logged again.
const INTERVAL: Duration = Duration::hours(1);

/// The longest origin that is logged, in bytes: a DNS name with scheme and port.
const MAX_ORIGIN: usize = 270;

/// What a policy of ours has, and what browsers call parts of it.
const DIRECTIVES: [&str; 18] = [
    "base-uri",
    "connect-src",
    "default-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "object-src",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "worker-src",
];

/// What is no address.
const KEYWORDS: [&str; 5] = ["eval", "inline", "self", "trusted-types-sink", "wasm-eval"];

/// The body (CSP Level 3 §5.3); members that are not logged are not read.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "csp-report")]
    report: Report,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    #[serde(default)]
    effective_directive: String,
    /// Browsers of before Level 3 have only this, with the sources behind the name.
    #[serde(default)]
    violated_directive: String,
    #[serde(default)]
    blocked_uri: String,
}

/// What was forbidden.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    directive: &'static str,
    blocked: String,
}

impl Violation {
    fn of(body: &[u8]) -> Option<Self> {
        let Body { report } = serde_json::from_slice(body).ok()?;
        let named = match report.effective_directive.as_str() {
            "" => report.violated_directive.as_str(),
            name => name,
        };
        let name = named.split(' ').next().unwrap_or_default();
        let directive = DIRECTIVES.into_iter().find(|known| *known == name);
        Some(Self {
            directive: directive.unwrap_or("unknown"),
            blocked: origin(&report.blocked_uri),
        })
    }
}

/// A keyword, an origin, or the scheme of an address without one.
fn origin(blocked: &str) -> String {
    if KEYWORDS.contains(&blocked) {
        return blocked.to_owned();
    }
    let Ok(url) = Url::parse(blocked) else {
        return "unknown".to_owned();
    };
    let text = match url.origin() {
        Origin::Tuple(..) => url.origin().ascii_serialization(),
        Origin::Opaque(_) => format!("{}:", url.scheme()),
    };
    match text.len() > MAX_ORIGIN {
        true => "unknown".to_owned(),
        false => text,
    }
}

/// What was logged in this interval.
#[derive(Debug, Default)]
pub(super) struct CspReportLog(Mutex<Interval>);

#[derive(Debug, Default)]
struct Interval {
    begun_at: Option<OffsetDateTime>,
    logged: BTreeSet<Violation>,
    repeated: u64,
    left_out: u64,
}

impl CspReportLog {
    fn log(&self, violation: Violation, now: OffsetDateTime) {
        let (ended, is_new) = self.add(&violation, now);
        if let Some(ended) = ended.filter(|ended| ended.repeated + ended.left_out > 0) {
            let Interval {
                repeated, left_out, ..
            } = ended;
            tracing::warn!(
                repeated,
                left_out,
                "more violations of the content security policy were reported in an hour"
            );
        }
        if is_new {
            let Violation { directive, blocked } = violation;
            tracing::warn!(
                directive,
                blocked,
                "a browser reported a violation of the content security policy"
            );
        }
    }

    /// The interval that has ended with this one, and whether it is to be logged.
    fn add(&self, violation: &Violation, now: OffsetDateTime) -> (Option<Interval>, bool) {
        let mut interval = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = (interval.begun_at).is_none_or(|begun_at| now - begun_at >= INTERVAL);
        let ended = is_over.then(|| {
            let begun = Interval {
                begun_at: Some(now),
                ..Interval::default()
            };
            mem::replace(&mut *interval, begun)
        });
        if interval.logged.contains(violation) {
            interval.repeated += 1;
            return (ended, false);
        }
        if interval.logged.len() == KINDS {
            interval.left_out += 1;
            return (ended, false);
        }
        interval.logged.insert(violation.clone());
        (ended, true)
    }
}

/// Its route.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [Route {
        router: "csp_report",
        method: Method::POST,
        path: REPORT_PATH.into(),
        policy: RoutePolicy::Checked(Checks {
            access: Access::Public,
            csrf: Csrf::NoCookies,
            rate: Rate::Request,
            body: BodyLimit::Form,
            prolongs_session: false,
            errors: ErrorForm::Negotiated,
        }),
        handler: post(report),
    }]
    .into_iter()
}

async fn report(State(web): State<Web>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(violation) = Violation::of(&body) else {
        return refuse(Code::Unreadable, &headers);
    };
    web.inner.csp_reports.log(violation, web.engine().now());
    StatusCode::NO_CONTENT.into_response()
}

#[cfg(test)]
mod tests;
