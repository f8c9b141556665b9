//! `POST /oauth/revoke` (RFC 7009).

use super::{error::refuse, request::ProgramRequest};
use crate::web::Web;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use latchkey_engine::TokenError;

/// Revokes a token. Whether there was one is not said.
pub(super) async fn revoke(State(web): State<Web>, request: ProgramRequest) -> Response {
    let revoke = async {
        let token = request
            .form
            .get("token")
            .ok_or(TokenError::InvalidRequest)?;
        let credentials = request.credentials()?;
        web.engine()
            .revoke_token(credentials, token, &request.origin)
            .await
    };
    match revoke.await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => refuse(&web, &error, &request.origin),
    }
}
