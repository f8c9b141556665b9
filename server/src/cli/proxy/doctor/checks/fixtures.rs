//! Contexts, responses and received requests for the tests of the checks.

use crate::cli::proxy::doctor::{
    exchange::ProbeResponse,
    mock_backend::ReceivedRequest,
    observation::Observation,
    probe_context::{Expected, ProbeContext},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::sync::LazyLock;
use url::Url;

static URL: LazyLock<Url> =
    LazyLock::new(|| "https://photos.example.com/album?page=2".parse().unwrap());

pub(super) fn context() -> ProbeContext<'static> {
    ProbeContext {
        url: &URL,
        expected: Expected::SignIn,
        service: "photos",
        login_origin: "https://login.example.com",
        internal_addr: "127.0.0.1:3001",
        latchkey_is_up: true,
        trusts_addresses: false,
    }
}

pub(super) fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            )
        })
        .collect()
}

/// A request as the mock backend received it.
pub(super) fn received_request(target: &str, lines: &[(&str, &str)]) -> ReceivedRequest {
    ReceivedRequest {
        target: target.to_owned(),
        headers: headers(lines),
    }
}

/// A request for the URL of [`context`] that the mock backend received.
pub(super) fn received(lines: &[(&str, &str)]) -> Observation {
    Observation::Received(received_request("/album?page=2", lines))
}

pub(super) fn response(status: u16, lines: &[(&str, &str)], body: &str) -> ProbeResponse {
    ProbeResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers(lines),
        body: body.to_owned(),
        request_id: "run-0".to_owned(),
    }
}
