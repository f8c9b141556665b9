//! Quotas and turns, before any work is done: see [`crate::web::admission`].

use crate::web::{
    Web,
    admission::{Refused, Source, rate_limit_fields},
    client,
    route_policy::{Csrf, ErrorForm, RouteState},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use latchkey_app::{
    error::{AppError, Code},
    routes::Rate,
};
use latchkey_engine::Lane;
use std::net::SocketAddr;
use tokio::sync::SemaphorePermit;

/// Counts a request and passes its lane on to the inner layers, or refuses it.
pub(in crate::web) async fn count(
    State(RouteState { web, checks, .. }): State<RouteState>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let device = match checks.csrf {
        Csrf::NoCookies => None,
        Csrf::ReadOnly | Csrf::OwnRead | Csrf::SameOrigin | Csrf::SameOriginOrNoBrowser => {
            web.device_of(headers)
        }
    };
    let (source, lane) = match device {
        Some(device) => (Source::Device(device), Lane::Known),
        None => {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let peer = peer.map(|ConnectInfo(peer)| *peer);
            let address = client::address_of(peer, headers, web.proxy());
            (Source::of(address), Lane::Anonymous)
        }
    };
    if let Err(refused) = web.admission().count(source, checks.rate) {
        return limited(&refused, checks.errors, headers);
    }
    request.extensions_mut().insert(lane);
    next.run(request).await
}

/// Counts a request whose cookie is genuine and identifies nobody any more: it has the quota and the turn of an
/// anonymous request. The turn lasts as long as what is returned.
pub(in crate::web) async fn as_anonymous<'w>(
    web: &'w Web,
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    rate: Rate,
) -> Result<SemaphorePermit<'w>, Response> {
    let address = client::address_of(peer, headers, web.proxy());
    let counted = web.admission().count(Source::of(address), rate);
    let limited = |refused| limited(&refused, ErrorForm::Negotiated, headers);
    counted.map_err(limited)?;
    let turn = web.admission().enter().await;
    turn.map_err(limited)
}

/// Lets only a few anonymous requests run at once. The body is there already, so that a slow client holds up nobody.
pub(in crate::web) async fn take_turns(
    State(RouteState { web, checks, .. }): State<RouteState>,
    request: Request,
    next: Next,
) -> Response {
    if request.extensions().get() == Some(&Lane::Known) {
        return next.run(request).await;
    }
    match web.admission().enter().await {
        Ok(_turn) => next.run(request).await,
        Err(refused) => limited(&refused, checks.errors, request.headers()),
    }
}

/// The response to a request that is one too many.
pub(in crate::web) fn limited(
    refused: &Refused,
    errors: ErrorForm,
    headers: &HeaderMap,
) -> Response {
    let code = match refused.is_own_doing {
        true => Code::TooManyRequests,
        false => Code::Busy,
    };
    let seconds = refused.wait_seconds();
    let mut response = errors.render(&AppError::from(code).after(seconds), headers);
    if let Some(policy) = refused.policy {
        let fields = rate_limit_fields(policy, 0, Some(seconds));
        response.headers_mut().extend(fields);
    }
    response
}
