//! Form actions: the server functions of the app.

use super::{
    pages::provide_request_context,
    route::{BodyLimit, Csrf, Policy, Route},
};
use axum::{extract::Request, http::Method, routing::post};
use latchkey_app::routes::ACTIONS;
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
            policy: Policy {
                access: action.access,
                csrf: Csrf::SameOrigin,
                rate: action.rate,
                body: BodyLimit::Form,
            },
            handler: post(|request: Request| {
                handle_server_fns_with_context(provide_request_context, request)
            }),
        })
    })
}
