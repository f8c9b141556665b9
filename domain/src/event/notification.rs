//! Whom an event is told, beside the audit log.

use super::Event;
use crate::{
    id::{DeviceId, UserId},
    identity::user::UserStatus,
    notification::{Notification, NotificationKind},
    risk::{Demand, Factor, Level, Mode, RiskNote},
    tokens::{client::GrantType, family::FamilyEnd},
};

fn tell(user: UserId, kind: NotificationKind, subject: impl ToString) -> Option<Notification> {
    Some(Notification {
        user,
        kind,
        subject: subject.to_string(),
        done_on: None,
    })
}

fn tell_others(
    user: UserId,
    kind: NotificationKind,
    subject: impl ToString,
    done_on: DeviceId,
) -> Option<Notification> {
    Some(Notification {
        done_on: Some(done_on),
        ..tell(user, kind, subject)?
    })
}

/// Whether something was so unusual that its user is told; nobody is while scores have no effect.
fn is_high(risk: Option<&RiskNote>) -> bool {
    risk.is_some_and(|risk| risk.mode == Mode::Enforce && risk.assessment.level >= Level::High)
}

/// What is told of a device that has to authenticate: facts, because what they mean only its user knows. Its being elsewhere alone is
/// not told: users travel, and are asked anyway.
fn what_differed(risk: &RiskNote) -> Option<NotificationKind> {
    let has = |factor| risk.assessment.has(factor);
    let is_elsewhere = has(Factor::UnusualLocation) || has(Factor::ImpossibleTravel);
    let is_other_browser = has(Factor::OtherBrowser) && risk.enforced() != Demand::Nothing;
    match (is_other_browser, is_elsewhere) {
        (true, true) => Some(NotificationKind::OtherBrowserElsewhere),
        (true, false) => Some(NotificationKind::OtherBrowser),
        (false, _) if !is_high(Some(risk)) => None,
        (false, true) => Some(NotificationKind::Elsewhere),
        (false, false) => Some(NotificationKind::UnusualUse),
    }
}

