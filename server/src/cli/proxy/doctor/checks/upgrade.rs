//! Connection upgrades: over an HTTP/2 connection that the proxy only tunnels, requests bypass authorization
//! (h2c smuggling; RFC 7540 §3.2).

use crate::cli::{
    finding::Finding,
    proxy::doctor::{
        exchange::{ProbeRequest, ProbeResponse},
        observation::Observation,
    },
};
use axum::http::{HeaderName, StatusCode, header};

/// HTTP/2 without TLS (RFC 7540 §11.3).
const H2C: &str = "h2c";

/// Requests an upgrade to HTTP/2.
pub(in super::super) fn apply(page: ProbeRequest) -> ProbeRequest {
    page.with_header(header::CONNECTION, "Upgrade, HTTP2-Settings")
        .with_header(header::UPGRADE, H2C)
        .with_header(
            HeaderName::from_static("http2-settings"),
            "AAMAAABkAAQAAP__",
        )
}

/// `None` if the response does not show what reached the backend.
pub(in super::super) fn check(
    check: &'static str,
    response: &ProbeResponse,
    observation: &Observation,
) -> Option<Finding> {
    let is_forwarded = observation.is_complete() && observation.contains(H2C);
    if is_forwarded || response.status == StatusCode::SWITCHING_PROTOCOLS {
        return Some(Finding::failed(
            check,
            "upgrade_forwarded",
            "a client's `Upgrade: h2c` reaches the backend: if it speaks HTTP/2, later requests on that connection bypass authorization. Forward `websocket` and nothing else, as `latchkey proxy snippet` does",
        ));
    }
    let is_known = observation.is_complete() || !response.status.is_success();
    is_known.then(|| {
        Finding::ok(
            check,
            "upgrade_blocked",
            "connection upgrades cannot bypass authorization",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{received, response};
    use super::*;
    use crate::cli::finding::Status;

    #[test]
    fn r22_an_upgrade_that_is_forwarded_or_happens_fails() {
        let status = |status, observation| {
            let response = response(status, &[], "");
            check("upgrade", &response, &observation).map(|found| found.status)
        };
        let failed = Some(Status::Failed);
        assert_eq!(status(200, received(&[("upgrade", "h2c")])), failed);
        assert_eq!(
            status(200, Observation::Echoed("HTTP_UPGRADE: h2c".into())),
            failed
        );
        assert_eq!(status(101, Observation::NotReceived), failed);
        assert_eq!(status(101, Observation::Opaque(String::new())), failed);

        let ok = Some(Status::Ok);
        assert_eq!(status(200, received(&[("accept", "text/html")])), ok);
        assert_eq!(status(400, Observation::NotReceived), ok);
        assert_eq!(status(302, Observation::Opaque(String::new())), ok);
        assert_eq!(
            status(200, Observation::Opaque("all about h2c".into())),
            None
        );
    }
}
