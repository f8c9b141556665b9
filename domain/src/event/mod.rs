//! What happened: every change is one of these events.
//!
//! A transition of an entity returns its event with the entity as it is afterwards. The engine writes what the event
//! carries; what the audit log says of it (`audit_entries.rs`) and what every process drops from memory (`cache_key.rs`) and
//! what its user is told (`notification.rs`) are decided here, each by one exhaustive match.

mod access;
mod audit_entries;
mod audit_entry;
mod cache_key;
mod identity;
mod notification;
mod order;
mod recovery;
mod risk;
mod tokens;

pub use access::{
    GrantAdded, GrantChanged, GrantNames, GrantRemoved, ServiceAdded, ServiceChanged,
    ServiceDeleted, ServiceTokenRotated,
};
pub use audit_entry::{AuditEntry, MAX_DETAIL_BYTES, MAX_TARGET_NAME_CHARS, Target};
pub use cache_key::{CacheKey, CacheKeyError};
pub use identity::{
    ApprovalDenial, CodeLockoutLifted, CodeLockoutStarted, DeviceApprovalDenied,
    DeviceApprovalGranted, DeviceApproved, DeviceRegistered, DeviceRenamed, DeviceRevoked,
    DevicesWeakened, DiagnosticDeviceCreated, EnrolmentLinkRevoked, MailDiscarded, MailRetried,
    NamedUser, NativeDeviceRegistered, PasskeyAdded, PasskeyRemoved, PasskeyRenamed, PasskeyUsed,
    RoleAdded, RoleChanged, RoleDeleted, SetupLinkMade, SignInRefused, SignInsEnded,
    SignInsRefused, SignedIn, SignedOut, TotpConfirmed, TotpProvisioned, TotpRemoved, UserAdded,
    UserDeleted, UserDisabled, UserEnabled, UserExported, UserInvited, UserRoleChanged,
    UserSignInChanged,
};

pub use order::Unordered;
pub use recovery::{
    RecoveryCancelled, RecoveryCodesMade, RecoveryConfirmed, RecoveryMailRequested,
    RecoveryStarted, UserRecovered,
};
pub use risk::{
    BaselineErased, BehaviourErased, BehaviourExempted, BehaviourIncluded, BehaviourPractised,
    DeviceAssessed, NetworkRuleAdded, NetworkRuleRemoved,
};
pub use tokens::{
    ClientAdded, ClientDeleted, ClientSecretRotated, DeviceAuthorizationApproved,
    DeviceAuthorizationDenied, TokenFamilyEnded, TokenFamilyStarted, TokenIssued, TokenReplayed,
    TokenRevoked,
};

use std::fmt;
use time::{Date, OffsetDateTime};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that happened.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $name($name),)*
        }

        $(impl From<$name> for Event {
            fn from(event: $name) -> Self {
                Self::$name(event)
            }
        })*
    };
}

