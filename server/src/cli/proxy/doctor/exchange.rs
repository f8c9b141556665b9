//! A request as it is sent, and its response.

use super::arguments;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use url::Url;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct ProbeRequest {
    pub(super) url: Url,
    /// The request target, sent byte for byte.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) has_secret: bool,
}

/// A response.
#[derive(Debug)]
pub(super) struct ProbeResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The beginning of the body, as text.
    pub(super) body: String,
    /// The id of the request, which was sent in `User-Agent`.
    pub(super) request_id: String,
}

impl ProbeRequest {
    /// The navigation of a browser to a page.
    pub(super) fn page(url: &Url) -> Self {
        Self::new(url)
            .with_header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .with_header(HeaderName::from_static("sec-fetch-mode"), "navigate")
            .with_header(HeaderName::from_static("sec-fetch-dest"), "document")
    }

    /// A `fetch()` of a script.
    pub(super) fn script(url: &Url) -> Self {
        Self::new(url)
            .with_header(header::ACCEPT, "*/*")
            .with_header(HeaderName::from_static("sec-fetch-mode"), "cors")
            .with_header(HeaderName::from_static("sec-fetch-dest"), "empty")
    }

    /// A request without headers.
    pub(super) fn new(url: &Url) -> Self {
        Self {
            url: url.clone(),
            target: arguments::target(url).to_owned(),
            headers: HeaderMap::new(),
            has_secret: false,
        }
    }

    /// Replaces the request target.
    pub(super) fn with_target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Adds a header. A value that no header can have is left out.
    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// Adds a secret header: the request is sent over TLS or stays on this machine.
    pub(super) fn with_secret_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.append(name, value);
        }
        self.has_secret = true;
        self
    }
}

impl ProbeResponse {
    /// A header, as text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The host, with the port if it is not the scheme's default: what browsers send in `Host`.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
