//! What can go wrong: the one table of statuses, names and texts.

use http::StatusCode;

/// Makes the enum and its table of rows: status, stable name, title, and what to do where the cause says no more.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident: $status:literal $name:literal $title:literal $detail:literal;)*) => {
        /// What went wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            pub(super) const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
                match self {
                    $(Self::$code => ($status, $name, $title, $detail),)*
                }
            }
        }
    };
}

codes! {
    /// There is nothing here.
    NotFound: 404 "not_found" "Page not found"
        "The link may be wrong or outdated.";
    /// Something is here, but not for this method.
    MethodNotAllowed: 405 "method_not_allowed" "Method not allowed"
        "This address does not accept this kind of request.";
    /// Another host was asked than one of ours.
    Misdirected: 421 "misdirected" "Latchkey does not serve this host"
        "Nothing was changed.";
    /// The request was sent by another site.
    CrossSite: 403 "cross_site" "The request came from another site"
        "Nothing was changed. Open the page here and try again.";
    /// The request was sent by a page of ours under another address than the public one.
    OtherAddress: 403 "other_address" "Latchkey is at another address"
        "Nothing was changed.";
    /// The body is not what is expected here.
    Unreadable: 400 "unreadable" "This request cannot be read"
        "Nothing was changed. Go back, reload the page and try again.";
    /// The media type of the body is not one that is read here.
    UnsupportedMediaType: 415 "bad_input" "Unsupported media type"
        "Send a form or JSON.";
    /// The body is longer than anything we take.
    TooLarge: 413 "too_large" "The request is too large"
        "Nothing was changed. Requests are limited to a few kilobytes.";
    /// It took too long.
    TimedOut: 503 "timed_out" "The request timed out"
        "Please try again in a moment.";
    /// This client, or those in its network, asked too often.
    TooManyRequests: 429 "too_many_requests" "Too many requests"
        "Nothing was changed. Wait a moment, then try again.";
    /// Too many ask at once; others are served first.
    Busy: 503 "busy" "The server is busy"
        "Nothing was changed. Please try again in a moment.";
    /// Too many attempts at a code.
    Throttled: 429 "throttled" "Too many attempts"
        "Wait, then try again.";
    /// E-mail, code or both are wrong.
    InvalidCredentials: 401 "invalid_credentials" "Sign-in failed"
        "The e-mail address and the code do not match.";
    /// The code is right, but the account signs in with passkeys only.
    PasskeyOnly: 401 "passkey_only" "This account signs in with passkeys only"
        "Use a passkey, or ask an administrator for an enrolment link.";
    /// The code during enrolment is wrong.
    WrongCode: 401 "wrong_code" "Wrong code"
        "Wait for the next code and enter it as shown.";
    /// The link was never made, used, or is too old.
    LinkNotValid: 401 "link_not_valid" "This link is no longer valid"
        "Ask for a new one.";
    /// The ceremony was used, took too long, or belongs to somebody else.
    CeremonyExpired: 401 "ceremony_expired" "This took too long"
        "Nothing was changed; please start again.";
    /// The passkey's answer did not verify.
    PasskeyNotAccepted: 401 "passkey_not_accepted" "The passkey was not accepted"
        "Nothing was changed.";
    /// Signing in comes first.
    SignInRequired: 401 "sign_in_required" "Sign in first"
        "Sign in, then send this again. Nothing was changed yet.";
    /// The passkey must be used again first.
    StepUpRequired: 401 "step_up_required" "Confirm that it is you"
        "Confirm that it is you, then send this again. Nothing was changed yet.";
    /// A passkey must be added first.
    PasskeyRequired: 401 "passkey_required" "Add a passkey first"
        "Administration requires a passkey. Add one, then send this again. Nothing was changed yet.";
    /// The device must be approved first.
    NotApproved: 403 "not_approved" "This device is not approved"
        "This device was registered with a code alone. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link. Nothing was changed.";
    /// The role is missing.
    Forbidden: 403 "forbidden" "Only administrators may do this"
        "Nothing was changed. If you need access, ask an administrator.";
    /// The user has no grant for the service.
    NoAccess: 403 "no_access" "You have no access here"
        "You are signed in, but your account has no access to this service. An administrator of Latchkey can grant it.";
    /// A rule of the service lets nobody in.
    Closed: 403 "closed" "This path is closed"
        "A rule of the service denies this path to everybody.";
    /// What a proxy asked is no question.
    BadQuestion: 403 "bad_question" "The forwarded request cannot be read"
        "The proxy must send method, host and path, each exactly once.";
    /// Whoever asks may not ask this.
    NotForCaller: 403 "not_for_you" "This caller is not allowed to ask"
        "Name the proxy in proxy.forward_auth, or send the service's token.";
    /// Something typed cannot be used.
    BadInput: 400 "bad_input" "This value cannot be used"
        "Nothing was changed.";
    /// It would clash with what is there.
    Conflict: 409 "conflict" "This is already taken"
        "Nothing was changed.";
    /// Our own fault.
    Internal: 500 "internal" "Something went wrong here"
        "The error has been logged. Please try again in a moment.";
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
    pub const fn title(self) -> &'static str {
        self.row().2
    }
}
