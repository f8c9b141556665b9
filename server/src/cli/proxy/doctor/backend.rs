//! The backend's own address: whoever reaches it there walks around the proxy.

use super::http::NoAnswer;
use crate::cli::finding::Finding;
use std::net::IpAddr;
use url::{Host, Url};

const CHECK: &str = "backend";

/// The status of an answer, or why there was none.
pub(super) fn judge(url: &Url, answer: Result<u16, &NoAnswer>) -> Finding {
    match answer {
        Err(why @ (NoAnswer::Unknown(_) | NoAnswer::Open(_))) => {
            Finding::warning(CHECK, format!("{url} was not asked: {why}"))
        }
        Err(NoAnswer::Refused(..) | NoAnswer::Late(_)) => Finding::ok(
            CHECK,
            format!(
                "{url} does not answer without the proxy, from this machine (if the backend listens there at all)"
            ),
        ),
        Err(why @ (NoAnswer::Tls(..) | NoAnswer::Garbled(..))) => Finding::warning(
            CHECK,
            format!(
                "{url} takes connections without the proxy: {why}. If it wants a certificate that only the proxy has, all is well"
            ),
        ),
        Ok(status @ (401 | 403)) => Finding::ok(
            CHECK,
            format!(
                "{url} answers without the proxy, and refuses ({status}); better let it answer to the proxy alone"
            ),
        ),
        Ok(status) if is_loopback(url) => Finding::warning(
            CHECK,
            format!(
                "{url} answers without the proxy ({status}), to this machine alone: other users and containers of it come in unasked. Run this from another machine with the backend's outside address, too"
            ),
        ),
        Ok(status) => Finding::failed(
            CHECK,
            format!(
                "{url} is reachable without the proxy ({status}), and believes whatever name it is told there: let it listen on 127.0.0.1 or a network of its own, or let a firewall pass the proxy only"
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
    fn a_backend_that_answers_without_the_proxy_is_a_problem() {
        let judge = |url: &str, answer: Result<u16, &NoAnswer>| {
            super::judge(&url.parse().unwrap(), answer).status
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
            assert_eq!(judge(outside, Ok(status)), expected, "{status}");
        }
        assert_eq!(judge("http://127.0.0.1:8080/", Ok(200)), Status::Warning);
        assert_eq!(judge("http://localhost:8080/", Ok(200)), Status::Warning);
        let unknown = NoAnswer::Unknown("typo".to_owned());
        assert_eq!(judge(outside, Err(&unknown)), Status::Warning);
        let why = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            judge(outside, Err(&NoAnswer::Refused(String::new(), why()))),
            Status::Ok
        );
        assert_eq!(
            judge(outside, Err(&NoAnswer::Late(String::new()))),
            Status::Ok
        );
        assert_eq!(
            judge(outside, Err(&NoAnswer::Tls(String::new(), why()))),
            Status::Warning
        );
    }
}
