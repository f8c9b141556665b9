//! What every process drops from memory after an event.

use super::{DevicesWeakened, Event, SignInsEnded};
use crate::id::{DeviceId, TokenFamilyId, UserId};
use std::{fmt, str::FromStr};

/// What may be in the memory that verify answers from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheKey {
    /// A device, or that there is none.
    Device(DeviceId),
    /// A user with their grants and the identity tokens signed for them.
    User(UserId),
    /// All services with their hosts, rules and tokens.
    Services,
    /// All clients with their secrets.
    Clients,
    /// A token family.
    TokenFamily(TokenFamilyId),
    /// The access tokens that were revoked.
    RevokedTokens,
}

/// The text is not a key that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known cache key")]
pub struct CacheKeyError;

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(id) => write!(f, "device:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Services => f.write_str("services"),
            Self::Clients => f.write_str("clients"),
            Self::RevokedTokens => f.write_str("revoked_tokens"),
            Self::TokenFamily(id) => write!(f, "token_family:{id}"),
        }
    }
}

impl FromStr for CacheKey {
    type Err = CacheKeyError;

    fn from_str(text: &str) -> Result<Self, CacheKeyError> {
        let key = match text.split_once(':') {
            Some(("device", id)) => id.parse().ok().map(Self::Device),
            Some(("user", id)) => id.parse().ok().map(Self::User),
            Some(("token_family", id)) => id.parse().ok().map(Self::TokenFamily),
            None if text == "services" => Some(Self::Services),
            None if text == "clients" => Some(Self::Clients),
            None if text == "revoked_tokens" => Some(Self::RevokedTokens),
            _ => None,
        };
        key.ok_or(CacheKeyError)
    }
}

impl Event {
    /// What is no longer true of what processes have in memory.
    ///
    /// Identity tokens are kept with their user and say how sure their device is, so what changes a device's
    /// authentication drops its user too.
    #[must_use]
    pub fn invalidates(&self) -> Vec<CacheKey> {
        let device = |id: DeviceId, user: UserId| vec![CacheKey::Device(id), CacheKey::User(user)];
        match self {
            Self::UserAdded(event) => vec![CacheKey::User(event.user.id)],
            Self::UserDisabled(event) => vec![CacheKey::User(event.user.id)],
            Self::UserEnabled(event) => vec![CacheKey::User(event.user.id)],
            Self::UserRoleChanged(event) => vec![CacheKey::User(event.user.id)],
            Self::UserDeleted(event) => (event.devices.iter().copied())
                .map(CacheKey::Device)
                .chain([CacheKey::User(event.user.id)])
                .collect(),
            Self::DeviceRegistered(event) => device(event.device.id, event.device.user_id),
            Self::NativeDeviceRegistered(event) => device(event.device.id, event.device.user_id),
            Self::DiagnosticDeviceCreated(event) => device(event.device.id, event.device.user_id),
            Self::SignedIn(event) => device(event.device.id, event.device.user_id),
            Self::SignedOut(event) => device(event.device.id, event.device.user_id),
            Self::DeviceAssessed(event) => device(event.device.id, event.device.user_id),
            // A device that was held opens nothing until it was approved.
            Self::DeviceApproved(event) => device(event.device.id, event.device.user_id),
            Self::DeviceRevoked(event) => device(event.device.id, event.device.user_id),
            Self::SignInsEnded(SignInsEnded { devices, .. })
            | Self::DevicesWeakened(DevicesWeakened { devices }) => devices
                .iter()
                .flat_map(|one| device(one.id, one.user_id))
                .collect(),
            Self::ServiceAdded(_) | Self::ServiceTokenRotated(_) => vec![CacheKey::Services],
            // What native devices get is what the client of the command line may do.
            Self::ServiceChanged(event)
                if event.before.access_tokens != event.service.access_tokens =>
            {
                vec![CacheKey::Services, CacheKey::Clients]
            }
            Self::ServiceChanged(_) => vec![CacheKey::Services],
            // Its grants end too; nothing of them can be asked for any more without the service.
            Self::ServiceDeleted(_) => vec![CacheKey::Services, CacheKey::Clients],
            Self::TokenRevoked(_) => vec![CacheKey::RevokedTokens],
            Self::TokenFamilyEnded(event) => vec![CacheKey::TokenFamily(event.family.id)],
            Self::ClientAdded(_) | Self::ClientSecretRotated(_) | Self::ClientDeleted(_) => {
                vec![CacheKey::Clients]
            }
            Self::GrantAdded(event) => vec![CacheKey::User(event.grant.user_id)],
            Self::GrantChanged(event) => vec![CacheKey::User(event.grant.user_id)],
            Self::GrantRemoved(event) => vec![CacheKey::User(event.grant.user_id)],
            // Neither codes, links, names, passkeys nor approvals are in that memory; what a passkey gives a device is
            // an event of the device.
            Self::SetupLinkMade(_)
            | Self::UserInvited(_)
            | Self::EnrolmentLinkRevoked(_)
            | Self::UserExported(_)
            | Self::UserRecovered(_)
            | Self::RecoveryCodesMade(_)
            | Self::RecoveryStarted(_)
            | Self::RecoveryMailRequested(_)
            // Whether it opens anything stays the same.
            | Self::RecoveryConfirmed(_)
            | Self::RecoveryCancelled(_)
            | Self::UserSignInChanged(_)
            // What a role permits is read with each request that needs it.
            | Self::RoleAdded(_)
            | Self::RoleChanged(_)
            | Self::RoleDeleted(_)
            | Self::TotpProvisioned(_)
            | Self::TotpConfirmed(_)
            | Self::TotpRemoved(_)
            | Self::CodeLockoutStarted(_)
            | Self::CodeLockoutLifted(_)
            | Self::SignInRefused(_)
            | Self::SignInsRefused(_)
            | Self::DeviceRenamed(_)
            // Each sign-in reads them.
            | Self::NetworkRuleAdded(_)
            | Self::NetworkRuleRemoved(_)
            | Self::BaselineErased(_)
            | Self::BehaviourExempted(_)
            | Self::BehaviourIncluded(_)
            | Self::BehaviourPractised(_)
            | Self::BehaviourErased(_)
            | Self::DeviceApprovalGranted(_)
            | Self::DeviceApprovalDenied(_)
            | Self::PasskeyAdded(_)
            | Self::PasskeyUsed(_)
            | Self::PasskeyRenamed(_)
            | Self::PasskeyRemoved(_)
            | Self::MailRetried(_)
            | Self::MailDiscarded(_)
            | Self::DeviceAuthorizationApproved(_)
            | Self::DeviceAuthorizationDenied(_)
            | Self::TokenFamilyStarted(_)
            | Self::TokenIssued(_)
            | Self::TokenReplayed(_)
            | Self::KeyRotated(_)
            | Self::MasterKeyRotated(_)
            | Self::AuditPruned(_)
            | Self::BackupMade(_) => Vec::new(),
            // Whoever restores stops all processes first; a restored database is another file.
            Self::BackupRestored(_) => Vec::new(),
        }
    }
}
