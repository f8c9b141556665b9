//! The name under which we were asked must be ours.
//!
//! Otherwise another name could be pointed at us (DNS rebinding), or a forwarded host could end up
//! in links that we make (Zitadel GHSA-2wmj). Links come from the configured public URL alone, and
//! `X-Forwarded-Host` is read nowhere.

use crate::web::Web;
use axum::{
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_domain::host::Host;

/// Lets requests for our own names pass; the others were directed to the wrong place (RFC 9110 §15.5.20).
pub(in crate::web) async fn check(
    State(web): State<Web>,
    request: Request,
    next: Next,
) -> Response {
    if is_ours(&web, &request) {
        return next.run(request).await;
    }
    let words = format!(
        "This address is not Latchkey's. It answers at {}\nIf you are there already: the proxy in front of it has to pass Host on as it came.\n",
        web.public_url().url()
    );
    (
        StatusCode::MISDIRECTED_REQUEST,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        words,
    )
        .into_response()
}

fn is_ours(web: &Web, request: &Request) -> bool {
    let mut lines = request.headers().get_all(header::HOST).into_iter();
    let host = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        (None, _) => None,
        // Two of them: whoever stands in front may have read the other one.
        (Some(_), Some(_)) => return false,
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
    !names.is_empty() && names.iter().all(|name| is_known(web, name, request.uri()))
}

fn is_known(web: &Web, name: &str, uri: &Uri) -> bool {
    let Ok(asked) = Host::parse(name) else {
        return false;
    };
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
        .any(|known| without_own_port(known) == without_own_port(&asked))
}
