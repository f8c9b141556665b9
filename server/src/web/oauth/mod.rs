//! `/oauth/…`: what programs ask for, by `Authorization` or a form; cookies mean nothing here.

mod form;
mod token;

use super::{
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, RoutePolicy},
};
use axum::{http::Method, routing::post};
use latchkey_app::routes::{Access, Rate};

/// A request that a program makes for itself.
const PROGRAM: Checks = Checks {
    access: Access::Public,
    csrf: Csrf::NoCookies,
    rate: Rate::Request,
    body: BodyLimit::Form,
};

/// The routes below `/oauth/`.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [Route {
        router: "oauth",
        method: Method::POST,
        path: "/oauth/token".into(),
        policy: RoutePolicy::Checked(PROGRAM),
        handler: post(token::token),
    }]
    .into_iter()
}
