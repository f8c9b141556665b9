//! What can go wrong: the one table of statuses, names and texts.

use http::StatusCode;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// There is nothing here.
    NotFound,
    /// Something is here, but not for this method.
    MethodNotAllowed,
    /// Another host was asked than one of ours.
    Misdirected,
    /// The request was sent by another site.
    CrossSite,
    /// The request was sent by a page of ours under another address than the public one.
    OtherAddress,
    /// The body is not what is expected here.
    Unreadable,
    /// The media type of the body is not one that is read here.
    UnsupportedMediaType,
    /// The body is longer than anything we take.
    TooLarge,
    /// It took too long.
    TimedOut,
    /// This client, or those in its network, asked too often.
    TooManyRequests,
    /// Too many ask at once; others are served first.
    Busy,
    /// Too many attempts at a code.
    Throttled,
    /// E-mail, code or both are wrong.
    InvalidCredentials,
    /// The code is right, but the account signs in with passkeys only.
    PasskeyOnly,
    /// The code during enrolment is wrong.
    WrongCode,
    /// The link was never made, used, or is too old.
    LinkNotValid,
    /// The ceremony was used, took too long, or belongs to somebody else.
    CeremonyExpired,
    /// The passkey's answer did not verify.
    PasskeyNotAccepted,
    /// Signing in comes first.
    SignInRequired,
    /// The passkey must be used again first.
    StepUpRequired,
    /// A passkey must be added first.
    PasskeyRequired,
    /// The device must be approved first.
    NotApproved,
    /// The role is missing.
    Forbidden,
    /// The user has no grant for the service.
    NoAccess,
    /// A rule of the service lets nobody in.
    Closed,
    /// What a proxy asked is no question.
    BadQuestion,
    /// Whoever asks may not ask this.
    NotForCaller,
    /// Something typed cannot be used.
    BadInput,
    /// It would clash with what is there.
    Conflict,
    /// Our own fault.
    Internal,
}

impl Code {
    /// Status, stable name, title, and what to do where the cause says no more.
    pub(super) const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::NotFound => (
                404,
                "not_found",
                "There is no such page",
                "The link may be old, or mistyped.",
            ),
            Self::MethodNotAllowed => (
                405,
                "method_not_allowed",
                "That does not work here",
                "This address does not take requests of that kind.",
            ),
            Self::Misdirected => (
                421,
                "misdirected",
                "This address is not Latchkey's",
                "Nothing was changed.",
            ),
            Self::CrossSite => (
                403,
                "cross_site",
                "That came from another site",
                "Nothing was changed. Open the page here and try again.",
            ),
            Self::OtherAddress => (
                403,
                "other_address",
                "Latchkey is at another address",
                "Nothing was changed.",
            ),
            Self::Unreadable => (
                400,
                "unreadable",
                "This request cannot be read",
                "Nothing was changed. Go back, reload the page and try again.",
            ),
            Self::UnsupportedMediaType => (
                415,
                "bad_input",
                "The body is of another kind",
                "Send a form or JSON.",
            ),
            Self::TooLarge => (
                413,
                "too_large",
                "That was too much at once",
                "Nothing was changed. What can be sent here fits into a few kilobytes.",
            ),
            Self::TimedOut => (
                503,
                "timed_out",
                "That took too long",
                "Please try again in a moment.",
            ),
            Self::TooManyRequests => (
                429,
                "too_many_requests",
                "Too many requests",
                "Nothing was changed. Wait a moment, then try again.",
            ),
            Self::Busy => (
                503,
                "busy",
                "Too many requests at once just now",
                "Nothing was changed. Please try again in a moment.",
            ),
            Self::Throttled => (
                429,
                "throttled",
                "Too many attempts",
                "Wait, then try again.",
            ),
            Self::InvalidCredentials => (
                401,
                "invalid_credentials",
                "That did not work",
                "That e-mail address and code do not fit together.",
            ),
            Self::PasskeyOnly => (
                401,
                "passkey_only",
                "This account signs in with passkeys only",
                "Use a passkey, or ask an administrator for an enrolment link.",
            ),
            Self::WrongCode => (
                401,
                "wrong_code",
                "That code does not fit",
                "Wait for the next one and type it as shown.",
            ),
            Self::LinkNotValid => (
                401,
                "link_not_valid",
                "This link is not valid any more",
                "Ask for a new one.",
            ),
            Self::CeremonyExpired => (
                401,
                "ceremony_expired",
                "That took too long",
                "Nothing was changed; please start again.",
            ),
            Self::PasskeyNotAccepted => (
                401,
                "passkey_not_accepted",
                "That passkey was not accepted",
                "Nothing was changed.",
            ),
            Self::SignInRequired => (
                401,
                "sign_in_required",
                "Sign in first",
                "Sign in, then send this again. Nothing was changed yet.",
            ),
            Self::StepUpRequired => (
                401,
                "step_up_required",
                "Confirm that it is you",
                "Confirm that it is you, then send this again. Nothing was changed yet.",
            ),
            Self::PasskeyRequired => (
                401,
                "passkey_required",
                "Add a passkey first",
                "Administration needs a passkey. Add one, then send this again. Nothing was changed yet.",
            ),
            Self::NotApproved => (
                403,
                "not_approved",
                "This device is not approved",
                "This device was registered with a code alone. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link. Nothing was changed.",
            ),
            Self::Forbidden => (
                403,
                "forbidden",
                "Only administrators may do this",
                "Nothing was changed. If your account should be an administrator's, ask another administrator.",
            ),
            Self::NoAccess => (
                403,
                "no_access",
                "You have no access here",
                "You are signed in, but your account has no access to this service. An administrator of Latchkey can grant it.",
            ),
            Self::Closed => (
                403,
                "closed",
                "This is closed",
                "A rule of the service lets nobody in here.",
            ),
            Self::BadQuestion => (
                403,
                "bad_question",
                "The forwarded request cannot be read",
                "The proxy has to say method, host and path, each once.",
            ),
            Self::NotForCaller => (
                403,
                "not_for_you",
                "This caller may not ask",
                "Name the proxy in proxy.forward_auth, or send the service's token.",
            ),
            Self::BadInput => (
                400,
                "bad_input",
                "That cannot be used",
                "Nothing was changed.",
            ),
            Self::Conflict => (
                409,
                "conflict",
                "That is taken already",
                "Nothing was changed.",
            ),
            Self::Internal => (
                500,
                "internal",
                "Something went wrong here",
                "The error has been logged. Please try again in a moment.",
            ),
        }
    }

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
    pub const fn title(self) -> &'static str {
        self.row().2
    }
}
