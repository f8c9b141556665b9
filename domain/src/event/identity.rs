//! Events of users, their devices and their authenticators.

use super::Ended;
use crate::{
    access::permission::PermissionSet,
    id::{DeviceId, MailId, UserId},
    identity::approval::ApprovalRequest,
    identity::custom_role::CustomRole,
    identity::device::{Device, DeviceState},
    identity::email::Email,
    identity::enrolment_link::EnrolmentLink,
    identity::passkey::Passkey,
    identity::totp::TotpSecret,
    identity::user::{Role, User},
    name::DisplayName,
    risk::RiskNote,
    tokens::device_key::DeviceKey,
};

/// A user by id and address, as the audit log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedUser {
    /// The user.
    pub id: UserId,
    /// Their address.
    pub email: Email,
}

/// The first start's link was made; older ones are void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLinkMade {
    /// The link.
    pub link: EnrolmentLink,
}

/// A user was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAdded {
    /// The user.
    pub user: User,
    /// Their enrolment link, if one was made with them.
    pub invitation: Option<EnrolmentLink>,
    /// Whether this is the first administrator's setup.
    pub is_setup: bool,
}

/// A new enrolment link was made for a user; older ones are void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInvited {
    /// The user.
    pub user: User,
    /// The link.
    pub link: EnrolmentLink,
}

/// A user's enrolment link was revoked before it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentLinkRevoked {
    /// The user.
    pub user: NamedUser,
}

/// A user was disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDisabled {
    /// The user, disabled.
    pub user: User,
    /// What ended with it.
    pub ended: Ended,
}

/// A user was enabled again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEnabled {
    /// The user, enabled.
    pub user: User,
}

/// A user was deleted with all that belongs to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDeleted {
    /// The user, as they were.
    pub user: User,
    /// Their devices, all of them.
    pub devices: Vec<DeviceId>,
    /// What ended with it.
    pub ended: Ended,
}

/// Somebody got a copy of everything that is stored about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserExported {
    /// The user.
    pub user: NamedUser,
}

/// A role was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRoleChanged {
    /// The user with the new role.
    pub user: User,
    /// The role before.
    pub before: Role,
    /// What ended with it.
    pub ended: Ended,
}

/// Whether a user signs in with passkeys only was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSignInChanged {
    /// The user, as they are now.
    pub user: User,
}

/// The operator made a user's authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpProvisioned {
    /// The user.
    pub user: NamedUser,
    /// The secret.
    pub secret: TotpSecret,
}

/// A user confirmed an authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpConfirmed {
    /// The user.
    pub user: NamedUser,
    /// The secret.
    pub secret: TotpSecret,
    /// Whether it replaced an older one.
    pub has_replaced: bool,
}

/// A user removed their authenticator app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRemoved {
    /// The user.
    pub user: NamedUser,
}

/// Too many wrong codes from unknown browsers: no more are looked at for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLockoutStarted {
    /// The user, if anybody has the address.
    pub user: Option<NamedUser>,
    /// Why the last one was refused.
    pub reason: &'static str,
}

/// An administrator let codes count again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLockoutLifted {
    /// The user.
    pub user: NamedUser,
    /// How many wrong codes were forgotten.
    pub wrong_codes: u64,
}

/// A device was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRegistered {
    /// The device.
    pub device: Device,
    /// The user, if this is their first device and made them active.
    pub activated: Option<User>,
    /// How unusual that was, if it was assessed.
    pub risk: Option<RiskNote>,
}

/// A program with a key of its own became a device of the user who approved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeDeviceRegistered {
    /// The device.
    pub device: Device,
    /// Its key.
    pub key: DeviceKey,
}

/// The proxy doctor got a device for a few minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosticDeviceCreated {
    /// The device.
    pub device: Device,
    /// Its user's address.
    pub email: Email,
}

/// A user signed in on a device of theirs. Its former sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The device, as it is now.
    pub device: Device,
    /// The device, as it was.
    pub before: Device,
    /// How unusual that was, if it was assessed.
    pub risk: Option<RiskNote>,
}

/// A user signed out on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// The device, signed out.
    pub device: Device,
    /// What ended with it.
    pub ended: Ended,
}

/// A user was signed out on all devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInsEnded {
    /// The devices, signed out.
    pub devices: Vec<Device>,
    /// Why.
    pub reason: &'static str,
}

/// A sign-in was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRefused {
    /// The user, if it is known whose it was.
    pub user: Option<NamedUser>,
    /// Why.
    pub reason: &'static str,
    /// The name of the user's passkey, if somebody else seems to have a copy of it.
    pub copied: Option<DisplayName>,
}

/// Sign-ins were refused in such numbers that only their count was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInsRefused {
    /// How many more.
    pub count: u32,
    /// From which network.
    pub network: String,
    /// Why.
    pub reason: &'static str,
}

/// A device was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRenamed {
    /// The device with the new name.
    pub device: Device,
    /// The name before.
    pub before: DisplayName,
}

/// A limited device was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceApproved {
    /// The device, limited no more.
    pub device: Device,
    /// Whether its user approved it, on another device; otherwise an administrator did.
    pub is_by_user: bool,
}

/// A user approved a browser that asked to become a device of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceApprovalGranted {
    /// The device on which they approved it.
    pub device: Device,
    /// What asked.
    pub request: ApprovalRequest,
}

/// Why a request was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalDenial {
    /// The user denied it.
    Denied,
    /// The user picked another number than the one that the browser shows.
    WrongNumber,
}

/// A user was asked to approve a browser, and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceApprovalDenied {
    /// The device on which they were asked.
    pub device: Device,
    /// What asked.
    pub request: ApprovalRequest,
    /// Why not.
    pub reason: ApprovalDenial,
}

/// A device was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRevoked {
    /// The device, revoked.
    pub device: Device,
    /// Its state before.
    pub before: DeviceState,
    /// What ended with it.
    pub ended: Ended,
    /// The device in recovery on which it was revoked, if it was one.
    pub by_recovery: Option<DeviceId>,
}

/// Devices lost the assurance that a removed passkey gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicesWeakened {
    /// The devices, as they are now.
    pub devices: Vec<Device>,
}

/// A passkey was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAdded {
    /// The passkey.
    pub passkey: Passkey,
    /// Its owner, who has had a passkey from now on.
    pub owner: User,
}

/// A passkey was used on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyUsed {
    /// The passkey, as the assertion left it.
    pub passkey: Passkey,
    /// The device on which it was used.
    pub device: DeviceId,
}

/// A passkey was renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRenamed {
    /// The passkey with the new name.
    pub passkey: Passkey,
    /// The name before.
    pub before: DisplayName,
}

/// A passkey was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRemoved {
    /// The passkey, as it was.
    pub passkey: Passkey,
}

/// A mail that was given up is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRetried {
    /// The mail.
    pub mail: MailId,
    /// What it is about.
    pub kind: String,
    /// To whom it goes.
    pub user: NamedUser,
}

/// A mail that was not sent was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDiscarded {
    /// The mail.
    pub mail: MailId,
    /// What it was about.
    pub kind: String,
    /// To whom it would have gone.
    pub user: NamedUser,
}

/// A role was defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAdded {
    /// The role.
    pub role: CustomRole,
}

/// What a role permits was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChanged {
    /// The role, as it is now.
    pub role: CustomRole,
    /// What it permitted.
    pub before: PermissionSet,
}

/// A role was deleted; nobody had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDeleted {
    /// The role, as it was.
    pub role: CustomRole,
}
