//! The client of a request, according to the connection and, behind a trusted proxy, its headers.

use crate::config::proxy::Proxy;
use axum::http::{HeaderMap, HeaderName};
use latchkey_engine::{CallerOrigin, RequestOrigin};
use latchkey_parsers::client;
use std::net::{IpAddr, SocketAddr};

/// The client's address and browser, for the audit log and the limits.
pub(super) fn read(peer: Option<SocketAddr>, headers: &HeaderMap, proxy: &Proxy) -> RequestOrigin {
    RequestOrigin {
        ip: address_of(peer, headers, proxy),
        user_agent: client::user_agent(headers),
    }
}

/// The client of a request that a proxy or a service asks about. A proxy's own header is its client's, if the proxy is trusted; a service
/// says in another one what the browser of its request calls itself, because the usual one is its own. A claim of the browser either way.
pub(super) fn asked_for<'h>(
    peer: SocketAddr,
    headers: &'h HeaderMap,
    proxy: &Proxy,
    browser: &HeaderName,
) -> CallerOrigin<'h> {
    let peer = peer.ip();
    CallerOrigin {
        ip: client::forwarded_address(peer, headers, |address| proxy.trusts(address)),
        user_agent: client::forwarded_browser(headers, browser),
    }
}

/// The client's address, if the connection's is known.
pub(super) fn address_of(
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    proxy: &Proxy,
) -> Option<IpAddr> {
    peer.map(|peer| client::address(peer.ip(), headers, |address| proxy.trusts(address)))
}
