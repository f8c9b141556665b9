//! What a response says besides its page: the status, a redirect, headers.

use crate::request_context::RequestContext;
use http::{HeaderName, HeaderValue, StatusCode, header::LOCATION};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

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

/// The sign-in page that leads back to `return_to`.
#[must_use]
pub fn sign_in_page(return_to: &str) -> String {
    format!("/login?return_to={}", escape(return_to))
}

/// Where a denial can be cured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// On the sign-in page, which leads back.
    SignIn,
    /// On this page.
    Page(&'static str),
}

impl Remedy {
    /// Its address.
    #[must_use]
    pub fn leading_back_to(self, return_to: &str) -> String {
        match self {
            Self::SignIn => sign_in_page(return_to),
            Self::Page(page) => page.to_owned(),
        }
    }
}

/// Everything but the unreserved characters (RFC 3986 §2.3), so that there is one way to write a text.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A text as one segment of a path or one value of a query.
#[must_use]
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_survives_the_way_through_an_address() {
        assert_eq!(
            sign_in_page("/admin/users?q=ä&page=2"),
            "/login?return_to=%2Fadmin%2Fusers%3Fq%3D%C3%A4%26page%3D2"
        );
        assert_eq!(escape("photo-gallery_1.x~"), "photo-gallery_1.x~");
    }
}