events! {
    /// The first start's link was made.
    SetupLinkMade,
    /// A user was added.
    UserAdded,
    /// A new enrolment link was made for a user.
    UserInvited,
    /// A user's enrolment link was revoked before it was used.
    EnrolmentLinkRevoked,
    /// A user was disabled.
    UserDisabled,
    /// A user was enabled again.
    UserEnabled,
    /// A user was deleted with all that belongs to them.
    UserDeleted,
    /// Somebody got a copy of everything that is stored about a user.
    UserExported,
    /// A role was changed.
    UserRoleChanged,
    /// Whether a user signs in with passkeys only was changed.
    UserSignInChanged,
    /// A role was defined.
    RoleAdded,
    /// What a role permits was changed.
    RoleChanged,
    /// A role was deleted.
    RoleDeleted,
    /// The operator made a user's authenticator app.
    TotpProvisioned,
    /// A user confirmed an authenticator app.
    TotpConfirmed,
    /// A user removed their authenticator app.
    TotpRemoved,
    /// Too many wrong codes: no more are looked at for a while.
    CodeLockoutStarted,
    /// An administrator let codes count again.
    CodeLockoutLifted,
    /// A user made recovery codes.
    RecoveryCodesMade,
    /// A user began to recover access on a device.
    RecoveryStarted,
    /// The user of a device in recovery asked for a mail with which they confirm it.
    RecoveryMailRequested,
    /// A user confirmed a recovery by mail.
    RecoveryConfirmed,
    /// A user cancelled a recovery.
    RecoveryCancelled,
    /// The operator made a link for a user who lost everything.
    UserRecovered,
    /// A device was registered.
    DeviceRegistered,
    /// A program with a key of its own became a device.
    NativeDeviceRegistered,
    /// The proxy doctor got a device for a few minutes.
    DiagnosticDeviceCreated,
    /// A user signed in on a device of theirs.
    SignedIn,
    /// A user signed out on a device.
    SignedOut,
    /// A user was signed out on all devices.
    SignInsEnded,
    /// A sign-in was refused.
    SignInRefused,
    /// Sign-ins were refused in such numbers that only their count was kept.
    SignInsRefused,
    /// A device was renamed.
    DeviceRenamed,
    /// A limited device was approved.
    DeviceApproved,
    /// A user approved a browser on a device of theirs.
    DeviceApprovalGranted,
    /// A user did not approve a browser.
    DeviceApprovalDenied,
    /// A device returned without signing in, and that was unusual.
    DeviceAssessed,
    /// An administrator blocked a network, or vouches for it.
    NetworkRuleAdded,
    /// A rule about a network was removed.
    NetworkRuleRemoved,
    /// What had been learnt about a user was erased.
    BaselineErased,
    /// A user has their typing compared no more.
    BehaviourExempted,
    /// A user has their typing compared again.
    BehaviourIncluded,
    /// A user practised how they type.
    BehaviourPractised,
    /// What was kept of a user's typing was erased.
    BehaviourErased,
    /// A device was revoked.
    DeviceRevoked,
    /// Devices lost the assurance that a removed passkey gave them.
    DevicesWeakened,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was used; the sign-in is an event of its own.
    PasskeyUsed,
    /// A passkey was renamed.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A mail that was given up is tried again.
    MailRetried,
    /// A mail that was not sent was deleted.
    MailDiscarded,
    /// A service was added.
    ServiceAdded,
    /// A service's hosts or rules were changed.
    ServiceChanged,
    /// A service got a new token.
    ServiceTokenRotated,
    /// A service was deleted.
    ServiceDeleted,
    /// Access was granted.
    GrantAdded,
    /// A grant was changed.
    GrantChanged,
    /// A grant was taken away.
    GrantRemoved,
    /// A client was added.
    ClientAdded,
    /// A client got a new secret.
    ClientSecretRotated,
    /// A client was deleted.
    ClientDeleted,
    /// A user approved what a program asked for.
    DeviceAuthorizationApproved,
    /// A user denied what a program asked for.
    DeviceAuthorizationDenied,
    /// A program got its first tokens for a user.
    TokenFamilyStarted,
    /// The tokens of a program for a user ended.
    TokenFamilyEnded,
    /// A client got an access token.
    TokenIssued,
    /// A client gave an access token back.
    TokenRevoked,
    /// An access token that is accepted once was sent again.
    TokenReplayed,
    /// A signing key was replaced by the next one.
    KeyRotated,
    /// Everything is sealed under the active master key.
    MasterKeyRotated,
    /// Old entries of the audit log are removed.
    AuditPruned,
    /// A backup was made.
    BackupMade,
    /// A backup was restored.
    BackupRestored,
}

/// A signing key was replaced by the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRotated {
    /// What it signs.
    pub purpose: &'static str,
    /// The id of the former key.
    pub before: Option<String>,
    /// The id of the key that signs now.
    pub after: String,
}

/// What an earlier master key had sealed is sealed under the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeyRotated {
    /// How many values were sealed again.
    pub resealed: u64,
}

/// Entries of the audit log that are older than a time are removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPruned {
    /// Those from before this time.
    pub before: OffsetDateTime,
    /// The last of them.
    pub last: i64,
}

/// What the name of the entry about [`AuditPruned`] begins with; the place of the last removed entry follows.
pub const PRUNED_UP_TO: &str = "entries up to ";

/// The operator copied everything, with or without the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupMade {
    /// The file's name.
    pub file: String,
    /// Whether the master key is in it.
    pub has_key: bool,
}

/// The operator put a backup in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRestored {
    /// When it was made.
    pub made_on: Date,
    /// What ended with it.
    pub ended: Ended,
}

/// How many of what ended with something, for the audit log: `ended: 2 sessions, 1 passkey`, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended(Vec<(u64, &'static str)>);

impl Ended {
    /// Counts with their nouns in the singular.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = (u64, &'static str)>) -> Self {
        Self(parts.into_iter().filter(|(count, _)| *count > 0).collect())
    }

    /// Whether nothing ended.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (count, noun)) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "ended: " } else { ", " })?;
            match count {
                1 => write!(f, "1 {noun}")?,
                _ => write!(f, "{count} {noun}s")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
