//! The public listener: pages, form actions, `POST /device/add`, the files of the site.

use super::{
    Web, actions, api, assets, csp_report, device_add,
    error::refuse,
    event_export,
    layers::{admission, headers, host, panic, request_log},
    live_audit, oauth, pages,
    route::Route,
    route_policy::{Checks, RouteState},
    session_state, user_export, well_known,
};
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, Method},
    middleware::from_fn_with_state,
    response::Response,
    routing::MethodRouter,
};
use latchkey_app::error::Code;
use std::collections::HashMap;

/// Every route, with its policy.
#[must_use]
pub fn routes() -> Vec<Route> {
    pages::routes()
        .chain(actions::routes())
        .chain(actions::moved())
        .chain(csp_report::routes())
        .chain(device_add::routes())
        .chain(event_export::routes())
        .chain(user_export::routes())
        .chain(live_audit::routes())
        .chain(api::routes())
        .chain(oauth::routes())
        .chain(session_state::routes())
        .chain(well_known::routes())
        .chain(assets::routes())
        .collect()
}

/// The router of the public listener.
pub fn router(web: &Web) -> Router {
    mount(web, routes())
}

/// The same with another handler on the route of this path. Open to tests, which bring handlers that fail.
pub fn router_with(web: &Web, path: &str, handler: MethodRouter<Web>) -> Router {
    let mut routes = routes();
    for route in routes.iter_mut().filter(|route| route.path == path) {
        route.handler = handler.clone();
    }
    mount(web, routes)
}

fn mount(web: &Web, routes: Vec<Route>) -> Router {
    let state = RouteState {
        web: web.clone(),
        checks: Checks::PUBLIC_DOCUMENT,
        method: Method::GET,
    };
    let nothing = Router::new()
        .fallback(not_found)
        .layer(from_fn_with_state(state, admission::count));
    let allowed = allowed_methods(&routes);
    let router = routes
        .into_iter()
        .fold(nothing, |router, route| {
            let allowed = allowed.get(&*route.path).cloned();
            route.mount(router, web, allowed.unwrap_or(HeaderValue::from_static("")))
        })
        .layer(from_fn_with_state(web.clone(), host::check))
        .layer(panic::catch());
    request_log::add(headers::add(router, web.public_url().is_https()), web)
}

/// The methods of each path, as `Allow` has them.
fn allowed_methods(routes: &[Route]) -> HashMap<String, HeaderValue> {
    let mut methods: HashMap<String, Vec<&str>> = HashMap::new();
    for route in routes {
        let of_path = methods.entry(route.path.to_string()).or_default();
        of_path.push(route.method.as_str());
        if route.method == Method::GET {
            of_path.push("HEAD");
        }
    }
    let text = |methods: Vec<&str>| HeaderValue::from_str(&methods.join(", ")).ok();
    let paths = methods.into_iter();
    paths
        .filter_map(|(path, methods)| Some((path, text(methods)?)))
        .collect()
}

async fn not_found(headers: HeaderMap) -> Response {
    refuse(Code::NotFound, &headers)
}
