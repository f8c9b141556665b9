//! What notifications say: in the portal, and in mails.

use crate::messages::{Key, Message, m};
use latchkey_domain::notification::{NotificationKind as Kind, REMINDED_BEFORE};

/// Within how many days what ends soon does.
fn days() -> u64 {
    REMINDED_BEFORE.whole_days().unsigned_abs()
}

/// What happened, in a sentence.
#[must_use]
pub fn sentence(kind: Kind, subject: &str) -> Message {
    match kind {
        Kind::DeviceAdded => m::notify_device_added(subject),
        Kind::UnusualSignIn => m::notify_unusual_sign_in(subject),
        Kind::UnusualUse => m::notify_unusual_use(subject),
        Kind::ApprovalGranted => m::notify_approval_granted(subject),
        Kind::OtherBrowser => m::notify_other_browser(subject),
        Kind::OtherBrowserElsewhere => m::notify_other_browser_elsewhere(subject),
        Kind::Elsewhere => m::notify_elsewhere(subject),
        Kind::ApprovalDenied => m::notify_approval_denied(subject),
        Kind::PasskeyAdded => m::notify_passkey_added(subject),
        Kind::PasskeyRemoved => m::notify_passkey_removed(subject),
        Kind::PasskeyCopied => m::notify_passkey_copied(subject),
        Kind::TotpReplaced => m::NOTIFY_TOTP_REPLACED.into(),
        Kind::TotpRemoved => m::NOTIFY_TOTP_REMOVED.into(),
        Kind::CodesLocked => m::NOTIFY_CODES_LOCKED.into(),
        Kind::EnrolmentLinkMade => m::NOTIFY_ENROLMENT_LINK_MADE.into(),
        Kind::RecoveryCodesMade => m::NOTIFY_RECOVERY_CODES_MADE.into(),
        Kind::RecoveryStarted => m::notify_recovery_started(subject),
        Kind::RecoveryCancelled => m::notify_recovery_cancelled(subject),
        Kind::DeviceRevokedInRecovery => m::notify_device_revoked(subject),
        Kind::RecoveryByOperator => m::NOTIFY_RECOVERY_BY_OPERATOR.into(),
        Kind::RoleChanged => m::notify_role_changed(subject),
        Kind::ProgramApproved => m::notify_program_approved(subject),
        Kind::RefreshTokenReused => m::notify_refresh_token_reused(subject),
        Kind::DeviceEnds => m::notify_device_ends(days(), subject),
        Kind::ProgramEnds => m::notify_program_ends(days(), subject),
        Kind::AccessEnds => m::notify_access_ends(days(), subject),
    }
}

/// What it is about, in a list of many.
pub(crate) const fn title(kind: Kind) -> Key {
    match kind {
        Kind::DeviceAdded => m::NOTIFY_TITLE_DEVICE_ADDED,
        Kind::UnusualSignIn => m::NOTIFY_TITLE_UNUSUAL_SIGN_IN,
        Kind::UnusualUse => m::NOTIFY_TITLE_UNUSUAL_USE,
        Kind::ApprovalGranted => m::NOTIFY_TITLE_APPROVAL_GRANTED,
        Kind::OtherBrowser => m::NOTIFY_TITLE_OTHER_BROWSER,
        Kind::OtherBrowserElsewhere => m::NOTIFY_TITLE_OTHER_BROWSER_ELSEWHERE,
        Kind::Elsewhere => m::NOTIFY_TITLE_ELSEWHERE,
        Kind::ApprovalDenied => m::NOTIFY_TITLE_APPROVAL_DENIED,
        Kind::PasskeyAdded => m::NOTIFY_TITLE_PASSKEY_ADDED,
        Kind::PasskeyRemoved => m::NOTIFY_TITLE_PASSKEY_REMOVED,
        Kind::PasskeyCopied => m::NOTIFY_TITLE_PASSKEY_COPIED,
        Kind::TotpReplaced => m::NOTIFY_TITLE_TOTP_REPLACED,
        Kind::TotpRemoved => m::NOTIFY_TITLE_TOTP_REMOVED,
        Kind::CodesLocked => m::NOTIFY_TITLE_CODES_LOCKED,
        Kind::EnrolmentLinkMade => m::NOTIFY_TITLE_ENROLMENT_LINK_MADE,
        Kind::RecoveryCodesMade => m::NOTIFY_TITLE_RECOVERY_CODES_MADE,
        Kind::RecoveryStarted => m::NOTIFY_TITLE_RECOVERY_STARTED,
        Kind::RecoveryCancelled => m::NOTIFY_TITLE_RECOVERY_CANCELLED,
        Kind::DeviceRevokedInRecovery => m::NOTIFY_TITLE_DEVICE_REVOKED,
        Kind::RecoveryByOperator => m::NOTIFY_TITLE_RECOVERY_BY_OPERATOR,
        Kind::RoleChanged => m::NOTIFY_TITLE_ROLE_CHANGED,
        Kind::ProgramApproved => m::NOTIFY_TITLE_PROGRAM_APPROVED,
        Kind::RefreshTokenReused => m::NOTIFY_TITLE_REFRESH_TOKEN_REUSED,
        Kind::DeviceEnds => m::NOTIFY_TITLE_DEVICE_ENDS,
        Kind::ProgramEnds => m::NOTIFY_TITLE_PROGRAM_ENDS,
        Kind::AccessEnds => m::NOTIFY_TITLE_ACCESS_ENDS,
    }
}

