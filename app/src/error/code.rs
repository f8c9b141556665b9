//! What can go wrong: the one table of statuses, names and messages.

use crate::messages::{Key, m};
use http::StatusCode;

/// Makes the enum and its table of rows: status, stable name, title, and what to do where the cause says no more.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident: $status:literal $name:literal $title:path, $detail:path;)*) => {
        /// What went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            pub(super) const fn row(self) -> (u16, &'static str, Key, Key) {
                match self {
                    $(Self::$code => ($status, $name, $title, $detail),)*
                }
            }
        }
    };
}

codes! {
    /// There is nothing here.
    NotFound: 404 "not_found" m::NOT_FOUND, m::ERROR_NOT_FOUND_DETAIL;
    /// Something is here, but not for this method.
    MethodNotAllowed: 405 "method_not_allowed" m::ERROR_METHOD_NOT_ALLOWED, m::ERROR_METHOD_NOT_ALLOWED_DETAIL;
    /// Another host was asked than one of ours.
    Misdirected: 421 "misdirected" m::ERROR_MISDIRECTED, m::NOTHING_CHANGED;
    /// The request was sent by another site.
    CrossSite: 403 "cross_site" m::ERROR_CROSS_SITE, m::ERROR_CROSS_SITE_DETAIL;
    /// The request was sent by a page of ours under another address than the public one.
    OtherAddress: 403 "other_address" m::ERROR_OTHER_ADDRESS, m::NOTHING_CHANGED;
    /// The body is not what is expected here.
    Unreadable: 400 "unreadable" m::ERROR_UNREADABLE, m::ERROR_UNREADABLE_DETAIL;
    /// The media type of the body is not one that is read here.
    UnsupportedMediaType: 415 "bad_input" m::ERROR_UNSUPPORTED_MEDIA_TYPE, m::ERROR_UNSUPPORTED_MEDIA_TYPE_DETAIL;
    /// The body is longer than anything we take.
    TooLarge: 413 "too_large" m::ERROR_TOO_LARGE, m::ERROR_TOO_LARGE_DETAIL;
    /// It took too long.
    TimedOut: 503 "timed_out" m::ERROR_TIMED_OUT, m::ERROR_TIMED_OUT_DETAIL;
    /// This client, or those in its network, asked too often.
    TooManyRequests: 429 "too_many_requests" m::ERROR_TOO_MANY_REQUESTS, m::ERROR_TOO_MANY_REQUESTS_DETAIL;
    /// Too many ask at once; others are served first.
    Busy: 503 "busy" m::ERROR_BUSY, m::ERROR_BUSY_DETAIL;
    /// Too many attempts at a code.
    Throttled: 429 "throttled" m::ERROR_THROTTLED, m::ERROR_THROTTLED_DETAIL;
    /// E-mail, code or both are wrong.
    InvalidCredentials: 401 "invalid_credentials" m::ERROR_INVALID_CREDENTIALS, m::ERROR_INVALID_CREDENTIALS_DETAIL;
    /// The code is right, but the account signs in with passkeys only.
    PasskeyOnly: 401 "passkey_only" m::ERROR_PASSKEY_ONLY, m::ERROR_PASSKEY_ONLY_DETAIL;
    /// It is so unusual that nothing is enrolled now.
    EnrolmentHeld: 403 "enrolment_held" m::ERROR_ENROLMENT_HELD, m::ERROR_ENROLMENT_HELD_DETAIL;
    /// The code during enrolment is wrong.
    WrongCode: 401 "wrong_code" m::ERROR_WRONG_CODE, m::ERROR_WRONG_CODE_DETAIL;
    /// The link was never made, used, or is too old.
    LinkNotValid: 401 "link_not_valid" m::LINK_INVALID, m::ERROR_LINK_NOT_VALID_DETAIL;
    /// The recovery code was never made, or used.
    InvalidRecoveryCode: 401 "invalid_recovery_code" m::ERROR_RECOVERY_CODE, m::ERROR_RECOVERY_CODE_DETAIL;
    /// The code of a mail that confirms a recovery is wrong, was used, or is too old.
    InvalidConfirmationCode: 401 "invalid_confirmation_code" m::ERROR_CONFIRMATION_CODE, m::ERROR_CONFIRMATION_CODE_DETAIL;
    /// The ceremony was used, took too long, or belongs to somebody else.
    CeremonyExpired: 401 "ceremony_expired" m::ERROR_CEREMONY_EXPIRED, m::ERROR_CEREMONY_EXPIRED_DETAIL;
    /// The passkey's answer did not verify.
    PasskeyNotAccepted: 401 "passkey_not_accepted" m::ERROR_PASSKEY_NOT_ACCEPTED, m::ERROR_PASSKEY_NOT_ACCEPTED_DETAIL;
    /// The new passkey's authenticator did not attest a model that is accepted.
    AuthenticatorNotAccepted: 403 "authenticator_not_accepted" m::ERROR_PASSKEY_NOT_ACCEPTED, m::ERROR_AUTHENTICATOR_NOT_ACCEPTED_DETAIL;
    /// There is no such passkey (any more); the browser tells its authenticator.
    UnknownPasskey: 401 "unknown_passkey" m::ERROR_PASSKEY_NOT_ACCEPTED, m::ERROR_UNKNOWN_PASSKEY_DETAIL;
    /// The request for an approval is none of ours, or is too old.
    ApprovalExpired: 401 "approval_expired" m::ERROR_APPROVAL_EXPIRED, m::ERROR_APPROVAL_EXPIRED_DETAIL;
    /// The request for an approval was decided before, or what it rested on has ended.
    ApprovalDecided: 409 "approval_decided" m::ERROR_APPROVAL_DECIDED, m::ERROR_APPROVAL_DECIDED_DETAIL;
    /// Another number was picked than the one that the new device shows.
    WrongNumber: 403 "wrong_number" m::ERROR_WRONG_NUMBER, m::ERROR_WRONG_NUMBER_DETAIL;
    /// Nobody has decided about the request for an approval yet.
    ApprovalPending: 409 "approval_pending" m::ERROR_APPROVAL_PENDING, m::ERROR_APPROVAL_PENDING_DETAIL;
    /// The browser that asks for an approval cannot give it.
    ApprovalBySelf: 403 "approval_by_self" m::ERROR_APPROVAL_BY_SELF, m::ERROR_APPROVAL_BY_SELF_DETAIL;
    /// Signing in comes first.
    SignInRequired: 401 "sign_in_required" m::ERROR_SIGN_IN_REQUIRED, m::ERROR_SIGN_IN_REQUIRED_DETAIL;
    /// The passkey must be used again first.
    StepUpRequired: 401 "step_up_required" m::ERROR_STEP_UP_REQUIRED, m::ERROR_STEP_UP_REQUIRED_DETAIL;
    /// A passkey must be added first.
    PasskeyRequired: 401 "passkey_required" m::ERROR_PASSKEY_REQUIRED, m::ERROR_PASSKEY_REQUIRED_DETAIL;
    /// The device must be approved first.
    NotApproved: 403 "not_approved" m::ERROR_NOT_APPROVED, m::ERROR_NOT_APPROVED_DETAIL;
    /// The device is in recovery.
    Recovery: 403 "recovery" m::ERROR_RECOVERY, m::ERROR_RECOVERY_DETAIL;
    /// The role is missing.
    Forbidden: 403 "forbidden" m::ERROR_FORBIDDEN, m::ERROR_FORBIDDEN_DETAIL;
    /// The user has no grant for the service.
    NoAccess: 403 "no_access" m::ERROR_NO_ACCESS, m::ERROR_NO_ACCESS_DETAIL;
    /// A rule of the service lets nobody in.
    Closed: 403 "closed" m::ERROR_CLOSED, m::ERROR_CLOSED_DETAIL;
    /// The access token is not accepted.
    InvalidToken: 401 "invalid_token" m::ERROR_INVALID_TOKEN, m::ERROR_INVALID_TOKEN_DETAIL;
    /// The proof of possession needs a nonce (RFC 9449 §9).
    NonceRequired: 401 "use_dpop_nonce" m::ERROR_NONCE_REQUIRED, m::ERROR_NONCE_REQUIRED_DETAIL;
    /// What a proxy asked is no question.
    BadQuestion: 403 "bad_question" m::ERROR_BAD_QUESTION, m::ERROR_BAD_QUESTION_DETAIL;
    /// Whoever asks may not ask this.
    NotForCaller: 403 "not_for_you" m::ERROR_NOT_FOR_CALLER, m::ERROR_NOT_FOR_CALLER_DETAIL;
    /// Something typed cannot be used.
    BadInput: 400 "bad_input" m::ERROR_BAD_INPUT, m::NOTHING_CHANGED;
    /// It would clash with what is there.
    Conflict: 409 "conflict" m::ERROR_CONFLICT, m::NOTHING_CHANGED;
    /// The resource is not as the request says that it is.
    PreconditionFailed: 412 "precondition_failed" m::ERROR_PRECONDITION, m::ERROR_PRECONDITION_DETAIL;
    /// The change would replace what others may have changed meanwhile.
    PreconditionRequired: 428 "precondition_required" m::ERROR_PRECONDITION_REQUIRED, m::ERROR_PRECONDITION_REQUIRED_DETAIL;
    /// Our own fault.
    Internal: 500 "internal" m::ERROR_INTERNAL, m::ERROR_INTERNAL_DETAIL;
}

impl Code {
    /// The stable name, for programs; also the key of the messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The status of the answer (RFC 9110 §15).
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What happened.
    #[must_use]
    pub const fn title(self) -> Key {
        self.row().2
    }

    /// What was kept and what to do next, where the cause says no more.
    pub(super) const fn detail(self) -> Key {
        self.row().3
    }
}
