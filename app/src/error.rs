//! Why a request was not done: one type, and one table from each cause to its code, status and text.
//!
//! 1. A use case's error, or a layer's refusal, becomes an [`AppError`].
//! 2. The router renders it: as a page, as problem details (RFC 9457), as the short JSON that `/device/add` and
//!    `/forward-auth` document, as a line of text (all in `server/src/web/error.rs`), or beside the form that was
//!    sent ([`crate::form`]).

mod code;
pub mod command;
pub mod message;
mod remedy;
mod request;

pub use code::Code;
pub use remedy::{Remedy, remedy_of};

use crate::messages::{Key, Language, Message, m};
use latchkey_domain::access::permission::Denial;
use latchkey_engine::{Error, Refusal};
use serde::Serialize;
use std::time::Duration;

/// Why a request was not done, for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppError {
    /// What went wrong.
    pub code: Code,
    /// What was kept and what to do next.
    pub detail: Message,
    /// The field or argument at fault, if it is one.
    pub field: Option<&'static str>,
    /// The page that comes first, where there is one that helps.
    pub next: Option<String>,
    /// When to try again, in seconds as `Retry-After` has them (RFC 9110 §10.2.3).
    pub retry_after: Option<u64>,
}

impl AppError {
    /// The same with this to say in place of the usual.
    #[must_use]
    pub fn saying(self, detail: impl Into<Message>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }

    /// The same, with the field at fault.
    #[must_use]
    pub fn in_field(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// The same, with the page that comes first.
    #[must_use]
    pub fn leading_to(self, next: Option<String>) -> Self {
        Self { next, ..self }
    }

    /// The same, with how long to wait before asking again.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The same for a page that was asked for: nothing was to be changed.
    #[must_use]
    pub fn of_page(self) -> Self {
        match self.code {
            Code::Forbidden => self.saying(m::PAGE_FORBIDDEN),
            Code::NotApproved => self.saying(m::PAGE_NOT_APPROVED),
            _ => self,
        }
    }

    /// The texts of its page.
    #[must_use]
    pub fn texts(&self, language: Language) -> ErrorTexts {
        ErrorTexts {
            language: language.tag(),
            title: self.code.title().text_in(language),
            detail: self.detail.text_in(language),
            home: m::MY_SERVICES.text_in(language),
            status: m::error_status(self.code.status().as_str()).text_in(language),
        }
    }

    /// As problem details.
    #[must_use]
    pub fn problem(&self, language: Language) -> Problem<'_> {
        let (status, error, title, _) = self.code.row();
        Problem {
            kind: format!("urn:problem-type:latchkey:{error}"),
            title: title.text_in(language),
            status,
            detail: self.detail.text_in(language),
            error,
            field: self.field,
            next: self.next.as_deref(),
        }
    }

    /// A body that is no JSON, or other JSON than is expected.
    #[must_use]
    pub fn unusable_body(cause: String) -> Self {
        Self::from(Code::BadInput).saying(m::api_body(cause))
    }

    /// A parameter or member with a value that cannot be used.
    #[must_use]
    pub fn unusable_value(name: &'static str) -> Self {
        Self::from(Code::BadInput)
            .saying(m::api_parameter(name))
            .in_field(name)
    }

    /// The same, with what is wrong with it.
    #[must_use]
    pub fn unusable_parameter(name: &'static str, message: Key) -> Self {
        Self::from(Code::BadInput).saying(message).in_field(name)
    }

    /// An idempotency key whose request is not answered yet.
    #[must_use]
    pub fn key_in_progress() -> Self {
        Self::from(Code::Conflict).saying(m::IDEMPOTENCY_IN_PROGRESS)
    }

    /// An idempotency key whose request failed when it may have been carried out.
    #[must_use]
    pub fn outcome_unknown() -> Self {
        Self::from(Code::Conflict).saying(m::IDEMPOTENCY_UNKNOWN)
    }

    /// An idempotency key whose request made a secret, which was shown for long enough.
    #[must_use]
    pub fn secret_was_shown() -> Self {
        Self::from(Code::Conflict).saying(m::IDEMPOTENCY_SHOWN)
    }

    /// An idempotency key that was used for another request.
    #[must_use]
    pub fn key_of_another_request() -> Self {
        Self::from(Code::Conflict).saying(m::IDEMPOTENCY_ANOTHER)
    }

    /// As short JSON, in English.
    #[must_use]
    pub fn short(&self) -> ShortError<'_> {
        ShortError {
            error: self.code.as_str(),
            field: self.field,
            message: self.field.map(|_| self.detail.text_in(Language::default())),
            url: self.next.as_deref(),
        }
    }
}

/// The texts of the page of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorTexts {
    /// Their language, as a `lang` attribute names it.
    pub language: &'static str,
    /// What happened.
    pub title: String,
    /// What was kept and what to do next.
    pub detail: String,
    /// The label of the link to the start page.
    pub home: String,
    /// The status of the response.
    pub status: String,
}

/// Problem details (RFC 9457 §3), with three members of our own.
#[derive(Debug, Serialize)]
pub struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
}

