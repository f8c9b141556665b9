//! What a server function says when it did not happen: safe words, and a status that fits.

use crate::response;
use http::{
    StatusCode,
    header::{LOCATION, RETRY_AFTER},
};
use latchkey_engine::Error;
use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// An answer to an island that is not the one it hoped for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// What sort of thing went wrong.
    pub kind: Kind,
    /// In words for the person.
    pub message: String,
    /// Which argument was at fault, if it was one.
    pub field: Option<String>,
    /// Where to go instead: the sign-in page, when that is what is missing.
    pub next: Option<String>,
}

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The proof was not good enough.
    Refused,
    /// Signing in, or confirming, comes first.
    SignIn,
    /// The role is missing.
    Forbidden,
    /// An argument cannot be used, or the request is not one of ours.
    BadInput,
    /// There is no such thing.
    NotFound,
    /// It would clash with what is there.
    Conflict,
    /// Too many attempts, or too much to do.
    Throttled,
    /// Our own fault.
    Internal,
}

impl ApiError {
    /// Turns a use case's error into an answer: sets the status and logs an internal cause.
    #[must_use]
    pub fn answer(error: &Error) -> Self {
        let facts = response::request_context();
        let facts = facts.facts();
        response::log_if_internal(error, &facts.path_and_query);
        response::set_status(response::status_of(error));
        if let Some(seconds) = response::retry_after(error) {
            response::set_header(RETRY_AFTER, &seconds.to_string());
        }
        let kind = match error {
            Error::Refused(_) => Kind::Refused,
            Error::Denied(denial) if response::remedy_of(*denial).is_some() => Kind::SignIn,
            Error::Denied(_) => Kind::Forbidden,
            Error::BadInput { .. } => Kind::BadInput,
            Error::NotFound(_) => Kind::NotFound,
            Error::Conflict { .. } => Kind::Conflict,
            Error::Throttled { .. } | Error::Busy { .. } => Kind::Throttled,
            Error::Internal(_) => Kind::Internal,
        };
        let field = match error {
            Error::BadInput { field, .. } | Error::Conflict { field, .. } => {
                Some((*field).to_owned())
            }
            _ => None,
        };
        let next = match error {
            Error::Denied(denial) => response::remedy_of(*denial)
                .map(|cure| cure.leading_back_to(facts.referring_page.as_deref().unwrap_or("/"))),
            _ => None,
        };
        Self {
            kind,
            message: response::message_for(error),
            field,
            next,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    // What the framework finds wrong is wrong with the request: a body that is not what the
    // function takes. Its own words may quote that body, so they are not passed on.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        response::set_status(StatusCode::BAD_REQUEST);
        Self {
            kind: Kind::BadInput,
            message: "This request cannot be read. Reload the page and try again.".to_owned(),
            field: None,
            next: None,
        }
    }
}

/// An answer to a form for which there is no way back to the page: it is a small page itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormError {
    /// The form was not one of ours.
    Unreadable,
    /// The role is missing.
    Forbidden,
    /// Our own fault; the cause is in the log.
    Internal,
}

impl FormError {
    /// Sets the status that goes with it.
    #[must_use]
    pub fn answer(self) -> Self {
        response::set_status(match self {
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        });
        // The framework would send browsers back with the error in the address; nobody needs it there.
        response::set_header(LOCATION, "/");
        self
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable => (
                "This form cannot be read",
                "Nothing was changed. Go back, reload the page and try again.",
            ),
            Self::Forbidden => ("Only administrators may do this", "Nothing was changed."),
            Self::Internal => (
                "Something went wrong here",
                "The error has been logged. Go back and try again.",
            ),
        }
    }
}

impl FromServerFnError for FormError {
    type Encoder = FormErrorPage;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unreadable.answer()
    }
}

/// Writes a [`FormError`] as a page of constant words; it can only be written.
#[derive(Debug)]
pub struct FormErrorPage;

impl ContentType for FormErrorPage {
    const CONTENT_TYPE: &'static str = "text/html; charset=utf-8";
}

impl FormatType for FormErrorPage {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<FormError> for FormErrorPage {
    type Error = std::convert::Infallible;

    fn encode(error: &FormError) -> Result<Bytes, Self::Error> {
        let (title, text) = error.words();
        Ok(Bytes::from(format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Latchkey</title></head>\
             <body><main><h1>{title}</h1><p>{text}</p><p><a href=\"/\">To the start page</a></p></main></body></html>"
        )))
    }
}

impl Decodes<FormError> for FormErrorPage {
    type Error = &'static str;

    fn decode(_: Bytes) -> Result<FormError, Self::Error> {
        Err("a page for people is not read by a program")
    }
}
