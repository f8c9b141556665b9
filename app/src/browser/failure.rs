//! Why a ceremony failed in the browser.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why a ceremony ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// A message for the user.
    Message(String),
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
    pub(super) fn message(message: &str) -> Self {
        Self::Message(message.to_owned())
    }

    /// The server cannot be reached.
    pub(super) fn unreachable() -> Self {
        Self::message("Latchkey cannot be reached. Check your connection, then try again.")
    }

    /// The response has an unexpected form.
    pub(super) fn unreadable() -> Self {
        Self::message("The response could not be read. Reload the page and try again.")
    }

    /// What `navigator.credentials` threw (WebAuthn L3 §5.1.3, §5.1.4).
    pub(super) fn of_ceremony(thrown: &JsValue, purpose: Purpose) -> Self {
        let name = thrown
            .dyn_ref::<DomException>()
            .map(DomException::name)
            .unwrap_or_default();
        match (name.as_str(), purpose) {
            ("AbortError", _) => Self::Aborted,
            // Cancelled, timed out, or no passkey: the browser does not tell them apart.
            ("NotAllowedError", _) => {
                Self::message("The passkey request was cancelled or timed out. Try again.")
            }
            ("InvalidStateError", Purpose::Registration) => {
                Self::message("This device already has a passkey for your account.")
            }
            ("InvalidStateError", Purpose::SignIn) => Self::message(
                "The passkey could not be used. Close any other passkey request, then try again.",
            ),
            ("SecurityError", _) => Self::message(
                "Passkeys do not work at this address. Open Latchkey at its own address, over HTTPS.",
            ),
            ("NotSupportedError" | "ConstraintError", Purpose::Registration) => Self::message(
                "This device cannot create the required kind of passkey. Try another device or a security key.",
            ),
            ("NotSupportedError" | "ConstraintError", Purpose::SignIn) => Self::message(
                "This device cannot use the required kind of passkey. Try another device or a security key.",
            ),
            ("", _) => Self::message(
                "This browser does not support passkeys here. Use a code from your authenticator app instead.",
            ),
            (name, _) => Self::Message(format!(
                "The passkey did not work ({name}). Try again, or use a code instead."
            )),
        }
    }
}
