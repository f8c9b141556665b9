//! `POST /oauth/token` (RFC 6749 §3.2, §5).

use super::form::{Authentication, Form};
use crate::web::{Web, client, error::fail};
use axum::{
    Json,
    body::Bytes,
    extract::{ConnectInfo, Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_engine::{IssuedToken, RequestOrigin, TokenError, TokenParameters};
use serde::Serialize;
use std::net::SocketAddr;

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

/// Issues a token.
pub(super) async fn token(
    State(web): State<Web>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let origin = client::read(peer, &headers, web.proxy());
    match issue(&web, &headers, &body, &origin).await {
        Ok(issued) => Json(TokenBody {
            access_token: issued.access_token.expose_secret(),
            token_type: "Bearer",
            expires_in: issued.expires_in.whole_seconds(),
            scope: issued.scopes.to_string(),
        })
        .into_response(),
        Err(error) => refuse(&error, &headers),
    }
}

async fn issue(
    web: &Web,
    headers: &HeaderMap,
    body: &[u8],
    origin: &RequestOrigin,
) -> Result<IssuedToken, TokenError> {
    let form = Form::read(headers, body)?;
    let authentication = Authentication::read(headers, &form)?;
    let parameters = TokenParameters {
        grant_type: form.get("grant_type"),
        audience: form.get("audience"),
        resource: form.get("resource"),
        scope: form.get("scope"),
    };
    web.engine()
        .issue_token(authentication.credentials(), parameters, origin)
        .await
}

fn refuse(error: &TokenError, headers: &HeaderMap) -> Response {
    let status = match error {
        TokenError::Failed(cause) => return fail(cause, headers),
        TokenError::InvalidClient => StatusCode::UNAUTHORIZED,
        TokenError::InvalidRequest | TokenError::UnsupportedGrantType | TokenError::Refused(_) => {
            StatusCode::BAD_REQUEST
        }
    };
    let body = ErrorBody {
        error: error.to_string(),
    };
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 6749 §5.2 wants it for clients that used the header; others it does not hurt.
        let challenge = HeaderValue::from_static("Basic realm=\"latchkey\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
