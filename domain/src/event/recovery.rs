//! Events of recoveries, from the codes to the operator's help.

use super::{Ended, NamedUser};
use crate::{
    id::DeviceId,
    identity::device::Device,
    identity::enrolment_link::EnrolmentLink,
    identity::recovery::{RecoveryBasis, RecoveryCodes},
    identity::recovery_mail::RecoveryMail,
    identity::user::User,
};

/// A user made recovery codes; older ones are void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCodesMade {
    /// The user.
    pub user: NamedUser,
    /// The device on which they did.
    pub device: DeviceId,
    /// The codes.
    pub codes: RecoveryCodes,
    /// How many unused ones they replaced.
    pub replaced: u64,
}

/// A user began to recover access on a device, which is limited. The sign-in is an event of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryStarted {
    /// The device.
    pub device: Device,
    /// With what.
    pub basis: RecoveryBasis,
}

/// A user cancelled a recovery from another device. That the device was revoked is an event of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCancelled {
    /// The device that was in recovery.
    pub device: Device,
    /// The device on which it was cancelled.
    pub by: DeviceId,
}

/// The user of a device in recovery asked for a mail with which they confirm it; an earlier one is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryMailRequested {
    /// The device.
    pub device: Device,
    /// What the mail confirms.
    pub confirmation: RecoveryMail,
}

/// A user confirmed by mail the recovery on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryConfirmed {
    /// The device.
    pub device: Device,
}

/// The operator made a link for a user who lost everything; older ones are void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecovered {
    /// The user.
    pub user: User,
    /// The link.
    pub link: EnrolmentLink,
    /// What was removed for it.
    pub ended: Ended,
}
