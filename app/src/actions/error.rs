//! What a server function returns when it did not happen: that it did not. Why is left in the request context, and the
//! server writes the answer.

use crate::{
    error::{AppError, Code, log_if_internal, remedy_of},
    request_context::RequestContext,
    response,
};
use latchkey_engine::Error;
use leptos::server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    error::{FromServerFnError, ServerFnErrorErr},
};
use std::convert::Infallible;

/// The action did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionError;

impl ActionError {
    /// Leaves why to the server, and logs an internal cause.
    #[must_use]
    pub fn because(error: &Error) -> Self {
        let context = response::request_context();
        log_if_internal(error);
        let next = match error {
            Error::Denied(denial) => leading_back(&context, *denial),
            _ => None,
        };
        context.fail(AppError::from(error).leading_to(next));
        Self
    }
}

/// Where a denial of an action can be cured. From there it goes back to the page with the form, and never to the
/// action: it answers no GET.
#[must_use]
pub fn leading_back(
    context: &RequestContext,
    denial: latchkey_domain::access::permission::Denial,
) -> Option<String> {
    let page = context.facts().referring_page.as_deref().unwrap_or("/");
    remedy_of(denial).map(|remedy| remedy.leading_back_to(page))
}

impl FromServerFnError for ActionError {
    type Encoder = Empty;

    // What the framework finds wrong is wrong with the request: a body that is not what the
    // function takes. Its own message may quote that body, so it is not passed on.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        response::request_context().fail(AppError::from(Code::Unreadable));
        Self
    }
}

/// Writes nothing: the server's answer takes the place of the framework's.
#[derive(Debug)]
pub struct Empty;

impl ContentType for Empty {
    const CONTENT_TYPE: &'static str = "text/plain";
}

impl FormatType for Empty {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<ActionError> for Empty {
    type Error = Infallible;

    fn encode(_: &ActionError) -> Result<Bytes, Self::Error> {
        Ok(Bytes::new())
    }
}

impl Decodes<ActionError> for Empty {
    type Error = Infallible;

    fn decode(_: Bytes) -> Result<ActionError, Self::Error> {
        Ok(ActionError)
    }
}
