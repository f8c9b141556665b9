//! The texts of the passkey buttons, which the islands get from the server.

use crate::{browser::failure_code::FailureCode, messages::m};

/// The texts of all failures, one line each, in the order of [`FailureCode::ALL`].
#[must_use]
pub fn failure_texts() -> String {
    let texts = FailureCode::ALL.map(|code| match code {
        FailureCode::Unreachable => m::PASSKEY_UNREACHABLE.text(),
        FailureCode::Unreadable => m::PASSKEY_UNREADABLE.text(),
        FailureCode::Cancelled => m::PASSKEY_CANCELLED.text(),
        FailureCode::AlreadyRegistered => m::PASSKEY_ALREADY_REGISTERED.text(),
        FailureCode::Busy => m::PASSKEY_BUSY.text(),
        FailureCode::WrongOrigin => m::PASSKEY_WRONG_ORIGIN.text(),
        FailureCode::CannotCreate => m::PASSKEY_CANNOT_CREATE.text(),
        FailureCode::CannotUse => m::PASSKEY_CANNOT_USE.text(),
        FailureCode::Unsupported => m::PASSKEY_UNSUPPORTED.text(),
        FailureCode::Other => m::passkey_other("{name}").text(),
    });
    texts.join("\n")
}
