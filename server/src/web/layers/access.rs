//! Who may reach a route, as its policy says.
//!
//! 1. [`check_request`]: the path must be canonical (no escapes, no empty or dotted segments), and the method that of
//!    the route.
//! 2. [`check`]: the user must have the access that the policy demands. Actions ask again inside, for the proof itself.
//!
//! A form whose sender has to sign in first is refused and read nevertheless: the request context gives out no proof
//! any more, and what was typed waits for them ([`RequestContext::refuse`]).

use crate::web::{
    Web,
    error::{accepts_html, refuse, render},
    route_policy::RouteState,
    sign_in_url::{SaveTimeout, sign_in_url},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use latchkey_app::{
    actions::error::leading_back,
    error::{AppError, Code, Remedy, remedy_of},
    request_context::RequestContext,
    routes::{Access, is_open_in_recovery},
};
use latchkey_domain::access::permission::Denial;
use std::net::SocketAddr;

/// Refuses a path that could be read in two ways, and a method that is not the route's.
pub(in crate::web) async fn check_request(
    State((expected, allowed)): State<(Method, HeaderValue)>,
    request: Request,
    next: Next,
) -> Response {
    if !is_canonical_path(request.uri().path()) {
        return refuse(Code::NotFound, request.headers());
    }
    let method = request.method();
    let is_allowed = *method == expected || (expected == Method::GET && *method == Method::HEAD);
    if is_allowed {
        return next.run(request).await;
    }
    let mut response = refuse(Code::MethodNotAllowed, request.headers());
    response.headers_mut().insert(header::ALLOW, allowed);
    response
}

/// Lets a request through to its handler, or answers in its place.
pub(in crate::web) async fn check(
    State(state): State<RouteState>,
    request: Request,
    next: Next,
) -> Response {
    let context = request.extensions().get::<RequestContext>();
    let path = request.uri().path();
    let Err(denial) = allow(state.checks.access, path, context) else {
        return next.run(request).await;
    };
    if state.method == Method::GET {
        return refuse_page(&state, denial, request).await;
    }
    match context {
        Some(context) if accepts_html(request.headers()) && remedy_of(denial).is_some() => {
            context.refuse(denial);
            next.run(request).await
        }
        _ => {
            let next = context.and_then(|context| leading_back(context, denial));
            render(&AppError::from(denial).leading_to(next), request.headers())
        }
    }
}

fn allow(access: Access, path: &str, context: Option<&RequestContext>) -> Result<(), Denial> {
    match (access, context) {
        (Access::Public, _) => Ok(()),
        // Without a context nobody is there: as if there were no device.
        (_, None) => Err(Denial::SignIn),
        (Access::User, Some(context)) => {
            let limit = context.current_user()?.limit;
            match limit.is_recovery() && !is_open_in_recovery(path) {
                true => Err(Denial::Recovery),
                false => Ok(()),
            }
        }
        (Access::Permission(permission), Some(context)) => context.may(permission),
    }
}

/// Whether every program that reads this path reads the same one: this router, a proxy in front, a log.
fn is_canonical_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    path == "/"
        || path.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|segment| {
                !segment.is_empty()
                    && segment != "."
                    && segment != ".."
                    && segment.bytes().all(is_plain)
            })
        })
}

async fn refuse_page(state: &RouteState, denial: Denial, request: Request) -> Response {
    match remedy_of(denial) {
        Some(Remedy::SignIn) => {
            let target = request
                .uri()
                .path_and_query()
                .map_or("/", |target| target.as_str())
                .to_owned();
            redirect_to_sign_in(&state.web, request, &target).await
        }
        Some(Remedy::Page(page)) => Redirect::to(page).into_response(),
        None => render(&AppError::from(denial).of_page(), request.headers()),
    }
}

/// To the sign-in page, which leads back to `target`.
pub(in crate::web) async fn redirect_to_sign_in(
    web: &Web,
    request: Request,
    target: &str,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| *peer);
    let page = sign_in_url(web, peer, request.headers(), target, SaveTimeout::Public).await;
    Redirect::to(&page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn must_survive_22_an_ambiguous_path_is_refused() {
        for path in [
            "/",
            "/devices",
            "/admin/users/0190c2f0-7d5a-7000-8000-000000000000",
            "/actions/device/revoke-any",
        ] {
            assert!(is_canonical_path(path), "{path}");
        }
        for path in [
            "",
            "*",
            "//",
            "/devices/",
            "//devices",
            "/./devices",
            "/../devices",
            "/a/../admin",
            "/%2e%2e/admin",
            "/admin%2fusers",
            "/admin%00",
            "/admin;x=1",
            "/admin\\users",
            "/%61dmin",
            "/admin//users",
            "/admin ",
            "/ädmin",
            "/a:b",
            "/a@b",
            "/a+b",
        ] {
            assert!(!is_canonical_path(path), "{path}");
        }
    }
}
