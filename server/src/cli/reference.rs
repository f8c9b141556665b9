//! `latchkey reference`, hidden: the lists in the documentation that come from the code, for `cargo xtask reference`.

use super::{failure::Failure, output::Output};
use latchkey_app::{error::Code, messages::action};
use latchkey_domain::audit::event::Action;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Reference {
    events: Vec<Event>,
    errors: Vec<ErrorCode>,
}

#[derive(Serialize)]
struct Event {
    action: &'static str,
    meaning: String,
}

#[derive(Serialize)]
struct ErrorCode {
    status: u16,
    code: &'static str,
    meaning: &'static str,
}

/// Every value of `error` in a JSON body.
const ERRORS: &[(Code, &str)] = &[
    (
        Code::BadInput,
        "`POST /device/add`: `field` names the field and `message` says what is wrong with it",
    ),
    (
        Code::Unreadable,
        "actions: the body is not what the action takes",
    ),
    (
        Code::InvalidCredentials,
        "`POST /device/add`: the e-mail address or the code is wrong",
    ),
    (
        Code::PasskeyNotAccepted,
        "actions: the passkey was not accepted",
    ),
    (
        Code::AuthenticatorNotAccepted,
        "actions: the authenticator did not attest a model that `passkey.attestation` accepts",
    ),
    (
        Code::UnknownPasskey,
        "actions: there is no such passkey, or it was removed; pages tell the authenticator to forget it",
    ),
    (
        Code::CeremonyExpired,
        "actions: the passkey ceremony was used, took too long, or belongs to another user",
    ),
    (
        Code::EnrolmentHeld,
        "actions: the request is so unusual (a score of 80 or more) that nothing is enrolled from there now",
    ),
    (
        Code::ApprovalExpired,
        "actions: the request for an approval is none of this server's, or is older than ten minutes",
    ),
    (
        Code::ApprovalDecided,
        "actions: the request was approved or denied before, or what its approval rested on has ended",
    ),
    (
        Code::SignInRequired,
        "`/forward-auth`: no signed-in device; `url` is the sign-in page",
    ),
    (
        Code::StepUpRequired,
        "`/forward-auth` and `/verify`: the service requires a recent passkey; `url` is where to use one",
    ),
    (
        Code::PasskeyRequired,
        "actions and API: administration requires a passkey; `next` is the page that adds one",
    ),
    (
        Code::InvalidToken,
        "`/forward-auth`: the access token is one of Latchkey's and not accepted",
    ),
    (
        Code::NonceRequired,
        "`/forward-auth`, `/verify` and the API: the service demands proofs of possession with the nonce of the header `DPoP-Nonce`",
    ),
    (
        Code::BadQuestion,
        "`/forward-auth`: the proxy's request cannot be read in exactly one way",
    ),
    (
        Code::Closed,
        "`/forward-auth`: a rule of the service closes this path",
    ),
    (
        Code::NoAccess,
        "`/forward-auth`: the user has no grant for this service",
    ),
    (
        Code::NotForCaller,
        "`/forward-auth`: the token is missing, wrong or another service's, or no service has this host",
    ),
    (Code::Forbidden, "the page or action is for administrators"),
    (
        Code::NotApproved,
        "actions: the device was registered with a code alone and is not approved",
    ),
    (
        Code::Recovery,
        "actions: the device is in recovery, and can only end devices and sessions until a passkey is added",
    ),
    (
        Code::CrossSite,
        "the request came from another site; nothing was changed",
    ),
    (
        Code::OtherAddress,
        "the request was made under an address other than `public_url`; nothing was changed",
    ),
    (Code::NotFound, "there is no such page"),
    (
        Code::MethodNotAllowed,
        "the address does not accept this method",
    ),
    (
        Code::Conflict,
        "actions and API: it would clash with what exists; `field` names the field",
    ),
    (
        Code::PreconditionFailed,
        "API: the resource has another entity tag than `If-Match` says; nothing was changed",
    ),
    (
        Code::TooLarge,
        "the request body is too large; nothing was changed",
    ),
    (
        Code::UnsupportedMediaType,
        "the body is neither a form (`POST /device/add`) nor JSON",
    ),
    (
        Code::PreconditionRequired,
        "API: the change replaces what was read before, so it takes `If-Match`; nothing was changed",
    ),
    (
        Code::Throttled,
        "`POST /device/add`: too many wrong codes; try again after `Retry-After`",
    ),
    (
        Code::TooManyRequests,
        "too many requests from this device, network or program; try again after `Retry-After`",
    ),
    (
        Code::Internal,
        "an error in Latchkey; its cause is in the log",
    ),
    (
        Code::Busy,
        "the server is overloaded; try again after `Retry-After`",
    ),
    (Code::TimedOut, "the request took too long"),
];

/// Prints the lists as JSON.
pub(super) fn run() -> Result<ExitCode, Failure> {
    let event = |action: &Action| Event {
        action: action.as_str(),
        meaning: action::sentence(*action).text(),
    };
    let error = |(code, meaning): &(Code, &'static str)| ErrorCode {
        status: code.status().as_u16(),
        code: code.as_str(),
        meaning,
    };
    let reference = Reference {
        events: Action::ALL.iter().map(event).collect(),
        errors: ERRORS.iter().map(error).collect(),
    };
    Output::new(true).print("", &reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those that are shown beside a form or as a line of text alone.
    const NEVER_JSON: &[Code] = &[
        Code::Misdirected,
        Code::PasskeyOnly,
        Code::WrongCode,
        Code::LinkNotValid,
        Code::InvalidRecoveryCode,
        Code::InvalidConfirmationCode,
        Code::WrongNumber,
        Code::ApprovalPending,
        Code::ApprovalBySelf,
    ];

    #[test]
    fn every_code_is_listed_once() {
        for code in Code::ALL {
            let listed = ERRORS.iter().filter(|(listed, _)| listed == code).count();
            let expected = usize::from(!NEVER_JSON.contains(code));
            assert_eq!(listed, expected, "{code:?}");
        }
    }
}
