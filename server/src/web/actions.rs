//! Form actions: the server functions of the app.

use super::{
    error::refuse,
    pages::provide_request_context,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use axum::{
    extract::{Path, Request},
    http::{HeaderMap, Method},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use latchkey_app::{
    error::Code,
    routes::{ACTIONS, Access, Rate},
};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;

/// One route for each server function that has an entry in the table.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    server_fn_paths().filter_map(|(path, _)| {
        let action = ACTIONS.iter().find(|action| action.path == path)?;
        Some(Route {
            router: "actions",
            method: Method::POST,
            path: action.path.into(),
            policy: RoutePolicy::Checked(Checks {
                access: action.access,
                csrf: Csrf::SameOrigin,
                rate: action.rate,
                body: BodyLimit::Form,
                prolongs_session: true,
                errors: ErrorForm::Negotiated,
            }),
            handler: post(|request: Request| {
                handle_server_fns_with_context(provide_request_context, request)
            }),
        })
    })
}

/// Where actions were until 0.1: a page that was kept open over an update still sends its forms there.
pub(super) fn moved() -> impl Iterator<Item = Route> {
    [Route {
        router: "moved_actions",
        method: Method::POST,
        path: "/api/{noun}/{verb}".into(),
        policy: RoutePolicy::Checked(Checks {
            access: Access::Public,
            csrf: Csrf::SameOrigin,
            rate: Rate::Request,
            body: BodyLimit::Form,
            prolongs_session: true,
            errors: ErrorForm::Negotiated,
        }),
        handler: post(redirect_moved),
    }]
    .into_iter()
}

/// The browser sends the same form again, so that nothing that was typed is lost (308, RFC 9110 §15.4.9).
async fn redirect_moved(
    Path((noun, verb)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/actions/{noun}/{verb}");
    match ACTIONS.iter().find(|action| action.path == path) {
        Some(action) => Redirect::permanent(action.path).into_response(),
        None => refuse(Code::NotFound, &headers),
    }
}
