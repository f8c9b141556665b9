//! Enrolment links: one-time, for the first administrator or an invited user.

use crate::{id::UserId, identity::user::User};
use time::OffsetDateTime;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first administrator's setup.
    Setup,
    /// The enrolment of this user.
    Invitation(UserId),
}

impl LinkPurpose {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation(_) => "invitation",
        }
    }

    /// The invited user.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Setup => None,
            Self::Invitation(user) => Some(user),
        }
    }
}

/// A link that is unused and in time. Using it is one conditional statement of the store, so of racing requests one
/// uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentLink {
    /// The digest of its code, which itself is not kept.
    pub digest: Vec<u8>,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// When it ends unused.
    pub expires_at: OffsetDateTime,
    /// Whether whoever made it vouches that it is the user who gets it.
    pub is_vouched: bool,
}

impl EnrolmentLink {
    /// Whether it enrols this user: with an authenticator app, and a device that is not limited. The first device of a user
    /// needs nobody who vouches, because there is nothing to take over yet; any other link recovers as a recovery code does.
    #[must_use]
    pub fn enrols(&self, user: &User) -> bool {
        self.is_vouched || user.state.is_new()
    }
}
