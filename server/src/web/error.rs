//! How an error is rendered: the only place that makes an answer of an [`AppError`].

use super::reply::{self, Reply};
use crate::site;
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use latchkey_app::{
    error::{AppError, Code, ErrorTexts, log_if_internal},
    messages::Language,
};
use latchkey_engine::Error;

const PROBLEM_JSON: &str = "application/problem+json";

/// One page for all errors. On a service's host, what it needs is at `base`, our origin.
#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    texts: ErrorTexts,
    base: &'a str,
    stylesheet: &'static str,
}

/// A page for browsers that open a document or send a form, problem details (RFC 9457) for everybody else.
pub(super) fn render(error: &AppError, headers: &HeaderMap) -> Response {
    let page = match accepts_html(headers) {
        true => page(error, "", headers),
        false => None,
    };
    let Some((page, policy)) = page else {
        return problem(error, Language::of(headers));
    };
    let mut response = ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response();
    finish(error, &mut response);
    response
}

/// Problem details (RFC 9457), whoever asks.
pub(super) fn problem(error: &AppError, language: Language) -> Response {
    let body = serde_json::to_vec(&error.problem(language)).unwrap_or_default();
    let mut response = ([(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
    finish(error, &mut response);
    response
}

/// The same for an error that needs no more to say.
pub(super) fn refuse(code: Code, headers: &HeaderMap) -> Response {
    render(&code.into(), headers)
}

/// The same for the error of a use case, whose cause goes to the log if it is internal.
pub(super) fn fail(error: &Error, headers: &HeaderMap) -> Response {
    log_if_internal(error);
    render(&error.into(), headers)
}

/// A line of text, where nothing is known of who asks or nothing else may work.
pub(super) fn line(error: &AppError) -> Response {
    let texts = error.texts(Language::default());
    let mut response = format!("{}. {}\n", texts.title, texts.detail).into_response();
    finish(error, &mut response);
    response
}

/// Short JSON, as documented for `/device/add`.
pub(super) fn short(error: &AppError) -> Response {
    let mut response = axum::Json(error.short()).into_response();
    finish(error, &mut response);
    response
}

/// Short JSON, as documented for `/forward-auth`.
pub(super) fn short_reply(status: StatusCode, error: &AppError) -> Reply {
    reply::json(status, &error.short())
}

/// The page, as it is shown on a service's host; everything that it needs is on ours.
pub(super) fn page_reply(error: &AppError, base: &str, headers: &HeaderMap) -> Option<Reply> {
    let (page, policy) = page(error, base, headers)?;
    let mut response = reply::html(error.code.status(), page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Some(response)
}

/// The page and its policy: it needs our style sheet and icon, and nothing else may load or run.
fn page(error: &AppError, base: &str, headers: &HeaderMap) -> Option<(String, HeaderValue)> {
    let page = Page {
        texts: error.texts(Language::of(headers)),
        base,
        stylesheet: site::STYLESHEET,
    };
    let source = match base {
        "" => "'self'",
        base => base,
    };
    Some((page.render().ok()?, static_page_policy(source)?))
}

/// The policy of a page that has our style sheet and icon from `source`, and nothing else.
pub(super) fn static_page_policy(source: &str) -> Option<HeaderValue> {
    let policy = format!(
        "default-src 'none'; style-src {source}; img-src {source}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}

fn finish(error: &AppError, response: &mut Response) {
    *response.status_mut() = error.code.status();
    if let Some(seconds) = error.retry_after {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
}

/// Whether a browser is opening a page or sending a form.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .any(|line| line.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content_type(response: &Response) -> (StatusCode, &[u8]) {
        let content_type = response.headers()[header::CONTENT_TYPE].as_bytes();
        (response.status(), content_type)
    }

    #[test]
    fn browsers_get_a_page_and_programs_problem_details() {
        let html = [(
            header::ACCEPT,
            HeaderValue::from_static("text/html,*/*;q=0.8"),
        )]
        .into_iter()
        .collect();
        let page = refuse(Code::NotFound, &html);
        assert_eq!(
            content_type(&page),
            (StatusCode::NOT_FOUND, &b"text/html; charset=utf-8"[..])
        );
        assert!(page.headers().contains_key(header::CONTENT_SECURITY_POLICY));
        let busy = Error::Busy {
            wait: std::time::Duration::from_millis(1500),
        };
        let busy = fail(&busy, &html);
        assert_eq!(
            (
                busy.status(),
                busy.headers()[header::RETRY_AFTER].as_bytes()
            ),
            (StatusCode::SERVICE_UNAVAILABLE, &b"2"[..])
        );
        let json = refuse(Code::NotFound, &HeaderMap::new());
        assert_eq!(
            content_type(&json),
            (StatusCode::NOT_FOUND, PROBLEM_JSON.as_bytes())
        );
    }
}
