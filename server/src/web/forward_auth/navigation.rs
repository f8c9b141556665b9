//! Which requests open a document.

use axum::http::{HeaderMap, header};

/// Whether a person is opening a document: only then is a page an answer.
pub(super) fn is_navigation(method: &str, headers: &HeaderMap) -> bool {
    let says = |name: &str, part: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains(part))
    };
    if !matches!(method, "GET" | "HEAD")
        || headers.contains_key(header::UPGRADE)
        // A WebSocket (RFC 6455 §4.1, RFC 8441 §5) where the proxy hands on no `Upgrade`.
        || headers.contains_key(header::SEC_WEBSOCKET_VERSION)
        || headers
            .get("x-requested-with")
            .is_some_and(|by| !by.is_empty())
    {
        return false;
    }
    // Fetch Metadata Request Headers §2.2; browsers without it still say what they accept.
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => says("accept", "text/html"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn only_documents_are_navigations() {
        let is_navigation = |method: &str, lines: &[(&'static str, &'static str)]| {
            let headers = lines
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            super::is_navigation(method, &headers)
        };
        let page = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let navigate = ("sec-fetch-mode", "navigate");
        assert!(is_navigation("GET", &[page, navigate]));
        assert!(is_navigation("GET", &[page]));
        assert!(is_navigation("HEAD", &[navigate]));
        for (method, lines) in [
            ("POST", &[page, navigate][..]),
            ("GET", &[]),
            ("GET", &[("accept", "*/*")]),
            ("GET", &[("accept", "text/event-stream")]),
            ("GET", &[page, ("sec-fetch-mode", "cors")]),
            ("GET", &[page, ("sec-fetch-mode", "websocket")]),
            ("GET", &[page, ("upgrade", "websocket")]),
            ("GET", &[page, navigate, ("sec-websocket-version", "13")]),
            ("GET", &[page, ("x-requested-with", "XMLHttpRequest")]),
        ] {
            assert!(!is_navigation(method, lines), "{method} {lines:?}");
        }
    }
}
