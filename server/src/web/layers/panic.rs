//! A panic is an answer: 500, and what happened before it stays happened.

use crate::web::error::line;
use axum::response::Response;
use latchkey_app::error::Code;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// Turns panics into answers.
pub(in crate::web) fn catch() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer)
}

fn answer(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has logged what and where.
    line(&Code::Internal.into())
}
