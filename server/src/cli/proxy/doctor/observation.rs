//! What is known of the request that the backend received.

use super::{
    exchange::ProbeResponse,
    mock_backend::{MockBackend, ReceivedRequest},
};
use axum::http::HeaderName;

/// What the mock backend, or the response, reveals of the request.
#[derive(Debug)]
pub(super) enum Observation {
    /// The mock backend received it.
    Received(ReceivedRequest),
    /// The mock backend did not receive it.
    NotReceived,
    /// The backend echoes its request in the response.
    Echoed(String),
    /// The response does not show the request.
    Opaque(String),
}

impl Observation {
    pub(super) fn of(response: &ProbeResponse, mock_backend: Option<&MockBackend>) -> Self {
        if let Some(mock_backend) = mock_backend {
            return mock_backend
                .received(&response.request_id)
                .map_or(Self::NotReceived, Self::Received);
        }
        let mut text = String::new();
        for (name, value) in &response.headers {
            text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        text += &response.body;
        // A backend that echoes `User-Agent` echoes the other headers too.
        match text.contains(&response.request_id) {
            true => Self::Echoed(text),
            false => Self::Opaque(text),
        }
    }

    /// Whether the whole request is known, so that a missing header was not received.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self, Self::Received(_) | Self::Echoed(_))
    }

    /// Whether this text is in what is known of the request.
    pub(super) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Received(ReceivedRequest { headers, .. }) => headers
                .values()
                .any(|value| String::from_utf8_lossy(value.as_bytes()).contains(text)),
            Self::NotReceived => false,
            Self::Echoed(all) | Self::Opaque(all) => all.contains(text),
        }
    }

    /// Whether the backend received exactly this target; `None` if its target is unknown.
    pub(super) fn has_target(&self, target: &str) -> Option<bool> {
        match self {
            Self::Received(request) => Some(request.target == target),
            Self::Echoed(all) => Some(all.contains(target)),
            Self::NotReceived | Self::Opaque(_) => None,
        }
    }

    /// Whether the backend received this header with a value. Echoes spell header names in many ways.
    pub(super) fn has_header(&self, name: &HeaderName) -> bool {
        match self {
            Self::Received(ReceivedRequest { headers, .. }) => {
                headers.get(name).is_some_and(|value| !value.is_empty())
            }
            Self::NotReceived | Self::Opaque(_) => false,
            Self::Echoed(all) => all
                .to_ascii_lowercase()
                .replace('_', "-")
                .contains(name.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, StatusCode};

    fn response(body: &str) -> ProbeResponse {
        ProbeResponse {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.to_owned(),
            request_id: "run-7".to_owned(),
        }
    }

    #[test]
    fn a_response_with_the_request_id_is_an_echo_and_any_other_is_opaque() {
        let echo = Observation::of(
            &response("User-Agent: doctor (run-7)\nHTTP_LATCHKEY_SUBJECT: x"),
            None,
        );
        assert!(
            echo.is_complete() && echo.has_header(&HeaderName::from_static("latchkey-subject"))
        );
        assert!(!echo.has_header(&HeaderName::from_static("latchkey-email")));
        let page = Observation::of(&response("<h1>Photos</h1> latchkey-subject"), None);
        assert!(
            !page.is_complete() && !page.has_header(&HeaderName::from_static("latchkey-subject"))
        );
        assert!(page.contains("Photos"), "what is known can be searched");
        // The id of another request: a cached response says nothing of this one.
        assert!(!Observation::of(&response("doctor (run-6)"), None).is_complete());
    }
}
