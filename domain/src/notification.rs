//! What users are told of their account: changes of who can sign in as them, or act for them.
//!
//! The audit log has everything that happened; a notification is what a user should look at. Each is shown in the portal
//! until its user has read it, and sent by mail where mail is configured.

use crate::id::{DeviceId, NotificationId, UserId};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use time::{Duration, OffsetDateTime};

/// How long a notification is kept.
pub const LIFETIME: Duration = Duration::days(90);

/// How long before something ends its user is reminded; and for how long it must have been before.
pub const REMINDED_BEFORE: Duration = Duration::days(14);

/// What a notification is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NotificationKind {
    /// A device was registered; the subject is its name.
    DeviceAdded,
    /// A sign-in on a device was unusual; the subject is its name.
    UnusualSignIn,
    /// A device was used in an unusual way, and has to authenticate; the subject is its name.
    UnusualUse,
    /// A browser asked to become a device, or to be limited no more, and was approved; the subject is what it calls itself.
    ApprovalGranted,
    /// The cookie of a device came from another browser, and the device has to authenticate; the subject is its name.
    OtherBrowser,
    /// The same from a place or network that is unusual for its user.
    OtherBrowserElsewhere,
    /// The cookie came from such a place or network; the subject is the name of the device.
    Elsewhere,
    /// A browser asked to become a device and was not approved; the subject is what it calls itself.
    ApprovalDenied,
    /// A passkey was added; the subject is its name.
    PasskeyAdded,
    /// A passkey was removed; the subject is its name.
    PasskeyRemoved,
    /// A passkey's signature counter went back: somebody else may have a copy of it. The subject is its name.
    PasskeyCopied,
    /// Another authenticator app took the place of the one before.
    TotpReplaced,
    /// The authenticator app was removed.
    TotpRemoved,
    /// Too many wrong codes were entered: no more are checked for a while.
    CodesLocked,
    /// An enrolment link was made for a user who has a device.
    EnrolmentLinkMade,
    /// Recovery codes were made.
    RecoveryCodesMade,
    /// A device began to recover access; the subject is its name. Other devices can cancel it.
    RecoveryStarted,
    /// A recovery was cancelled; the subject is the device that was in recovery.
    RecoveryCancelled,
    /// A device in recovery revoked another one; the subject is the name of that one.
    DeviceRevokedInRecovery,
    /// The operator made an enrolment link for a user who lost everything.
    RecoveryByOperator,
    /// The role was changed; the subject is the new one.
    RoleChanged,
    /// A program got tokens; the subject is its name.
    ProgramApproved,
    /// A refresh token was used twice; the subject is the program.
    RefreshTokenReused,
    /// A device opened no page for long and ends soon; the subject is its name.
    DeviceEnds,
    /// A program with a key of its own ends soon; the subject is its name.
    ProgramEnds,
    /// The access to a service ends soon; the subject is its name.
    AccessEnds,
}

impl NotificationKind {
    /// Whether somebody else can cause it again and again, so that it is told once a day.
    #[must_use]
    pub const fn is_told_once_a_day(self) -> bool {
        matches!(self, Self::CodesLocked | Self::PasskeyCopied)
    }

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Something that a user is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The user.
    pub user: UserId,
    /// What it is about.
    pub kind: NotificationKind,
    /// The name of what it is about; empty where the kind says all.
    pub subject: String,
    /// The device on which it was done, where it is one of the user's: there it is no news. Each of these changes gives the
    /// device a new secret, so a thief's copy of its cookie takes the device over, and its user reads of it on another one.
    pub done_on: Option<DeviceId>,
}

/// A notification as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotificationView {
    /// The notification.
    pub id: NotificationId,
    /// What it is about.
    pub kind: NotificationKind,
    /// The name of what it is about.
    pub subject: String,
    /// The address from which it was done, if it came from one.
    pub ip: Option<String>,
    /// When it happened.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Whether the user has read it.
    pub is_read: bool,
}
