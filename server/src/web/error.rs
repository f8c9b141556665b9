//! Answers that are not what was asked for: one line each, as a page for people or as JSON.

use crate::site;
use askama::Template;
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use latchkey_app::response::retry_after;
use latchkey_engine::Error;
use serde::Serialize;
use url::Url;

/// The page needs our style sheet and icon, and nothing else may load or run.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What went wrong, before any page or action was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// There is nothing here.
    NotFound,
    /// Something is here, but not for this method.
    MethodNotAllowed,
    /// The role is missing.
    Forbidden,
    /// The request was sent by another site.
    CrossSite,
    /// The body is longer than anything we take.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// This client, or those in its network, asked too often.
    TooManyRequests,
    /// Too many ask at once; others are served first.
    Busy,
    /// Our own fault.
    Internal,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    status: u16,
    title: &'static str,
    message: &'a str,
    stylesheet: &'static str,
}

#[derive(Serialize)]
struct Words {
    error: &'static str,
    message: &'static str,
}

impl Problem {
    const fn parts(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Page not found",
                "The link may be wrong or outdated.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
                "This address does not accept this kind of request.",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "Only administrators may do this",
                "If you need access, ask an administrator.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross_site",
                "The request came from another site",
                "Nothing was changed. Open the page here and try again.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The request is too large",
                "Nothing was changed. Requests are limited to a few kilobytes.",
            ),
            Self::TimedOut => (
                StatusCode::SERVICE_UNAVAILABLE,
                "timed_out",
                "The request timed out",
                "Please try again in a moment.",
            ),
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "Too many requests",
                "Nothing was changed. Wait a moment, then try again.",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The server is busy",
                "Nothing was changed. Please try again in a moment.",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong here",
                "The error has been logged. Please try again in a moment.",
            ),
        }
    }

    /// The answer, as a page for whoever takes HTML and as JSON for everybody else.
    pub(super) fn answer(self, headers: &HeaderMap) -> Response {
        let (status, error, title, message) = self.parts();
        page(status, error, title, message, headers)
    }

    /// A page of ours under another address than the public one.
    pub(super) fn other_address(public_url: &Url, headers: &HeaderMap) -> Response {
        let message = format!("Nothing was changed. Open {public_url} and try again there.");
        page(
            StatusCode::FORBIDDEN,
            "other_address",
            "Latchkey is at another address",
            &message,
            headers,
        )
    }

    /// The answer, with how long to wait before asking again (RFC 9110 §10.2.3), in seconds.
    pub(super) fn answer_after(self, seconds: u64, headers: &HeaderMap) -> Response {
        let mut response = self.answer(headers);
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        response
    }

    /// Our own fault: its cause goes to the log, here and nowhere else. Or too much to do, which is nobody's.
    pub(super) fn internal(cause: &Error, headers: &HeaderMap) -> Response {
        match cause {
            Error::Busy { .. } => {
                return Self::Busy.answer_after(retry_after(cause).unwrap_or(1), headers);
            }
            Error::Internal(cause) => {
                tracing::error!(error = %cause, source = ?cause.source(), "the answer is an internal error")
            }
            other => tracing::error!(error = %other, "the answer is an internal error"),
        }
        Self::Internal.answer(headers)
    }
}

/// As a page for whoever takes HTML and as JSON for everybody else.
fn page(
    status: StatusCode,
    error: &'static str,
    title: &'static str,
    message: &str,
    headers: &HeaderMap,
) -> Response {
    if !takes_html(headers) {
        return (
            status,
            Json(Words {
                error,
                message: title,
            }),
        )
            .into_response();
    }
    let page = Page {
        status: status.as_u16(),
        title,
        message,
        stylesheet: site::STYLESHEET,
    };
    match page.render() {
        Ok(page) => (
            status,
            [(header::CONTENT_SECURITY_POLICY, PAGE_POLICY)],
            Html(page),
        )
            .into_response(),
        Err(_) => (status, title).into_response(),
    }
}

/// Whether the asker is a person's browser opening a page or sending a form.
pub(super) fn takes_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .any(|line| line.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_a_page_and_programs_json() {
        let html = [(
            header::ACCEPT,
            HeaderValue::from_static("text/html,*/*;q=0.8"),
        )]
        .into_iter()
        .collect();
        let page = Problem::NotFound.answer(&html);
        assert_eq!(
            (
                page.status(),
                page.headers()[header::CONTENT_TYPE].as_bytes()
            ),
            (StatusCode::NOT_FOUND, &b"text/html; charset=utf-8"[..])
        );
        assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let busy = Error::Busy {
            wait: std::time::Duration::from_millis(1500),
        };
        let busy = Problem::internal(&busy, &html);
        assert_eq!(
            (
                busy.status(),
                busy.headers()[header::RETRY_AFTER].as_bytes()
            ),
            (StatusCode::SERVICE_UNAVAILABLE, &b"2"[..])
        );
        let json = Problem::NotFound.answer(&HeaderMap::new());
        assert_eq!(
            (
                json.status(),
                json.headers()[header::CONTENT_TYPE].as_bytes()
            ),
            (StatusCode::NOT_FOUND, &b"application/json"[..])
        );
    }
}
