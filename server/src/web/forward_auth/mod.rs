//! `/forward-auth`: may this request, which a proxy holds back, go on?
//!
//! 1. Who asks is a proxy that `proxy.forward_auth` names, or holds the token of the service.
//! 2. The question stands in headers; what is not exactly a question is refused.
//! 3. The engine answers, and the answer takes the form that browser and proxy understand: a page is
//!    led to the sign-in page; a script, a socket or a form is told, because a redirect would
//!    answer it with a page, and a form must not be sent twice.

mod allow;
mod navigation;

use super::{
    Web,
    challenge::{Challenge, scheme_of},
    client, dpop_nonce,
    error::{page_reply, short_reply},
    reply::{Reply, text, unavailable},
    sign_in_url::{SaveTimeout, sign_in_url},
    verify::{ORIGINAL_AUTHORIZATION, count, presented_token, told, too_many},
};
use allow::{allow, allow_anonymous, allow_token};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use latchkey_app::error::{AppError, Code};
use latchkey_engine::{
    CallerCredentials, CallerOrigin, ForwardDecision, OriginalRequest, Requester,
};
use latchkey_parsers::{
    bearer::bearer_token,
    forwarded_request::{ForwardedRequest, ProxyDialect, ROUTE},
};
use navigation::is_navigation;
use std::net::SocketAddr;

/// Where nginx is told to lead the browser: its `auth_request` passes no `Location` on.
const LEAD_TO: HeaderName = HeaderName::from_static("latchkey-location");

/// Whether a path is ours: Envoy puts the original path behind the name.
pub(super) fn is_route(path: &str) -> bool {
    path.strip_prefix(ROUTE)
        .is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The answer to a question about a request.
pub(super) async fn ask(web: &Web, peer: SocketAddr, asked: &Parts) -> Reply {
    let headers = &asked.headers;
    let may_ask = web.proxy().may_ask(peer.ip());
    let forwarded_request = match ForwardedRequest::parse(&asked.method, &asked.uri, headers) {
        Ok(forwarded_request) => forwarded_request,
        Err(error) => {
            tracing::warn!(%peer, header = error.header, wrong = error.problem.as_str(), "the forwarded request cannot be read");
            return refuse(Code::BadQuestion);
        }
    };
    let caller = match may_ask {
        true => Requester::Trusted,
        false => Requester::Token(bearer_token(headers)),
    };
    let request = OriginalRequest {
        method: &forwarded_request.method,
        is_https: forwarded_request.is_https,
        host: &forwarded_request.host,
        target: &forwarded_request.target,
    };
    // A trusted proxy passes the client's own header on; from others, that has the service token.
    let name = match may_ask {
        true => header::AUTHORIZATION,
        false => ORIGINAL_AUTHORIZATION,
    };
    let (method, url) = (&*forwarded_request.method, forwarded_request.url());
    let presented = presented_token(headers, &name, method, &url);
    let credentials = CallerCredentials {
        cookie: web.device_cookie(headers).await,
        access_token: presented.as_deref(),
        origin: origin(web, peer, headers),
    };
    match web
        .engine()
        .forward_auth(caller, request, &credentials)
        .await
    {
        ForwardDecision::Public => allow_anonymous(headers),
        ForwardDecision::Granted(admitted) => allow(web, &admitted, headers),
        ForwardDecision::TokenAccepted(admitted) => match count(web, &admitted.accepted) {
            Ok(counted) => told(allow_token(web, &admitted, headers), counted),
            Err(refused) => too_many(too_many_status(forwarded_request.dialect), &refused),
        },
        ForwardDecision::InvalidToken => {
            let challenge = Challenge::InvalidToken.value(scheme_of(presented.as_deref()));
            refuse_token(Code::InvalidToken, challenge)
        }
        ForwardDecision::TokenTooOld { max_age } => {
            let challenge = Challenge::InsufficientAuthentication { max_age };
            let challenge = challenge.value(scheme_of(presented.as_deref()));
            refuse_token(Code::StepUpRequired, challenge)
        }
        ForwardDecision::NonceRequired => {
            let mut response = short_reply(StatusCode::UNAUTHORIZED, &Code::NonceRequired.into());
            dpop_nonce::demand(web, response.headers_mut());
            response
        }
        // Boxed: its room would be copied with every answer.
        ForwardDecision::SignIn => {
            let (request, code) = (&forwarded_request, Code::SignInRequired);
            Box::pin(redirect_to_sign_in(web, peer, request, headers, code)).await
        }
        ForwardDecision::StepUp => {
            let (request, code) = (&forwarded_request, Code::StepUpRequired);
            Box::pin(redirect_to_sign_in(web, peer, request, headers, code)).await
        }
        ForwardDecision::NoAccess => no_access(web, &forwarded_request, headers),
        ForwardDecision::Closed => refuse(Code::Closed),
        ForwardDecision::NotForCaller => {
            tracing::warn!(%peer, may_ask, host = %forwarded_request.host, "forward-auth was asked by somebody who may not, or for a host of no service");
            if !may_ask && web.proxy().trusts(peer.ip()) && bearer_token(headers).is_none() {
                tracing::warn!(%peer, "proxy.trusted lets nobody ask without a token; name a proxy that cannot send one in proxy.forward_auth");
            }
            refuse(Code::NotForCaller)
        }
        ForwardDecision::Unavailable => unavailable(),
    }
}

/// The client, as far as its proxy says. Of others nothing is believed: what asks with a token may send a name of its own.
fn origin<'h>(web: &Web, peer: SocketAddr, headers: &'h HeaderMap) -> CallerOrigin<'h> {
    let proxy = web.proxy();
    match proxy.trusts(peer.ip()) || proxy.may_ask(peer.ip()) {
        true => client::asked_for(peer, headers, proxy, &header::USER_AGENT),
        false => CallerOrigin::default(),
    }
}

