//! The policy of a route: what must hold before its handler runs.
//!
//! [`RoutePolicy`] has no `Default`: whoever adds a route decides who may reach it, where its requests may come from, how
//! they are counted and what body they have ([`Checks`]), or that it is a file of the site. The layers read the policy and
//! never the path.

use super::{Web, error};
use axum::{
    http::{HeaderMap, Method},
    response::Response,
};
use latchkey_app::{
    error::AppError,
    routes::{Access, Rate},
};
use serde::Serialize;

/// From where requests that change something may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Csrf {
    /// Nothing is changed: GET and HEAD.
    ReadOnly,
    /// Nothing is changed, but it costs: another site must not start it. `Sec-Fetch-Site`, if it is there, says that it comes from
    /// our own pages or that its user opened it.
    OwnRead,
    /// From our own pages: `Sec-Fetch-Site` or `Origin` says so.
    SameOrigin,
    /// The same, and from programs that are no browsers and send neither header.
    SameOriginOrNoBrowser,
    /// From anywhere: cookies are not read, so nobody can send a request in a browser's name.
    NoCookies,
}

/// What body a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyLimit {
    /// None: what comes is not read. (Two programs that disagree about the body of a GET make a smuggled request.)
    Unread,
    /// A form or JSON: a few kilobytes from anybody, more from a device.
    Form,
}

/// In which form an error is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorForm {
    /// A page for browsers, problem details for programs.
    Negotiated,
    /// `{"error": …}` (RFC 6749 §5.2), which libraries of OAuth read.
    OAuth,
}

impl ErrorForm {
    /// The response.
    pub(super) fn render(self, error: &AppError, headers: &HeaderMap) -> Response {
        match self {
            Self::Negotiated => error::render(error, headers),
            Self::OAuth => error::short(error),
        }
    }
}

/// What must hold before the handler of a route runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "ListedPolicy")]
pub enum RoutePolicy {
    /// A file of the site: from memory, to anybody who sends GET or HEAD. Requests are not counted and have no
    /// [`RequestContext`](latchkey_app::request_context::RequestContext), so there is nothing to be checked.
    File,
    /// Anything else.
    Checked(Checks),
}

impl RoutePolicy {
    /// What is checked, except for a file.
    #[must_use]
    pub const fn checks(self) -> Option<Checks> {
        match self {
            Self::File => None,
            Self::Checked(checks) => Some(checks),
        }
    }
}

/// What must hold before a handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// Who may reach it.
    pub access: Access,
    /// From where changes may come.
    pub csrf: Csrf,
    /// How requests are counted.
    pub rate: Rate,
    /// What body they have.
    pub body: BodyLimit,
    /// Whether a request shows that its user is active.
    pub prolongs_session: bool,
    /// How it is told that a layer refuses it.
    pub errors: ErrorForm,
}

impl Checks {
    /// Of what anybody may read.
    pub(super) const PUBLIC_DOCUMENT: Self = Self {
        access: Access::Public,
        csrf: Csrf::ReadOnly,
        rate: Rate::Request,
        body: BodyLimit::Unread,
        prolongs_session: true,
        errors: ErrorForm::Negotiated,
    };
}

/// A policy as `latchkey routes --json` lists it.
#[derive(Serialize)]
struct ListedPolicy {
    access: Access,
    csrf: Csrf,
    rate: ListedRate,
    body: BodyLimit,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ListedRate {
    Unlimited,
    #[serde(untagged)]
    Counted(Rate),
}

impl From<RoutePolicy> for ListedPolicy {
    fn from(policy: RoutePolicy) -> Self {
        let rate = match policy {
            RoutePolicy::File => ListedRate::Unlimited,
            RoutePolicy::Checked(checks) => ListedRate::Counted(checks.rate),
        };
        let Checks {
            access, csrf, body, ..
        } = policy.checks().unwrap_or(Checks::PUBLIC_DOCUMENT);
        Self {
            access,
            csrf,
            rate,
            body,
        }
    }
}

/// What the layers of a route get as their state.
#[derive(Clone)]
pub(super) struct RouteState {
    pub(super) web: Web,
    pub(super) checks: Checks,
    pub(super) method: Method,
}
