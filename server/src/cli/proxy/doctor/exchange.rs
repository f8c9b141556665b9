//! A request as it is sent, and what came back.

use super::arguments;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use url::Url;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) url: Url,
    /// What stands behind the method; no server on the way may have read it before.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) has_secret: bool,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Its beginning, whatever it is.
    pub(super) body: String,
    /// What the request was known by: it stood in `User-Agent`.
    pub(super) mark: String,
}

impl Question {
    /// A document that a person opens.
    pub(super) fn page(url: &Url) -> Self {
        Self::new(url)
            .with(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .with(HeaderName::from_static("sec-fetch-mode"), "navigate")
            .with(HeaderName::from_static("sec-fetch-dest"), "document")
    }

    /// Something that a script wants.
    pub(super) fn script(url: &Url) -> Self {
        Self::new(url)
            .with(header::ACCEPT, "*/*")
            .with(HeaderName::from_static("sec-fetch-mode"), "cors")
            .with(HeaderName::from_static("sec-fetch-dest"), "empty")
    }

    /// Whatever is there.
    pub(super) fn new(url: &Url) -> Self {
        Self {
            url: url.clone(),
            target: arguments::target(url).to_owned(),
            headers: HeaderMap::new(),
            has_secret: false,
        }
    }

    /// The same for another path, byte for byte.
    pub(super) fn at(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// One header more. What cannot be a header's value is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// One header more, which nobody on the way may read: it goes over TLS, or not off this machine.
    pub(super) fn with_secret(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.append(name, value);
        }
        self.has_secret = true;
        self
    }
}

impl Answer {
    /// A header, as text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The host, and the port when it is not the scheme's own: what browsers write into `Host`.
pub(super) fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
