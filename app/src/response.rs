//! What a response says besides its page: the status, a redirect, headers.

use crate::request_context::RequestContext;
use http::{HeaderName, HeaderValue, StatusCode, header::LOCATION};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

/// The request under way.
///
/// # Panics
/// When the server did not provide one, which would be an error in its wiring.
#[must_use]
pub fn request_context() -> RequestContext {
    expect_context()
}

/// Sets the status of the response. Does nothing outside a request, as when routes are listed.
pub fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// Sets a header of the response, in place of one of the same name.
pub fn set_header(name: HeaderName, value: &str) {
    // What cannot be a header value is left out; every value of ours is plain ASCII.
    if let (Some(options), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(value),
    ) {
        options.insert_header(name, value);
    }
}

/// Sends the browser on with a GET, whatever it asked with (RFC 9110 §15.4.4).
pub fn redirect(target: &str) {
    set_status(StatusCode::SEE_OTHER);
    set_header(LOCATION, target);
}
