//! A route of the public listener and its policy: what must hold before its handler runs.
//!
//! A router is a function that returns its routes. Each has a [`Policy`], which has no `Default`: whoever adds a route
//! decides who may reach it, where its requests may come from, how they are counted and what body they have. The
//! layers read the policy and never the path. A path of no router is a 404.

use super::{
    Web,
    layers::{access, admission, limits, origin, panic, request_context},
};
use axum::{Router, http::Method, middleware::from_fn_with_state, routing::MethodRouter};
use latchkey_app::routes::{Access, Rate};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use tower::ServiceBuilder;

/// From where requests that change something may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Csrf {
    /// Nothing is changed: GET and HEAD.
    ReadOnly,
    /// From our own pages: `Sec-Fetch-Site` or `Origin` says so.
    SameOrigin,
    /// The same, and from programs that are no browsers and send neither header.
    SameOriginOrNoBrowser,
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

/// What must hold before a handler runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Who may reach it.
    pub access: Access,
    /// From where changes may come.
    pub csrf: Csrf,
    /// How requests are counted.
    pub rate: Rate,
    /// What body they have.
    pub body: BodyLimit,
}

impl Policy {
    /// Of what anybody may read.
    pub(super) const PUBLIC_DOCUMENT: Self = Self {
        access: Access::Public,
        csrf: Csrf::ReadOnly,
        rate: Rate::Request,
        body: BodyLimit::Unread,
    };
}

/// A route: where it is, under which policy, and what answers.
#[derive(Debug, Clone, Serialize)]
pub struct Route {
    /// The router that it belongs to.
    pub router: &'static str,
    /// GET, which includes HEAD, or POST.
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// The pattern of its path; `{…}` stands for one segment.
    pub path: Cow<'static, str>,
    /// What must hold before its handler runs.
    #[serde(flatten)]
    pub policy: Policy,
    #[serde(skip)]
    pub(super) handler: MethodRouter<Web>,
}

fn method<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

/// What the layers of one route know of it.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) web: Web,
    pub(super) policy: Policy,
    pub(super) method: Method,
}

impl Route {
    /// Puts the layers of its policy around its handler, outermost first, and adds it to a router.
    pub(super) fn mount(self, router: Router, web: &Web) -> Router {
        let scope = Scope {
            web: web.clone(),
            policy: self.policy,
            method: self.method,
        };
        let outer = ServiceBuilder::new()
            .layer(from_fn_with_state(scope.clone(), origin::check))
            .layer(from_fn_with_state(scope.clone(), admission::count))
            .layer(from_fn_with_state(scope.clone(), access::check_request));
        let handler = self.handler.with_state(web.clone());
        let handler: MethodRouter = match scope.policy.rate {
            Rate::Unlimited => handler.layer(outer),
            Rate::Request | Rate::Attempt => handler.layer(
                outer
                    .layer(from_fn_with_state(scope.clone(), limits::keep))
                    .layer(from_fn_with_state(web.clone(), admission::take_turns))
                    .layer(from_fn_with_state(web.clone(), request_context::middleware))
                    .layer(panic::catch())
                    .layer(from_fn_with_state(scope, access::check)),
            ),
        };
        router.route(&self.path, handler)
    }
}
