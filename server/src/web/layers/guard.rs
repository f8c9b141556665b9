//! Who may reach what: closed unless somebody wrote down who it is for.
//!
//! 1. The path must have one reading only: no escapes, no empty or dotted segments.
//! 2. It must stand in the table of pages or of actions (`app/src/routes.rs`), with its method.
//! 3. The person must have what the table asks for. Actions ask again inside, for the proof itself.
//!
//! A form whose sender has to sign in first is refused and read nevertheless: the visit gives out no proof any
//! more, and what was typed waits for them ([`RequestContext::refuse`]).

use crate::web::{
    Web,
    error::{Problem, takes_html},
    jwks,
    layers::origin::FOR_PROGRAMS,
    target::{Patience, sign_in_page},
};
use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use latchkey_app::{
    api::error::{ApiError, Kind},
    pages::login::asked_target,
    request_context::RequestContext,
    response::{Remedy, remedy_of},
    routes::{Access, access_of_action, access_of_page},
};
use latchkey_domain::{access::permission::Denial, request::return_to::LONG};
use std::net::SocketAddr;

/// Below this lie the actions.
const ACTIONS: &str = "/api/";

/// What is said in place of a page or an action.
enum Refused {
    With(Response),
    /// First somebody signs in, and then comes back to this.
    SignIn(String),
}

impl From<Response> for Refused {
    fn from(response: Response) -> Self {
        Self::With(response)
    }
}

/// Lets a request through to its page or action, or answers in its place.
pub(in crate::web) async fn ask(State(web): State<Web>, request: Request, next: Next) -> Response {
    let target = match decide(&request) {
        Ok(()) => match long_target(&request) {
            None => return next.run(request).await,
            Some(target) => target,
        },
        Err(Refused::With(response)) => return response,
        Err(Refused::SignIn(target)) => target,
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| *peer);
    let headers = request.into_parts().0.headers;
    let page = sign_in_page(&web, peer, &headers, &target, Patience::Public).await;
    Redirect::to(&page).into_response()
}

/// The target that a proxy of its own mind put into the address of the sign-in page, if it is too long for forms and heads.
fn long_target(request: &Request) -> Option<String> {
    let is_sign_in = request.uri().path() == "/login" && *request.method() == Method::GET;
    let asked = request.uri().path_and_query().filter(|_| is_sign_in)?;
    asked_target(asked.as_str()).filter(|target| target.len() > LONG)
}

fn decide(request: &Request) -> Result<(), Refused> {
    let (path, headers) = (request.uri().path(), request.headers());
    if !has_one_reading(path) {
        return Err(Problem::NotFound.answer(headers).into());
    }
    if path == FOR_PROGRAMS {
        return Ok(allow(request, &[Method::POST])?);
    }
    if path == jwks::ROUTE {
        return Ok(allow(request, &[Method::GET, Method::HEAD])?);
    }
    let is_action = path.starts_with(ACTIONS);
    let access = if is_action {
        access_of_action(path)
    } else {
        access_of_page(path)
    };
    let Some(access) = access else {
        return Err(Problem::NotFound.answer(headers).into());
    };
    allow(
        request,
        if is_action {
            &[Method::POST]
        } else {
            &[Method::GET, Method::HEAD]
        },
    )?;
    // Without a visit nobody is there: as if there were no device.
    let context = request.extensions().get::<RequestContext>();
    let denial = match (access, context) {
        (Access::Public, _) => return Ok(()),
        (_, None) => Denial::SignIn,
        (Access::User, Some(context)) => match context.current_user() {
            Ok(_) => return Ok(()),
            Err(denial) => denial,
        },
        (Access::Admin, Some(context)) => match context.administrator() {
            Ok(_) => return Ok(()),
            Err(denial) => denial,
        },
    };
    match context {
        _ if !is_action => Err(refuse_page(denial, request)),
        Some(context) if takes_html(headers) && remedy_of(denial).is_some() => {
            context.refuse(denial);
            Ok(())
        }
        _ => Err(refuse_action(denial, context, headers).into()),
    }
}

/// Whether every program that reads this path reads the same one: the guard, the router, a proxy.
fn has_one_reading(path: &str) -> bool {
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

fn allow(request: &Request, methods: &[Method]) -> Result<(), Response> {
    if methods.contains(request.method()) {
        return Ok(());
    }
    let mut response = Problem::MethodNotAllowed.answer(request.headers());
    let allowed = if methods.contains(&Method::POST) {
        "POST"
    } else {
        "GET, HEAD"
    };
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed));
    Err(response)
}

fn refuse_page(denial: Denial, request: &Request) -> Refused {
    match remedy_of(denial) {
        Some(Remedy::SignIn) => {
            let asked = request.uri().path_and_query();
            Refused::SignIn(asked.map_or("/", |asked| asked.as_str()).to_owned())
        }
        Some(Remedy::Page(page)) => Redirect::to(page).into_response().into(),
        None => Problem::Forbidden.answer(request.headers()).into(),
    }
}

fn refuse_action(
    denial: Denial,
    context: Option<&RequestContext>,
    headers: &HeaderMap,
) -> Response {
    // Back to the page with the form, and never to the action: it answers no GET.
    let page = context
        .and_then(|context| context.facts().referring_page.as_deref())
        .unwrap_or("/");
    let next = remedy_of(denial).map(|cure| cure.leading_back_to(page));
    let (status, kind) = match &next {
        None if takes_html(headers) => return Problem::Forbidden.answer(headers),
        None => (StatusCode::FORBIDDEN, Kind::Forbidden),
        Some(_) => (StatusCode::UNAUTHORIZED, Kind::SignIn),
    };
    (
        status,
        Json(ApiError {
            kind,
            message: denial.to_string(),
            field: None,
            next,
        }),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn must_survive_22_a_path_with_two_readings_is_no_path() {
        for path in [
            "/",
            "/devices",
            "/admin/users/0190c2f0-7d5a-7000-8000-000000000000",
            "/api/device/revoke-any",
        ] {
            assert!(has_one_reading(path), "{path}");
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
            assert!(!has_one_reading(path), "{path}");
        }
    }
}
