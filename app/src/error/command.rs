//! Errors on the command line.

use super::AppError;
use crate::messages::{Key, Message, m};
use latchkey_engine::{Error, Noun};

/// Why a command did not happen. Its arguments were typed, so that what is missing may never have existed.
#[must_use]
pub fn message(error: &Error) -> Message {
    match error {
        Error::NotFound(noun) => missing(*noun).into(),
        // The operator is who would read the log.
        Error::Internal(cause) => m::internal_cause(cause.to_string()),
        other => AppError::from(other).detail,
    }
}

const fn missing(noun: Noun) -> Key {
    match noun {
        Noun::User => m::NO_USER,
        Noun::Device => m::NO_DEVICE,
        Noun::Passkey => m::NO_PASSKEY,
        Noun::Service => m::NO_SERVICE,
        Noun::Grant => m::NO_GRANT,
        Noun::Client => m::NO_CLIENT,
        Noun::Role => m::NO_ROLE,
        Noun::Authorization => m::AUTHORIZATION_GONE,
        Noun::TokenFamily => m::NO_TOKEN_FAMILY,
        Noun::Notification => m::NOTIFICATION_GONE,
        Noun::Mail => m::MAIL_GONE,
        Noun::NetworkRule => m::NO_NETWORK_RULE,
        Noun::Event => m::NO_ASSESSED_EVENT,
    }
}