/// An access token of ours that is not accepted (RFC 6750 §3.1), or whose user must authenticate again (RFC 9470 §3). A program
/// cannot sign in, so it is sent nowhere.
fn refuse_token(code: Code, challenge: HeaderValue) -> Reply {
    let mut response = short_reply(StatusCode::UNAUTHORIZED, &code.into());
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// 429. nginx passes on 401 and 403 alone, and with 401 a program would get another token and try again at once.
const fn too_many_status(dialect: ProxyDialect) -> StatusCode {
    match dialect {
        ProxyDialect::Plain => StatusCode::TOO_MANY_REQUESTS,
        ProxyDialect::AuthRequest => StatusCode::FORBIDDEN,
    }
}

/// To the sign-in page, which leads back to the document that was asked for.
async fn redirect_to_sign_in(
    web: &Web,
    peer: SocketAddr,
    forwarded_request: &ForwardedRequest,
    headers: &HeaderMap,
    code: Code,
) -> Reply {
    let base = web.public_url().origin();
    let is_page = is_navigation(&forwarded_request.method, headers);
    let status = match (is_page, forwarded_request.dialect) {
        (true, ProxyDialect::Plain) => StatusCode::FOUND,
        _ => StatusCode::UNAUTHORIZED,
    };
    let url = match is_page {
        true => {
            let (target, timeout) = (forwarded_request.url(), SaveTimeout::Internal);
            let page = sign_in_url(web, Some(peer), headers, &target, timeout).await;
            format!("{base}{page}")
        }
        // A script cannot sign anybody in; the page around it is opened again by a person.
        false => format!("{base}/login"),
    };
    let location = match forwarded_request.dialect {
        ProxyDialect::Plain => header::LOCATION,
        ProxyDialect::AuthRequest => LEAD_TO,
    };
    let mut response = match forwarded_request.dialect {
        ProxyDialect::Plain => {
            let error = AppError::from(code).leading_to(Some(url.clone()));
            short_reply(status, &error)
        }
        // nginx shows this body to nobody, and closes a connection on which it leaves one unread.
        ProxyDialect::AuthRequest => text(status, ""),
    };
    if let (true, Ok(url)) = (is_page, HeaderValue::from_str(&url)) {
        response.headers_mut().insert(location, url);
    }
    response
}

/// 403: signing in again would not help.
fn refuse(code: Code) -> Reply {
    short_reply(code.status(), &code.into())
}

/// 403, with a page for whoever looks at it.
fn no_access(web: &Web, forwarded_request: &ForwardedRequest, headers: &HeaderMap) -> Reply {
    if !is_navigation(&forwarded_request.method, headers) {
        return refuse(Code::NoAccess);
    }
    let host = forwarded_request
        .host
        .without_own_port(forwarded_request.is_https);
    let error = AppError::no_access_to(host);
    page_reply(&error, &web.public_url().origin(), headers)
        .unwrap_or_else(|| refuse(Code::NoAccess))
}
