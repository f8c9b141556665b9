//! The framework's own floor, to measure against: bare axum routes in the same process, with the bytes
//! of verify's answers and none of its work. Behind `latchkey serve --floor`, which only
//! `cargo xtask bench verify` uses; there is nothing in it to learn.

use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

/// What a granted request is answered, with stand-ins of the right lengths.
const GRANTED: &str = r#"{"subject":"00000000000000000000000000000000","scopes":["read:username","read:email","read:user-role"],"username":"Bench Person","email":"person-0000000@bench.example","role":"user","device":{"assurance":"registered"},"auth":{"time":1700000000,"methods":["otp"]}}"#;

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener) {
    let routes = Router::new()
        .route(
            "/granted",
            get(|| async { answer(StatusCode::OK, "application/json", GRANTED) }),
        )
        .route(
            "/unknown",
            get(|| async { answer(StatusCode::NOT_FOUND, TEXT, "") }),
        )
        .route(
            "/no-access",
            get(|| async {
                let words = "User does not have access to this service";
                answer(StatusCode::UNAUTHORIZED, TEXT, words)
            }),
        );
    if let Err(cause) = axum::serve(listener, routes).await {
        tracing::error!(%cause, "the floor ended");
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn answer(status: StatusCode, content_type: &'static str, body: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body)
}
