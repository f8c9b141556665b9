//! The files of the site.

use super::{route::Route, route_policy::RoutePolicy};
use crate::site;
use axum::{http::Method, routing::get};
use std::borrow::Cow;

/// One route for all below `/pkg/`, and one for each other file.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let others = site::paths().filter(|path| !path.starts_with("/pkg/"));
    ["/pkg/{*path}"]
        .into_iter()
        .chain(others)
        .map(|path| Route {
            router: "assets",
            method: Method::GET,
            path: Cow::Borrowed(path),
            policy: RoutePolicy::File,
            handler: get(site::serve),
        })
}
