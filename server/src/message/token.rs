//! Why an access token is not accepted.

use latchkey_engine::TokenFault;

/// The sentence.
pub(crate) fn fault(fault: TokenFault) -> String {
    let text = match fault {
        TokenFault::Invalid(wrong) => {
            return format!("It is not a valid access token of this server: {wrong}.");
        }
        TokenFault::NoService => "Its service was deleted or renamed.",
        TokenFault::NoClient => "Its client was deleted.",
        TokenFault::Client => {
            "Its client may not use this service or one of the scopes any more, or the secret or key with which it got the token ended."
        }
        TokenFault::FamilyEnded => "What its user approved was revoked, replaced, or has expired.",
        TokenFault::User => {
            "Its user has no access to the service, or not with these scopes; or the device was signed out or revoked, or the user disabled."
        }
        TokenFault::StepUp => "The service requires a more recent passkey of its user.",
        TokenFault::Revoked => "Its client revoked it.",
        TokenFault::Used => {
            "It was used, and its service accepts a token once; or its client got a newer one, and its service accepts the newest alone."
        }
    };
    text.to_owned()
}

/// The stable name.
pub(crate) const fn code(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Invalid(wrong) => wrong.code(),
        TokenFault::NoService => "no_service",
        TokenFault::NoClient => "no_client",
        TokenFault::Client => "client",
        TokenFault::FamilyEnded => "family_ended",
        TokenFault::User => "user",
        TokenFault::StepUp => "step_up",
        TokenFault::Revoked => "revoked",
        TokenFault::Used => "used",
    }
}
