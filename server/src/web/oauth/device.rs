//! `POST /oauth/device`: a program without a browser begins an authorization (RFC 8628 §3.1, §3.2).

use super::{error::refuse, request::ProgramRequest};
use crate::web::Web;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use latchkey_engine::{BegunAuthorization, TokenError};
use serde::Serialize;

#[derive(Serialize)]
struct DeviceBody<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// Begins an authorization.
pub(super) async fn device(State(web): State<Web>, request: ProgramRequest) -> Response {
    match begin(&web, &request).await {
        Ok(begun) => {
            let page = format!("{}/activate", web.engine().issuer());
            Json(DeviceBody {
                device_code: begun.device_code.expose_secret(),
                user_code: &begun.user_code,
                verification_uri_complete: format!("{page}?code={}", begun.user_code),
                verification_uri: page,
                expires_in: begun.expires_in.whole_seconds(),
                interval: begun.interval.whole_seconds(),
            })
            .into_response()
        }
        Err(error) => refuse(&web, &error, &request.origin),
    }
}

async fn begin(web: &Web, request: &ProgramRequest) -> Result<BegunAuthorization, TokenError> {
    let (credentials, parameters) = (request.credentials()?, request.parameters());
    web.engine()
        .begin_device_authorization(credentials, parameters, &request.origin)
        .await
}
