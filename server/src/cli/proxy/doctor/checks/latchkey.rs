//! Whether Latchkey itself is reachable: for proxies and for browsers.

use crate::cli::{
    finding::Finding,
    proxy::doctor::{
        exchange::{ProbeRequest, ProbeResponse},
        http::{Client, NoResponse},
    },
};
use axum::http::StatusCode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Url;

/// Whether the internal listener is ready.
pub(in super::super) async fn check_internal(client: &Client, internal: SocketAddr) -> Finding {
    const CHECK: &str = "Latchkey";
    let ip = match internal.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(ip, internal.port());
    let unreachable = |message| Finding::warning(CHECK, "latchkey_unreachable", message);
    let Ok(url) = Url::parse(&format!("http://{address}/readyz")) else {
        return unreachable(format!("no request can be sent to {address}"));
    };
    match client.send(ProbeRequest::new(&url)).await {
        Ok(response) if response.status.is_success() => Finding::ok(
            CHECK,
            "latchkey_ready",
            format!("it is ready at {internal}"),
        ),
        Ok(response) => Finding::failed(
            CHECK,
            "latchkey_not_ready",
            format!(
                "{internal} is not ready ({}); its log says why",
                response.status.as_u16()
            ),
        ),
        Err(why) => unreachable(format!(
            "{why}; start it (latchkey serve), or run this on its machine"
        )),
    }
}

/// Whether browsers reach the sign-in page, to which everyone is redirected.
pub(in super::super) async fn check_login_page(client: &Client, public_url: &Url) -> Finding {
    let mut page = public_url.clone();
    page.set_path("/login");
    check(&page, &client.send(ProbeRequest::page(&page)).await)
}

fn check(page: &Url, response: &Result<ProbeResponse, NoResponse>) -> Finding {
    const CHECK: &str = "sign-in page";
    match response {
        Ok(response) if response.status == StatusCode::OK => Finding::ok(
            CHECK,
            "login_page_reachable",
            format!("{page} is reachable"),
        ),
        Ok(response) if response.status == StatusCode::MISDIRECTED_REQUEST => Finding::failed(
            CHECK,
            "login_page_wrong_host",
            format!(
                "{page} is rejected as another host's: the proxy in front of Latchkey must forward Host unchanged (nginx: proxy_set_header Host $http_host)"
            ),
        ),
        Ok(response) => Finding::failed(
            CHECK,
            "login_page_wrong_status",
            format!(
                "{page} responds with {}: everyone is redirected there, so the proxy in front of Latchkey must forward it to the public listener",
                response.status.as_u16()
            ),
        ),
        // Users' machines may reach it all the same.
        Err(why) => Finding::warning(CHECK, "login_page_unreachable", why.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn a_sign_in_page_that_is_not_reachable_fails_and_a_wrong_host_is_named() {
        let page = "https://login.example.com/login".parse().unwrap();
        let code = |status| check(&page, &Ok(fixtures::response(status, &[], ""))).code;
        assert_eq!(code(200), "login_page_reachable");
        for status in [301, 302, 404, 500, 502] {
            assert_eq!(code(status), "login_page_wrong_status", "{status}");
        }
        assert_eq!(code(421), "login_page_wrong_host");
        let unknown = Err(NoResponse::UnknownHost("login.example.com".to_owned()));
        assert_eq!(check(&page, &unknown).code, "login_page_unreachable");
    }
}