/// The JSON that is documented for `/device/add` and `/forward-auth`.
#[derive(Debug, Serialize)]
pub struct ShortError<'a> {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl From<Code> for AppError {
    fn from(code: Code) -> Self {
        Self {
            code,
            detail: code.detail().into(),
            field: None,
            next: None,
            retry_after: None,
        }
    }
}

impl From<Denial> for AppError {
    fn from(denial: Denial) -> Self {
        Self::from(match denial {
            Denial::SignIn => Code::SignInRequired,
            Denial::StepUp => Code::StepUpRequired,
            Denial::NeedsPasskey => Code::PasskeyRequired,
            Denial::NotApproved => Code::NotApproved,
            Denial::Recovery => Code::Recovery,
            Denial::Forbidden => Code::Forbidden,
        })
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        let error = Self::from(match refusal {
            Refusal::InvalidCredentials => Code::InvalidCredentials,
            Refusal::PasskeyOnly => Code::PasskeyOnly,
            Refusal::EnrolmentHeld => Code::EnrolmentHeld,
            Refusal::WrongCode => Code::WrongCode,
            Refusal::LinkNotValid => Code::LinkNotValid,
            Refusal::InvalidRecoveryCode => Code::InvalidRecoveryCode,
            Refusal::InvalidConfirmationCode => Code::InvalidConfirmationCode,
            Refusal::CeremonyExpired => Code::CeremonyExpired,
            Refusal::PasskeyNotAccepted => Code::PasskeyNotAccepted,
            Refusal::AuthenticatorNotAccepted => Code::AuthenticatorNotAccepted,
            Refusal::UnknownPasskey => Code::UnknownPasskey,
            Refusal::ApprovalExpired => Code::ApprovalExpired,
            Refusal::ApprovalDecided => Code::ApprovalDecided,
            Refusal::WrongNumber => Code::WrongNumber,
            Refusal::ApprovalPending => Code::ApprovalPending,
            Refusal::ApprovalBySelf => Code::ApprovalBySelf,
        });
        match refusal {
            Refusal::WrongCode
            | Refusal::InvalidRecoveryCode
            | Refusal::InvalidConfirmationCode => error.in_field("code"),
            _ => error,
        }
    }
}

impl From<&Error> for AppError {
    fn from(error: &Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::from(*refusal),
            Error::Denied(denial) => Self::from(*denial),
            Error::BadInput { field, reason } => Self::from(Code::BadInput)
                .saying(message::of_input(reason))
                .in_field(field),
            Error::NotFound(noun) => Self::from(Code::NotFound).saying(message::gone(*noun)),
            Error::Conflict { field, reason } => Self::from(Code::Conflict)
                .saying(message::of_conflict(reason))
                .in_field(field),
            Error::PreconditionFailed => Self::from(Code::PreconditionFailed),
            Error::Throttled { wait } => Self::from(Code::Throttled)
                .saying(message::throttled(*wait))
                .after(whole_seconds(*wait)),
            Error::Busy { wait } => Self::from(Code::Busy).after(whole_seconds(*wait)),
            Error::UsesUnknown => Self::from(Code::Busy).after(1),
            Error::Internal(_) => Self::from(Code::Internal),
        }
    }
}

/// Rounded up: whoever waits as told is not told to wait again.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Writes the cause of an internal error to the log; the only place that sees it. Never the path, which may contain a
/// one-time code: the request log's span names the route.
pub fn log_if_internal(error: &Error) {
    if let Error::Internal(cause) = error {
        tracing::error!(error = %cause, source = ?cause.source(), "the answer is an internal error");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use latchkey_domain::name::NameError;

    #[test]
    fn problem_details_and_short_json_are_stable() {
        let error = AppError::from(&Error::BadInput {
            field: "name",
            reason: NameError::Empty.into(),
        });
        assert_eq!(error.code.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            serde_json::to_string(&error.problem(Language::default())).unwrap(),
            r#"{"type":"urn:problem-type:latchkey:bad_input","title":"This value cannot be used","status":400,"detail":"Enter a name.","error":"bad_input","field":"name"}"#
        );
        assert_eq!(
            serde_json::to_string(&error.short()).unwrap(),
            r#"{"error":"bad_input","field":"name","message":"Enter a name."}"#
        );
        assert_eq!(
            serde_json::to_string(&AppError::from(Code::InvalidCredentials).short()).unwrap(),
            r#"{"error":"invalid_credentials"}"#
        );
    }

    #[test]
    fn a_page_that_is_refused_does_not_speak_of_changes() {
        for denial in [Denial::Forbidden, Denial::NotApproved] {
            let says_so = |error: AppError| error.detail.text().contains("Nothing was changed.");
            assert!(says_so(denial.into()));
            assert!(!says_so(AppError::from(denial).of_page()));
        }
    }

    #[test]
    fn retry_after_is_rounded_up() {
        let wait = Duration::from_millis(1500);
        let busy = AppError::from(&Error::Busy { wait });
        assert_eq!((busy.code, busy.retry_after), (Code::Busy, Some(2)));
    }
}
