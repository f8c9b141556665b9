//! `/oauth/…`: what programs ask for, by `Authorization` or a form; cookies mean nothing here.

mod device;
mod error;
mod form;
mod introspect;
mod quota;
mod request;
mod revoke;
mod token;

pub(super) use request::DPOP;

use super::{
    Web,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use axum::{
    http::Method,
    routing::{MethodRouter, post},
};
use latchkey_app::routes::{Access, Rate};

/// The routes below `/oauth/`.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [
        // A client that proves who it is has a quota of its own, which is larger than that of a network.
        route("/oauth/token", Rate::Program, post(token::token)),
        // Anyone who knows the id of a public client can begin an authorization, which writes.
        route("/oauth/device", Rate::Attempt, post(device::device)),
        route("/oauth/revoke", Rate::Request, post(revoke::revoke)),
        route(
            "/oauth/introspect",
            Rate::Program,
            post(introspect::introspect),
        ),
    ]
    .into_iter()
}

/// A request that a program makes for itself.
fn route(path: &'static str, rate: Rate, handler: MethodRouter<Web>) -> Route {
    Route {
        router: "oauth",
        method: Method::POST,
        path: path.into(),
        policy: RoutePolicy::Checked(Checks {
            access: Access::Public,
            csrf: Csrf::NoCookies,
            rate,
            body: BodyLimit::Form,
            prolongs_session: true,
            errors: ErrorForm::OAuth,
        }),
        handler,
    }
}
