//! `POST /oauth/token` (RFC 6749 §3.2, §5).

use super::{error::refuse, quota::RequestQuota, request::ProgramRequest};
use crate::web::{Web, admission, dpop_nonce};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use latchkey_domain::secret::SecretText;
use latchkey_engine::{IssuedToken, TokenError};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// Issues a token.
pub(super) async fn token(State(web): State<Web>, request: ProgramRequest) -> Response {
    let quota = Arc::new(RequestQuota::of(&web, admission::ProgramRequest::Token));
    match issue(&web, &request, quota.clone()).await {
        Ok(issued) => {
            let body = TokenBody {
                access_token: issued.access_token.expose_secret(),
                token_type: if issued.is_bound { "DPoP" } else { "Bearer" },
                expires_in: issued.expires_in.whole_seconds(),
                scope: issued.scopes.to_string(),
                refresh_token: (issued.refresh_token.as_ref()).map(SecretText::expose_secret),
            };
            let mut response = Json(body).into_response();
            if issued.is_bound {
                dpop_nonce::add(&web, response.headers_mut());
            }
            quota.tell(&mut response);
            response
        }
        Err(error) => {
            let mut response = refuse(&web, &error, &request.origin);
            quota.tell(&mut response);
            response
        }
    }
}

async fn issue(
    web: &Web,
    request: &ProgramRequest,
    quota: Arc<RequestQuota>,
) -> Result<IssuedToken, TokenError> {
    web.engine()
        .counting_tokens(quota)
        .issue_token(
            request.credentials()?,
            request.parameters(),
            &request.origin,
        )
        .await
}
