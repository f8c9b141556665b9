//! Why a ceremony failed in the browser.

use super::failure_code::FailureCode;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why a ceremony ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// A reason that the browser determined.
    Code(FailureCode),
    /// Any other error, by its name.
    Other(String),
    /// A message of the server.
    Message(String),
    /// The same; the server does not know the passkey.
    UnknownPasskey(String),
    /// Another page comes first, such as signing in.
    Redirect(String),
    /// We aborted it ourselves; no message is shown.
    Aborted,
}

/// The ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    SignIn,
    Registration,
}

impl Failure {
    /// The server cannot be reached.
    pub(super) const fn unreachable() -> Self {
        Self::Code(FailureCode::Unreachable)
    }

    /// The response has an unexpected form.
    pub(super) const fn unreadable() -> Self {
        Self::Code(FailureCode::Unreadable)
    }

    /// What `navigator.credentials` threw (WebAuthn L3 §5.1.3, §5.1.4).
    pub(super) fn of_ceremony(thrown: &JsValue, purpose: Purpose) -> Self {
        let name = thrown
            .dyn_ref::<DomException>()
            .map(DomException::name)
            .unwrap_or_default();
        Self::Code(match (name.as_str(), purpose) {
            ("AbortError", _) => return Self::Aborted,
            // Cancelled, timed out, or no passkey: the browser does not tell them apart.
            ("NotAllowedError", _) => FailureCode::Cancelled,
            ("InvalidStateError", Purpose::Registration) => FailureCode::AlreadyRegistered,
            ("InvalidStateError", Purpose::SignIn) => FailureCode::Busy,
            ("SecurityError", _) => FailureCode::WrongOrigin,
            ("NotSupportedError" | "ConstraintError", Purpose::Registration) => {
                FailureCode::CannotCreate
            }
            ("NotSupportedError" | "ConstraintError", Purpose::SignIn) => FailureCode::CannotUse,
            ("", _) => FailureCode::Unsupported,
            _ => return Self::Other(name),
        })
    }
}