/// What to do about it.
#[must_use]
pub const fn advice(kind: Kind) -> Key {
    match kind {
        Kind::DeviceAdded
        | Kind::ApprovalGranted
        | Kind::UnusualSignIn
        | Kind::UnusualUse
        | Kind::OtherBrowser
        | Kind::OtherBrowserElsewhere
        | Kind::Elsewhere => m::NOTIFY_CHECK_DEVICES,
        Kind::PasskeyCopied => m::NOTIFY_PASSKEY_COPIED_ADVICE,
        Kind::ApprovalDenied => m::NOTIFY_APPROVAL_DENIED_ADVICE,
        Kind::PasskeyAdded | Kind::PasskeyRemoved | Kind::TotpReplaced | Kind::TotpRemoved => {
            m::NOTIFY_CHECK_SECURITY
        }
        Kind::CodesLocked => m::NOTIFY_CODES_LOCKED_ADVICE,
        Kind::RecoveryCodesMade => m::NOTIFY_RECOVERY_CODES_MADE_ADVICE,
        Kind::RecoveryStarted => m::NOTIFY_RECOVERY_STARTED_ADVICE,
        Kind::RecoveryCancelled => m::NOTIFY_RECOVERY_CANCELLED_ADVICE,
        Kind::DeviceRevokedInRecovery => m::NOTIFY_DEVICE_REVOKED_ADVICE,
        Kind::EnrolmentLinkMade | Kind::RecoveryByOperator | Kind::RoleChanged => {
            m::NOTIFY_ASK_ADMINISTRATOR
        }
        Kind::ProgramApproved => m::NOTIFY_CHECK_PROGRAMS,
        Kind::RefreshTokenReused => m::NOTIFY_REFRESH_TOKEN_REUSED_ADVICE,
        Kind::DeviceEnds => m::NOTIFY_DEVICE_ENDS_ADVICE,
        Kind::ProgramEnds => m::NOTIFY_PROGRAM_ENDS_ADVICE,
        Kind::AccessEnds => m::NOTIFY_ACCESS_ENDS_ADVICE,
    }
}

/// The page on which a user can do it, and its name.
#[must_use]
pub const fn page(kind: Kind) -> (&'static str, Key) {
    match kind {
        Kind::DeviceAdded
        | Kind::ApprovalGranted
        | Kind::UnusualSignIn
        | Kind::UnusualUse
        | Kind::OtherBrowser
        | Kind::OtherBrowserElsewhere
        | Kind::Elsewhere
        | Kind::RecoveryStarted
        | Kind::RecoveryCancelled
        | Kind::DeviceRevokedInRecovery
        | Kind::ProgramApproved
        | Kind::DeviceEnds
        | Kind::ProgramEnds
        | Kind::RefreshTokenReused => ("/devices", m::NAV_DEVICES),
        Kind::AccessEnds => ("/", m::NAV_HOME),
        Kind::PasskeyAdded
        | Kind::RecoveryCodesMade
        | Kind::PasskeyRemoved
        | Kind::PasskeyCopied
        | Kind::TotpReplaced
        | Kind::TotpRemoved
        | Kind::CodesLocked => ("/security", m::NAV_SECURITY),
        Kind::ApprovalDenied
        | Kind::EnrolmentLinkMade
        | Kind::RecoveryByOperator
        | Kind::RoleChanged => ("/activity", m::NAV_ACTIVITY),
    }
}

/// Its icon.
pub(crate) const fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::DeviceAdded | Kind::ApprovalGranted => "device",
        Kind::UnusualSignIn
        | Kind::UnusualUse
        | Kind::OtherBrowser
        | Kind::OtherBrowserElsewhere
        | Kind::Elsewhere
        | Kind::ApprovalDenied
        | Kind::PasskeyCopied => "warning",
        Kind::PasskeyAdded | Kind::PasskeyRemoved => "passkey",
        Kind::TotpReplaced | Kind::TotpRemoved => "phone",
        Kind::CodesLocked => "ban",
        Kind::EnrolmentLinkMade | Kind::RecoveryByOperator => "link",
        Kind::RecoveryCodesMade => "key",
        Kind::RecoveryStarted | Kind::DeviceRevokedInRecovery => "warning",
        Kind::RecoveryCancelled => "ban",
        Kind::RoleChanged => "shield",
        Kind::ProgramApproved => "program",
        Kind::RefreshTokenReused => "warning",
        Kind::DeviceEnds | Kind::ProgramEnds | Kind::AccessEnds => "clock",
    }
}
