//! The pages and their server functions, mounted.

use crate::site;
use axum::{Router, http::request::Parts};
use latchkey_app::{App, request_context::RequestContext, shell};
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, generate_route_list};

/// One route for each page of the app and for each server function.
pub(super) fn router() -> Router {
    let options = LeptosOptions::builder()
        .output_name(site::OUTPUT_NAME)
        .site_pkg_dir("pkg")
        .build();
    let page = {
        let options = options.clone();
        move || shell(options.clone(), site::STYLESHEET)
    };
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide_visit, page)
        .with_state(options)
}

/// Pages and server functions find the request under way in their context.
fn provide_visit() {
    if let Some(context) =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
    {
        provide_context(context);
    }
}
