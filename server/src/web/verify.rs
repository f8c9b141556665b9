//! `GET /verify/{service}`: may the device behind this cookie enter this service?
//!
//! 1. The proxy or the service sends its own token (`Authorization: Bearer`, RFC 6750 §2.1) and the
//!    cookie that the browser brought.
//! 2. Both are handed to the engine as they came; what is missing, doubled or malformed is nothing.
//! 3. The engine's answer becomes a status and a body, in one match.

use super::{Web, internal::unavailable};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use latchkey_domain::grant::{Scope, Scopes};
use latchkey_engine::{Answer, Granted};
use serde::{Serialize, Serializer};

/// What a service learns (the answer's body).
#[derive(Serialize)]
struct Body200<'a> {
    subject: &'a str,
    #[serde(serialize_with = "scope_words")]
    scopes: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    device: DeviceFacts,
    auth: AuthFacts,
}

#[derive(Serialize)]
struct DeviceFacts {
    assurance: &'static str,
}

#[derive(Serialize)]
struct AuthFacts {
    /// Seconds since the epoch, as `auth_time` in OpenID Connect Core §2.
    time: i64,
    methods: &'static [&'static str],
}

fn scope_words<S: Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter().map(Scope::as_str))
}

/// The handler.
pub(super) async fn verify(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Response {
    // The path as it came: decoding it would give one service several names, and an error of its
    // own to what cannot be decoded (malformed URIs that were let in: Authelia CVE-2021-32637).
    let service = uri.path().strip_prefix("/verify/").unwrap_or_default();
    match web
        .engine()
        .verify(service, bearer(&headers), web.cookies().device(&headers))
        .await
    {
        Answer::Granted(granted) => json_with(StatusCode::OK, &body(&granted)),
        Answer::StepUp => json_with(StatusCode::UNAUTHORIZED, &step_up(&web)),
        Answer::NoAccess => text(
            StatusCode::UNAUTHORIZED,
            "User does not have access to this service",
        ),
        Answer::ServiceNotFound => text(StatusCode::NOT_FOUND, "Service Not Found!"),
        Answer::Unknown => text(StatusCode::NOT_FOUND, ""),
        Answer::Unavailable => unavailable(),
    }
}

/// Every other path, and every other method: nothing to learn here.
pub(super) async fn unknown() -> Response {
    text(StatusCode::NOT_FOUND, "")
}

/// The token of the one `Authorization: Bearer` header. Two headers, another scheme, or anything
/// that is not a token is no token: whoever stands between may have read another one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).into_iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let is_token = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    (scheme.eq_ignore_ascii_case("bearer") && is_token).then_some(token)
}

fn body(granted: &Granted) -> Body200<'_> {
    Body200 {
        subject: &granted.subject,
        scopes: granted.scopes,
        username: granted.username.as_ref().map(|name| name.as_str()),
        email: granted.email.as_ref().map(|email| email.as_str()),
        role: granted.role.map(|role| role.as_str()),
        device: DeviceFacts {
            assurance: granted.assurance.as_str(),
        },
        auth: AuthFacts {
            time: granted.auth_time.unix_timestamp(),
            methods: granted.auth_methods,
        },
    }
}

#[derive(Serialize)]
struct StepUpBody {
    error: &'static str,
    url: String,
}

fn step_up(web: &Web) -> StepUpBody {
    StepUpBody {
        error: "step_up_required",
        url: format!("{}login?step_up=1", web.public_url().url()),
    }
}

pub(super) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(320);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => answer(status, HeaderValue::from_static("application/json"), bytes),
        Err(_) => unavailable(),
    }
}

pub(super) fn text(status: StatusCode, words: &'static str) -> Response {
    answer(
        status,
        HeaderValue::from_static("text/plain; charset=utf-8"),
        words,
    )
}

fn answer(status: StatusCode, content_type: HeaderValue, body: impl Into<Body>) -> Response {
    const ALWAYS: [(HeaderName, HeaderValue); 2] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.extend(ALWAYS);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&[u8]]) -> Option<String> {
        let headers = lines
            .iter()
            .map(|line| {
                (
                    header::AUTHORIZATION,
                    HeaderValue::from_bytes(line).unwrap(),
                )
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn r37_only_one_bearer_token_is_a_token() {
        assert_eq!(
            sent(&[b"Bearer abc.DEF-1_~+/="]).as_deref(),
            Some("abc.DEF-1_~+/=")
        );
        assert_eq!(sent(&[b"bearer abc"]).as_deref(), Some("abc"));
        for line in [
            &b"Basic YTpi"[..],
            b"Bearer",
            b"Bearer ",
            b"Bearer  abc",
            b"Bearer abc def",
            b"Bearer abc,def",
            b"abc",
            b"Bearer \xff",
        ] {
            assert_eq!(sent(&[line]), None, "{line:?}");
        }
        assert_eq!(sent(&[]), None);
        assert_eq!(sent(&[b"Bearer abc", b"Bearer abc"]), None);
        assert_eq!(sent(&[b"Bearer abc", b"Basic YTpi"]), None);
    }
}
