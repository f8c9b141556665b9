//! What an answer says besides its page: the status, a redirect, headers.

use crate::request_context::RequestContext;
use http::{HeaderName, HeaderValue, StatusCode, header::LOCATION};
use latchkey_domain::access::permission::Denial;
use latchkey_engine::{Error, Refusal};
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

/// Sets the status of the answer. Does nothing outside a request, as when routes are listed.
pub fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// Sets a header of the answer, in place of one of the same name.
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

/// Where a denial can be cured; `None` where the person can do nothing about it here.
#[must_use]
pub const fn remedy_of(denial: Denial) -> Option<Remedy> {
    match denial {
        Denial::SignIn | Denial::StepUp => Some(Remedy::SignIn),
        Denial::NeedsPasskey => Some(Remedy::Page(ADD_PASSKEY)),
        Denial::NotApproved | Denial::Forbidden => None,
    }
}

/// The page that adds a passkey to the account and this device.
const ADD_PASSKEY: &str = "/enrol/passkey";

/// A text as one segment of a path or one value of a query: everything but unreserved letters is
/// escaped (RFC 3986 §2.3), so that there is one way to write it.
#[must_use]
pub fn escape(text: &str) -> String {
    text.bytes().fold(
        String::with_capacity(text.len()),
        |escaped, byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped + char::from(byte).encode_utf8(&mut [0; 4])
            }
            _ => escaped + &format!("%{byte:02X}"),
        },
    )
}

/// The status that stands for an error: the one place that knows.
#[must_use]
pub fn status_of(error: &Error) -> StatusCode {
    match error {
        Error::Refused(_) | Error::Denied(Denial::SignIn | Denial::StepUp) => {
            StatusCode::UNAUTHORIZED
        }
        Error::Denied(Denial::Forbidden | Denial::NeedsPasskey | Denial::NotApproved) => {
            StatusCode::FORBIDDEN
        }
        Error::BadInput { .. } => StatusCode::BAD_REQUEST,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Conflict { .. } => StatusCode::CONFLICT,
        Error::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// When to try again, where an error says it, in seconds as `Retry-After` has them (RFC 9110 §10.2.3). Rounded
/// up: whoever waits as told is not told to wait again.
#[must_use]
pub fn retry_after(error: &Error) -> Option<u64> {
    match error {
        Error::Throttled { wait } | Error::Busy { wait } => {
            Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
        }
        _ => None,
    }
}

/// What to tell the person: what happened, what was kept, what to do next.
#[must_use]
pub fn message_for(error: &Error) -> String {
    match error {
        Error::Refused(refusal @ Refusal::InvalidCredentials) => {
            format!("{refusal} A code works once; wait for the next one and try again.")
        }
        Error::Refused(refusal) => refusal.to_string(),
        Error::Denied(Denial::SignIn) => {
            "Sign in, then send this again. Nothing was changed yet.".to_owned()
        }
        Error::Denied(Denial::StepUp) => {
            "Confirm that it is you, then send this again. Nothing was changed yet.".to_owned()
        }
        Error::Denied(Denial::NeedsPasskey) => {
            "Administration requires a passkey. Add one, then send this again. Nothing was changed yet."
                .to_owned()
        }
        Error::Denied(Denial::NotApproved) => "This device was registered with a code alone. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link. Nothing was changed.".to_owned(),
        Error::Denied(Denial::Forbidden) => "Only administrators may do this.".to_owned(),
        Error::BadInput { message, .. } | Error::Conflict { message, .. } => message.clone(),
        Error::NotFound(what) => format!("This {what} no longer exists. Nothing was changed."),
        Error::Throttled { wait } => format!(
            "Too many attempts. Wait {}, then try again.",
            crate::format::span(*wait)
        ),
        Error::Busy { .. } => {
            "The server is busy. Nothing was changed; please try again in a moment.".to_owned()
        }
        Error::Internal(_) => {
            "Something went wrong here. Nothing was changed; please try again.".to_owned()
        }
    }
}

/// Writes the cause of an internal error to the log; the only place that sees it.
pub fn log_if_internal(error: &Error, path: &str) {
    if let Error::Internal(cause) = error {
        tracing::error!(path, error = %cause, source = ?cause.source(), "the answer is an internal error");
    }
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
