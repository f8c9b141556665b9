//! What a user is told after a refresh token was used twice: the program or a thief has the other copy.

use crate::{id::TokenFamilyId, name::DisplayName};
use time::{Duration, OffsetDateTime};

/// For how long a user is told, unless they dismiss it.
pub const NOTICE_LIFETIME: Duration = Duration::days(30);

/// A family ended because a refresh token of it was used twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReuseNotice {
    /// The family that ended.
    pub family: TokenFamilyId,
    /// The program.
    pub client: DisplayName,
    /// When that was.
    pub at: OffsetDateTime,
}
