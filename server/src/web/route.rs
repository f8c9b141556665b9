//! A route of the public listener: a path, the policy that its layers apply, and what answers.
//!
//! A router is a function that returns its routes. A path of no router is a 404.

use super::{
    Web,
    layers::{access, admission, limits, origin, panic, request_context},
    route_policy::{Csrf, RoutePolicy, RouteState},
};
use axum::{
    Router,
    http::{HeaderValue, Method},
    middleware::from_fn_with_state,
    routing::MethodRouter,
};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use tower::ServiceBuilder;

/// A route: where it is, under which policy, and what answers.
#[derive(Debug, Clone, Serialize)]
pub struct Route {
    /// The router that it belongs to.
    pub router: &'static str,
    /// Its method; GET includes HEAD.
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// The pattern of its path; `{…}` stands for one segment.
    pub path: Cow<'static, str>,
    /// What must hold before its handler runs.
    #[serde(flatten)]
    pub policy: RoutePolicy,
    #[serde(skip)]
    pub(super) handler: MethodRouter<Web>,
}

fn method<S: Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

impl Route {
    /// Puts the layers of its policy around its handler, outermost first, and adds it to a router. `allowed` are the methods of
    /// all routes at its path.
    pub(super) fn mount(self, router: Router, web: &Web, allowed: HeaderValue) -> Router {
        let handler: MethodRouter = self.handler.with_state(web.clone());
        let request = from_fn_with_state((self.method.clone(), allowed), access::check_request);
        let handler = match self.policy {
            RoutePolicy::File => handler.layer(request),
            RoutePolicy::Checked(checks) if checks.csrf == Csrf::NoCookies => {
                let state = RouteState {
                    web: web.clone(),
                    checks,
                    method: self.method,
                };
                handler.layer(
                    ServiceBuilder::new()
                        .layer(from_fn_with_state(state.clone(), admission::count))
                        .layer(request)
                        .layer(from_fn_with_state(state.clone(), limits::keep))
                        .layer(from_fn_with_state(state, admission::take_turns))
                        .layer(panic::catch()),
                )
            }
            RoutePolicy::Checked(checks) => {
                let state = RouteState {
                    web: web.clone(),
                    checks,
                    method: self.method,
                };
                handler.layer(
                    ServiceBuilder::new()
                        .layer(from_fn_with_state(state.clone(), origin::check))
                        .layer(from_fn_with_state(state.clone(), admission::count))
                        .layer(request)
                        .layer(from_fn_with_state(state.clone(), limits::keep))
                        .layer(from_fn_with_state(state.clone(), admission::take_turns))
                        .layer(from_fn_with_state(
                            state.clone(),
                            request_context::middleware,
                        ))
                        .layer(panic::catch())
                        .layer(from_fn_with_state(state, access::check)),
                )
            }
        };
        router.route(&self.path, handler)
    }
}
