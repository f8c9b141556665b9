//! A panic is an answer: 500, and what happened before it stays happened.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// Turns panics into answers.
pub(in crate::web) fn catch() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

fn answer(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has written down what and where.
    let text = "Something went wrong here. The error has been logged.\n";
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text,
    )
        .into_response()
}
