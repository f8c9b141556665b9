//! Pages: the routes of the app, rendered by Leptos.

use super::{
    Web,
    layers::access::redirect_to_sign_in,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use crate::site;
use axum::{
    extract::{Request, State},
    http::{Method, request::Parts},
    routing::get,
};
use latchkey_app::{
    App,
    pages::login::{self, asked_target},
    request_context::RequestContext,
    routes::{PAGES, Rate},
    shell,
};
use latchkey_domain::request::return_to::LONG;
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
};
use leptos_axum::{generate_route_list, render_app_async_with_context};

/// One route for each page of the app that has an entry in the table.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let options = LeptosOptions::builder()
        .output_name(site::OUTPUT_NAME)
        .site_pkg_dir("pkg")
        .build();
    let page = render_app_async_with_context(provide_request_context, move || {
        shell(options.clone(), site::STYLESHEET)
    });
    let sign_in_page = page.clone();
    let sign_in =
        get(
            async move |State(web): State<Web>, request: Request| match long_target(&request) {
                Some(target) => redirect_to_sign_in(&web, request, &target).await,
                None => sign_in_page(request).await,
            },
        );
    generate_route_list(App)
        .into_iter()
        .filter_map(move |listing| {
            let (path, access) = *PAGES.iter().find(|(path, _)| *path == listing.path())?;
            Some(Route {
                router: "pages",
                method: Method::GET,
                path: path.into(),
                policy: RoutePolicy::Checked(Checks {
                    access,
                    csrf: Csrf::ReadOnly,
                    rate: Rate::Request,
                    body: BodyLimit::Unread,
                    prolongs_session: true,
                    errors: ErrorForm::Negotiated,
                }),
                handler: match path {
                    login::PATH => sign_in.clone(),
                    _ => get(page.clone()),
                },
            })
        })
}

/// Pages and server functions find the request under way in their context.
pub(super) fn provide_request_context() {
    if let Some(context) =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
    {
        provide_context(context);
    }
}

/// The target that a proxy put into the address of the sign-in page by itself, if it is too long for forms and heads.
fn long_target(request: &Request) -> Option<String> {
    asked_target(request.uri().path_and_query()?.as_str()).filter(|target| target.len() > LONG)
}
