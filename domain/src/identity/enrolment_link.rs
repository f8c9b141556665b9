//! Enrolment links: one-time, for the first administrator or an invited user.

use crate::id::UserId;
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
}
