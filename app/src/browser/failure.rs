//! Why something did not happen in the browser, in words.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why a ceremony ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Something to tell the person.
    Words(String),
    /// Another page comes first: signing in.
    Elsewhere(String),
    /// We ended it ourselves; there is nothing to say.
    Aborted,
}

/// What a passkey was wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    SignIn,
    Registration,
}

impl Failure {
    pub(super) fn words(words: &str) -> Self {
        Self::Words(words.to_owned())
    }

    /// The connection, or what stands between, is at fault.
    pub(super) fn unreachable() -> Self {
        Self::words("Latchkey cannot be reached. Check your connection, then try again.")
    }

    /// The answer was not what it should be.
    pub(super) fn unreadable() -> Self {
        Self::words("The response could not be read. Reload the page and try again.")
    }

    /// What `navigator.credentials` threw (WebAuthn L3 §5.1.3, §5.1.4).
    pub(super) fn of_ceremony(thrown: &JsValue, purpose: Purpose) -> Self {
        let name = thrown
            .dyn_ref::<DomException>()
            .map(DomException::name)
            .unwrap_or_default();
        match (name.as_str(), purpose) {
            ("AbortError", _) => Self::Aborted,
            // The same for a press on Cancel, a time-out, and no passkey: the browser does not tell them apart.
            ("NotAllowedError", _) => {
                Self::words("The passkey request was cancelled or timed out. Try again.")
            }
            ("InvalidStateError", Purpose::Registration) => {
                Self::words("This device already has a passkey for your account.")
            }
            ("InvalidStateError", Purpose::SignIn) => Self::words(
                "The passkey could not be used. Close any other passkey request, then try again.",
            ),
            ("SecurityError", _) => Self::words(
                "Passkeys do not work at this address. Open Latchkey at its own address, over HTTPS.",
            ),
            ("NotSupportedError" | "ConstraintError", Purpose::Registration) => Self::words(
                "This device cannot create the required kind of passkey. Try another device or a security key.",
            ),
            ("NotSupportedError" | "ConstraintError", Purpose::SignIn) => Self::words(
                "This device cannot use the required kind of passkey. Try another device or a security key.",
            ),
            ("", _) => Self::words(
                "This browser does not support passkeys here. Use a code from your authenticator app instead.",
            ),
            (name, _) => Self::Words(format!(
                "The passkey did not work ({name}). Try again, or use a code instead."
            )),
        }
    }
}
