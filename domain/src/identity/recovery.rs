//! Recovery codes: for users who lost everything else.
//!
//! A code is worth less than any other way to sign in: it makes a device that is limited
//! ([`DeviceLimit::Recovery`](super::device::DeviceLimit::Recovery)) until its user's other devices had time to cancel it.

use crate::id::UserId;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How many codes are made together.
pub const CODES: usize = 10;

/// From how few on a user is reminded to make new ones.
pub const FEW: u64 = 3;

/// How long the cooling-off period is by default.
pub const DEFAULT_COOLING_OFF: Duration = Duration::DAY;

/// The shortest cooling-off period: without any, a code would be worth as much as a passkey.
pub const MIN_COOLING_OFF: Duration = Duration::HOUR;

/// The longest.
pub const MAX_COOLING_OFF: Duration = Duration::days(30);

/// A set of codes, of which only the digests are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// Whose.
    pub user: UserId,
    /// The digests.
    pub digests: Vec<Vec<u8>>,
    /// When they were made.
    pub made_at: OffsetDateTime,
}

/// What a user sees of their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodesView {
    /// How many were not used.
    pub left: u64,
    /// When they were made.
    #[serde(with = "time::serde::rfc3339")]
    pub made_at: OffsetDateTime,
}

/// With what a recovery began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryBasis {
    /// A recovery code.
    Code {
        /// How many are left.
        left: u64,
    },
    /// An enrolment link for which nobody vouched.
    Link,
}
