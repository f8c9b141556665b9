//! The baseline of the verify benchmark: plain axum routes in the same process, with the bytes of verify's
//! responses and none of its work. Only with the feature `bench`, behind `latchkey serve --baseline`.

use axum::{
    Router,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

/// The body for a granted request, with placeholders of the same length.
const GRANTED: &str = r#"{"subject":"00000000000000000000000000000000","scopes":["read:username","read:email","read:user-role"],"username":"Bench User","email":"user-0000000@bench.example","role":"member","device":{"assurance":"registered"},"auth":{"time":1700000000,"methods":["otp"]}}"#;

const TEXT: &str = "text/plain; charset=utf-8";

/// Serves until the process ends.
pub(crate) async fn serve(listener: TcpListener) {
    let routes = Router::new()
        .route(
            "/granted",
            get(|| async { response(StatusCode::OK, "application/json", GRANTED) }),
        )
        .route(
            "/unknown",
            get(|| async { response(StatusCode::NOT_FOUND, TEXT, "") }),
        )
        .route(
            "/no-access",
            get(|| async {
                let body = "User does not have access to this service";
                response(StatusCode::UNAUTHORIZED, TEXT, body)
            }),
        );
    if let Err(cause) = axum::serve(listener, routes).await {
        tracing::error!(%cause, "the baseline listener failed");
    }
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    body: &'static str,
) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body)
}
