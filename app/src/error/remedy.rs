//! Where a user whose request was denied can do something about it.

use crate::url::sign_in_url;
use latchkey_domain::access::permission::Denial;

/// The page that adds a passkey to the user and this device.
const ADD_PASSKEY: &str = "/enrol/passkey";

/// The page that says how far a recovery is.
const RECOVERY: &str = "/devices";

/// The page on which a user can resolve a denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The sign-in page, which leads back.
    SignIn,
    /// This page.
    Page(&'static str),
}

impl Remedy {
    /// Its URL.
    #[must_use]
    pub fn leading_back_to(self, return_to: &str) -> String {
        match self {
            Self::SignIn => sign_in_url(return_to),
            Self::Page(page) => page.to_owned(),
        }
    }
}

/// How a user can resolve a denial; `None` if they cannot.
#[must_use]
pub const fn remedy_of(denial: Denial) -> Option<Remedy> {
    match denial {
        Denial::SignIn | Denial::StepUp => Some(Remedy::SignIn),
        Denial::NeedsPasskey => Some(Remedy::Page(ADD_PASSKEY)),
        Denial::Recovery => Some(Remedy::Page(RECOVERY)),
        Denial::NotApproved | Denial::Forbidden => None,
    }
}
