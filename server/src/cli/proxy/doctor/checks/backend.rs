//! The backend's own address: a client that reaches it bypasses the proxy.

use crate::cli::{finding::Finding, proxy::doctor::http::NoResponse};
use std::net::IpAddr;
use url::{Host, Url};

const CHECK: &str = "backend";

/// By the status of its response, or the reason why there is none.
pub(in super::super) fn check(url: &Url, response: Result<u16, &NoResponse>) -> Finding {
    match response {
        Err(why @ (NoResponse::UnknownHost(_) | NoResponse::Plaintext(_))) => Finding::warning(
            CHECK,
            "backend_not_checked",
            format!("no request was sent to {url}: {why}"),
        ),
        Err(NoResponse::Unreachable(..) | NoResponse::TimedOut(_)) => Finding::ok(
            CHECK,
            "backend_not_reachable",
            format!(
                "{url} is not reachable without the proxy from this machine (if the backend listens there at all)"
            ),
        ),
        Err(why @ (NoResponse::Tls(..) | NoResponse::NotHttp(..))) => Finding::warning(
            CHECK,
            "backend_accepts_connections",
            format!(
                "{url} accepts connections without the proxy: {why}. This is fine if it requires a client certificate that only the proxy has"
            ),
        ),
        Ok(status @ (401 | 403)) => Finding::ok(
            CHECK,
            "backend_refuses",
            format!(
                "{url} is reachable without the proxy and refuses the request ({status}); it is safer to let only the proxy reach it"
            ),
        ),
        Ok(status) if is_loopback(url) => Finding::warning(
            CHECK,
            "backend_reachable_locally",
            format!(
                "{url} is reachable without the proxy from this machine ({status}): other users and containers on it bypass Latchkey. Also run this from another machine with the backend's external address"
            ),
        ),
        Ok(status) => Finding::failed(
            CHECK,
            "backend_reachable",
            format!(
                "{url} is reachable without the proxy ({status}) and trusts any identity headers it gets there: let it listen on 127.0.0.1 or a private network, or let a firewall accept the proxy only"
            ),
        ),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::Status;
    use std::io;

    #[test]
    fn a_backend_that_is_reachable_without_the_proxy_fails() {
        let check = |url: &str, response: Result<u16, &NoResponse>| {
            super::check(&url.parse().unwrap(), response).status
        };
        let outside = "http://192.0.2.7:8080/";
        for (status, expected) in [
            (200, Status::Failed),
            (302, Status::Failed),
            (404, Status::Failed),
            (500, Status::Failed),
            (401, Status::Ok),
            (403, Status::Ok),
        ] {
            assert_eq!(check(outside, Ok(status)), expected, "{status}");
        }
        assert_eq!(check("http://127.0.0.1:8080/", Ok(200)), Status::Warning);
        assert_eq!(check("http://localhost:8080/", Ok(200)), Status::Warning);
        let unknown_host = NoResponse::UnknownHost("typo".to_owned());
        assert_eq!(check(outside, Err(&unknown_host)), Status::Warning);
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            check(
                outside,
                Err(&NoResponse::Unreachable(String::new(), refused()))
            ),
            Status::Ok
        );
        assert_eq!(
            check(outside, Err(&NoResponse::TimedOut(String::new()))),
            Status::Ok
        );
        assert_eq!(
            check(outside, Err(&NoResponse::Tls(String::new(), refused()))),
            Status::Warning
        );
    }
}
