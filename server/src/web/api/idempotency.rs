//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a program that got no answer may ask again, and what it asked
//! for is made once. The answer is kept, sealed, for a day; one with a secret for ten minutes, which is long enough to ask again.

use super::{
    call::ApiResult,
    response::{ApiError, ShownOnce},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_app::error::{AppError, Code};
use latchkey_domain::access::permission::{ProgramBasis, ProgramCaller};
use latchkey_engine::{Engine, IdempotencyToken, IdempotentRequest, KeptResponse};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key, in bytes.
const MAX_KEY: usize = 255;

/// The longest answer that is kept. Ours are far smaller.
const MAX_BODY: usize = 64 * 1024;

/// Finishes a request with a key also if its program has disconnected: that is the program that asks again.
pub(super) async fn finish_anyway(request: Request, next: Next) -> Response {
    if !request.headers().contains_key(&IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process ends.
            Err(_) => ApiError::from(Code::Busy).into_response(),
        },
    }
}

/// Runs `work`, or repeats the answer that it had.
pub(super) async fn once<F>(
    engine: &Engine,
    program: &ProgramCaller,
    headers: &HeaderMap,
    request: &[&[u8]],
    work: F,
) -> ApiResult
where
    F: Future<Output = ApiResult>,
{
    let Some(key) = headers.get(&IDEMPOTENCY_KEY) else {
        return work.await;
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=MAX_KEY).contains(&key.len()));
    let key = key.ok_or_else(|| AppError::unusable_value("Idempotency-Key"))?;
    // A key is its program's and its user's alone.
    let owner = match &program.basis {
        ProgramBasis::Client(_) => program.client.to_string(),
        ProgramBasis::User(_, user) => format!("{}\0{}", program.client, user.user_id),
    };
    let begun = engine.begin_idempotent(&owner, key, request).await?;
    let token = match begun {
        IdempotentRequest::New(token) => token,
        IdempotentRequest::Answered(kept) => return Ok(response_of(kept)),
        IdempotentRequest::InProgress => return Err(AppError::key_in_progress().into()),
        IdempotentRequest::Another => return Err(AppError::key_of_another_request().into()),
    };
    match work.await {
        Ok(response) => keep(engine, token, response).await,
        // Whether it was made is not known, so neither may it be made again, nor does the key become free.
        Err(error) if engine.has_begun_commit() => {
            let unknown = ApiError::from(AppError::outcome_unknown()).into_response();
            keep(engine, token, unknown).await?;
            Err(error)
        }
        Err(error) => {
            // Nothing was made, so the key is free again.
            engine.forget_idempotent(token).await?;
            Err(error)
        }
    }
}

/// Keeps what later requests with this key are answered.
async fn keep(engine: &Engine, token: IdempotencyToken, response: Response) -> ApiResult {
    let (kept, response) = read(response).await;
    let afterwards = match response.extensions().get::<ShownOnce>() {
        Some(ShownOnce) => {
            let shown = ApiError::from(AppError::secret_was_shown()).into_response();
            Some(read(shown).await.0)
        }
        None => None,
    };
    engine
        .finish_idempotent(token, &kept, afterwards.as_ref())
        .await?;
    Ok(response)
}

/// What is kept of a response, and the response.
async fn read(response: Response) -> (KeptResponse, Response) {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let text = |name| {
        let value: Option<&HeaderValue> = parts.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let kept = KeptResponse {
        status: parts.status.as_u16(),
        location: text(header::LOCATION),
        content_type: text(header::CONTENT_TYPE),
        body: body.to_vec(),
    };
    (kept, Response::from_parts(parts, Body::from(body)))
}

fn response_of(kept: KeptResponse) -> Response {
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    for (name, value) in [
        (header::LOCATION, kept.location),
        (header::CONTENT_TYPE, kept.content_type),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
