//! The client of a request, according to the connection and, behind a trusted proxy, its headers.

use crate::config::proxy::Proxy;
use axum::http::HeaderMap;
use latchkey_engine::RequestOrigin;
use latchkey_parsers::client;
use std::net::{IpAddr, SocketAddr};

/// The client's address and browser, for the audit log and the limits.
pub(super) fn read(peer: Option<SocketAddr>, headers: &HeaderMap, proxy: &Proxy) -> RequestOrigin {
    RequestOrigin {
        ip: address_of(peer, headers, proxy),
        user_agent: client::user_agent(headers),
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