impl Event {
    /// What its user is told, if they are told anything: changes of who can sign in as them or act for them.
    ///
    /// What only ends something is not told: an attacker gains nothing by it, and whoever signs out knows. Recoveries are the
    /// exception: who ends the devices that could cancel one, or cancels one, may be a thief.
    #[must_use]
    pub fn notification(&self) -> Option<Notification> {
        use NotificationKind as Kind;
        match self {
            // The device with which an account begins is no news.
            Self::DeviceRegistered(event) if event.activated.is_some() => None,
            // What is more is told.
            Self::DeviceRegistered(event) if event.device.limit.is_recovery() => None,
            Self::DeviceRegistered(event) => {
                let device = &event.device;
                tell_others(device.user_id, Kind::DeviceAdded, &device.name, device.id)
            }
            Self::SignedIn(event) if is_high(event.risk.as_ref()) => {
                let device = &event.device;
                tell_others(device.user_id, Kind::UnusualSignIn, &device.name, device.id)
            }
            // Whoever has the device may not be its user, so it is told on it, too.
            Self::DeviceAssessed(event) => {
                let device = &event.device;
                tell(device.user_id, what_differed(&event.risk)?, &device.name)
            }
            Self::NativeDeviceRegistered(event) => {
                let device = &event.device;
                tell(device.user_id, Kind::DeviceAdded, &device.name)
            }
            Self::SignInRefused(event) => {
                let user = event.user.as_ref()?;
                tell(user.id, Kind::PasskeyCopied, event.copied.as_ref()?)
            }
            Self::DeviceApprovalGranted(event) => {
                let device = &event.device;
                tell_others(
                    device.user_id,
                    Kind::ApprovalGranted,
                    &event.request.browser,
                    device.id,
                )
            }
            Self::DeviceApprovalDenied(event) => {
                let user = event.device.user_id;
                tell(user, Kind::ApprovalDenied, &event.request.browser)
            }
            Self::PasskeyAdded(event) => {
                let passkey = &event.passkey;
                tell_others(
                    passkey.user_id,
                    Kind::PasskeyAdded,
                    &passkey.name,
                    passkey.device_id,
                )
            }
            Self::PasskeyRemoved(event) => {
                let passkey = &event.passkey;
                tell(passkey.user_id, Kind::PasskeyRemoved, &passkey.name)
            }
            // The first one comes with the account, or with a link of which the user was told.
            Self::TotpConfirmed(event) if event.has_replaced => {
                tell(event.user.id, Kind::TotpReplaced, "")
            }
            Self::TotpRemoved(event) => tell(event.user.id, Kind::TotpRemoved, ""),
            Self::CodeLockoutStarted(event) => {
                let user = event.user.as_ref()?;
                tell(user.id, Kind::CodesLocked, "")
            }
            // Whoever has no device yet waits for the link.
            Self::UserInvited(event) if event.user.state.status() == UserStatus::Invited => None,
            Self::UserInvited(event) => tell(event.user.id, Kind::EnrolmentLinkMade, ""),
            Self::UserRecovered(event) => tell(event.user.id, Kind::RecoveryByOperator, ""),
            Self::RecoveryCodesMade(event) => {
                tell_others(event.user.id, Kind::RecoveryCodesMade, "", event.device)
            }
            Self::RecoveryStarted(event) => {
                let device = &event.device;
                tell_others(
                    device.user_id,
                    Kind::RecoveryStarted,
                    &device.name,
                    device.id,
                )
            }
            Self::RecoveryCancelled(event) => {
                let device = &event.device;
                tell_others(
                    device.user_id,
                    Kind::RecoveryCancelled,
                    &device.name,
                    event.by,
                )
            }
            Self::DeviceRevoked(event) => {
                let device = &event.device;
                tell_others(
                    device.user_id,
                    Kind::DeviceRevokedInRecovery,
                    &device.name,
                    event.by_recovery?,
                )
            }
            Self::UserRoleChanged(event) => {
                tell(event.user.id, Kind::RoleChanged, event.user.role.as_str())
            }
            // Its device was told already.
            Self::TokenFamilyStarted(event) if event.family.grant_type == GrantType::JwtBearer => {
                None
            }
            Self::TokenFamilyStarted(event) => {
                tell(event.user.id, Kind::ProgramApproved, &event.client.name)
            }
            Self::TokenFamilyEnded(event) if event.reason == FamilyEnd::Reused => {
                tell(event.user.id, Kind::RefreshTokenReused, &event.client.name)
            }
            Self::TotpProvisioned(_)
            | Self::TotpConfirmed(_)
            | Self::SetupLinkMade(_)
            | Self::UserAdded(_)
            | Self::EnrolmentLinkRevoked(_)
            | Self::UserDisabled(_)
            | Self::UserEnabled(_)
            | Self::UserDeleted(_)
            // A thief who gets a copy has used a passkey, and a new passkey is told.
            | Self::UserExported(_)
            | Self::UserSignInChanged(_)
            | Self::RoleAdded(_)
            | Self::RoleChanged(_)
            | Self::RoleDeleted(_)
            | Self::CodeLockoutLifted(_)
            | Self::DiagnosticDeviceCreated(_)
            // What is told is the mail itself.
            | Self::RecoveryMailRequested(_)
            | Self::RecoveryConfirmed(_)
            | Self::SignedIn(_)
            | Self::NetworkRuleAdded(_)
            | Self::NetworkRuleRemoved(_)
            // Its user or the operator did.
            | Self::BaselineErased(_)
            | Self::BehaviourExempted(_)
            | Self::BehaviourIncluded(_)
            | Self::BehaviourPractised(_)
            | Self::BehaviourErased(_)
            | Self::SignedOut(_)
            | Self::SignInsEnded(_)
            | Self::SignInsRefused(_)
            | Self::DeviceRenamed(_)
            | Self::DeviceApproved(_)
            | Self::DevicesWeakened(_)
            | Self::PasskeyUsed(_)
            | Self::PasskeyRenamed(_)
            | Self::MailRetried(_)
            | Self::MailDiscarded(_)
            | Self::ServiceAdded(_)
            | Self::ServiceChanged(_)
            | Self::ServiceTokenRotated(_)
            | Self::ServiceDeleted(_)
            | Self::GrantAdded(_)
            | Self::GrantChanged(_)
            | Self::GrantRemoved(_)
            | Self::ClientAdded(_)
            | Self::ClientSecretRotated(_)
            | Self::ClientDeleted(_)
            | Self::DeviceAuthorizationApproved(_)
            | Self::DeviceAuthorizationDenied(_)
            | Self::TokenFamilyEnded(_)
            | Self::TokenIssued(_)
            | Self::TokenRevoked(_)
            | Self::TokenReplayed(_)
            | Self::KeyRotated(_)
            | Self::MasterKeyRotated(_)
            | Self::AuditPruned(_)
            | Self::BackupMade(_)
            | Self::BackupRestored(_) => None,
        }
    }
}
