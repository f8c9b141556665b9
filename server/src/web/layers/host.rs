//! The name under which we were asked must be ours.
//!
//! Otherwise another name could be pointed at us (DNS rebinding), or a forwarded host could end up
//! in links that we make (Zitadel GHSA-2wmj). Links come from the configured public URL alone, and
//! `X-OriginalRequest-Host` is read nowhere.

use crate::web::{Web, error::line};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_app::error::AppError;
use latchkey_domain::request::host::Host;

/// Lets requests for our own names pass; the others were directed to the wrong place (RFC 9110 §15.5.20).
pub(in crate::web) async fn check(
    State(web): State<Web>,
    request: Request,
    next: Next,
) -> Response {
    let url = web.public_url().url().as_str();
    line(&match of(&web, &request) {
        Name::Ours => return next.run(request).await,
        Name::Dotted(host) if matches!(*request.method(), Method::GET | Method::HEAD) => {
            return without_dot(host, request.uri());
        }
        Name::Dotted(_) => AppError::dotted_host(url),
        Name::Another => AppError::other_host(url),
    })
}

/// The name under which we were asked.
#[derive(Debug, PartialEq, Eq)]
enum Name<'a> {
    /// One of ours.
    Ours,
    /// One of ours with a dot behind it. The host is the same (RFC 1034 §3.1) and the origin another one: no
    /// cookie and no passkey of ours is there, and every form would come from somewhere else.
    Dotted(&'a Host),
    /// None of ours.
    Another,
}

/// To the same page under the name without the dot. The scheme is left to the browser, which knows it.
fn without_dot(host: &Host, uri: &Uri) -> Response {
    let page = uri.path_and_query().map_or("/", |page| page.as_str());
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    if let Ok(to) = HeaderValue::from_bytes(format!("//{host}{page}").as_bytes()) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

fn of<'a>(web: &'a Web, request: &Request) -> Name<'a> {
    let mut lines = request.headers().get_all(header::HOST).into_iter();
    let host = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        (None, _) => None,
        // Two of them: whoever stands in front may have read the other one.
        (Some(_), Some(_)) => return Name::Another,
    };
    // A request line with a whole URL, or HTTP/2's :authority, names the host a second time.
    let names: Vec<_> = [
        host,
        request
            .uri()
            .authority()
            .map(|authority| authority.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let known: Option<Vec<_>> = names
        .iter()
        .map(|name| known(web, name, request.uri()))
        .collect();
    let is_dotted = |name: &&str| {
        name.split(':')
            .next()
            .is_some_and(|name| name.ends_with('.'))
    };
    match known.as_deref() {
        Some([host, ..]) if names.iter().any(is_dotted) => Name::Dotted(host),
        Some([_, ..]) => Name::Ours,
        Some([]) | None => Name::Another,
    }
}

/// The host of ours that is asked by this name.
fn known<'a>(web: &'a Web, name: &str, uri: &Uri) -> Option<&'a Host> {
    let asked = Host::parse(name).ok()?;
    let scheme = uri.scheme_str().unwrap_or(web.public_url().url().scheme());
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let without_own_port = |host: &Host| {
        host.as_str()
            .strip_suffix(own_port)
            .unwrap_or(host.as_str())
            .to_owned()
    };
    web.hosts()
        .iter()
        .find(|known| without_own_port(known) == without_own_port(&asked))
}
