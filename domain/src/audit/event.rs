//! What happened: the actions of the audit log, and its entries.

pub use super::field_change::{FieldChange, MAX_VALUE_BYTES};

use crate::id::{ClientId, DeviceId};
use crate::risk::RiskNote;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Something that happened, as the audit log names it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word in the log: `noun.verb`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads a stored word; `None` for the words of a newer version.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

actions! {
    /// The first start's link was made.
    SetupLinked = "setup.linked";
    /// A user was added.
    UserAdded = "user.added";
    /// A new enrolment link was made for somebody.
    UserInvited = "user.invited";
    /// An enrolment link was revoked before it was used.
    EnrolmentLinkRevoked = "user.link_revoked";
    /// A TOTP secret was provisioned by the operator.
    TotpProvisioned = "totp.provisioned";
    /// A user confirmed an authenticator app.
    TotpConfirmed = "totp.confirmed";
    /// Too many wrong codes from unknown browsers: no more are looked at for a while.
    CodeLockoutStarted = "totp.paused";
    /// An administrator let codes count again.
    CodeLockoutLifted = "totp.resumed";
    /// A user removed their authenticator app.
    TotpRemoved = "totp.removed";
    /// An account was switched off.
    UserDisabled = "user.disabled";
    /// An account was switched on again.
    UserEnabled = "user.enabled";
    /// An account was deleted with all that belongs to it.
    UserDeleted = "user.deleted";
    /// Somebody got a copy of everything that is stored about a user.
    UserExported = "user.exported";
    /// Whether a user signs in with passkeys only was changed.
    UserSignInChanged = "user.sign_in_changed";
    /// A role was changed.
    UserRoleChanged = "user.role_changed";
    /// A role was defined.
    RoleAdded = "role.added";
    /// What a role permits was changed.
    RoleChanged = "role.changed";
    /// A role was deleted.
    RoleDeleted = "role.deleted";
    /// A user made recovery codes; older ones are void.
    RecoveryCodesMade = "recovery.codes_made";
    /// A user began to recover access on a device, with a recovery code or an enrolment link for which nobody vouched.
    RecoveryStarted = "recovery.started";
    /// The user of a device in recovery asked for a mail with which they confirm it.
    RecoveryMailRequested = "recovery.mail_requested";
    /// A user confirmed by mail the recovery on a device.
    RecoveryConfirmed = "recovery.confirmed";
    /// A user cancelled a recovery from another device.
    RecoveryCancelled = "recovery.cancelled";
    /// The operator made a link for a user who lost everything.
    UserRecovered = "user.recovered";
    /// A device was registered.
    DeviceRegistered = "device.registered";
    /// The proxy doctor got a device for a few minutes.
    DeviceProbed = "device.probed";
    /// A device was renamed.
    DeviceRenamed = "device.renamed";
    /// A limited device was approved, by a passkey on it or from another one.
    DeviceApproved = "device.approved";
    /// A user approved on this device a browser that asked to become one of theirs.
    DeviceApprovalGranted = "device.approval_granted";
    /// A user was asked on this device to approve a browser, and did not.
    DeviceApprovalDenied = "device.approval_denied";
    /// The passkeys that had been used on a device were removed: it is of passkey assurance no more.
    DeviceWeakened = "device.weakened";
    /// A device returned without signing in, and that was unusual.
    DeviceAssessed = "device.assessed";
    /// An administrator blocked a network, or vouches for it.
    NetworkRuleAdded = "risk.network_added";
    /// What an administrator said of a network was removed.
    NetworkRuleRemoved = "risk.network_removed";
    /// What had been learnt about a user was erased.
    BaselineErased = "risk.baseline_erased";
    /// A user has their typing compared no more.
    BehaviourExempted = "risk.behaviour_exempted";
    /// A user has their typing compared again.
    BehaviourIncluded = "risk.behaviour_included";
    /// A user practised how they type.
    BehaviourPractised = "risk.behaviour_practised";
    /// What was kept of a user's typing was erased.
    BehaviourErased = "risk.behaviour_erased";
    /// A device was revoked.
    DeviceRevoked = "device.revoked";
    /// Somebody signed in.
    SignedIn = "session.signed_in";
    /// Somebody signed out; the device ended with it.
    SignedOut = "session.signed_out";
    /// A sign-in was refused.
    SignInRefused = "session.refused";
    /// Sign-ins were refused in such numbers that only their count was kept.
    SignInsRefused = "session.refusals";
    /// A passkey was added.
    PasskeyAdded = "passkey.added";
    /// A passkey was renamed.
    PasskeyRenamed = "passkey.renamed";
    /// A passkey was removed.
    PasskeyRemoved = "passkey.removed";
    /// A mail to a user that was given up is tried again.
    MailRetried = "mail.retried";
    /// A mail to a user that was not sent was deleted.
    MailDiscarded = "mail.discarded";
    /// A service was added.
    ServiceAdded = "service.added";
    /// A service's hosts or rules were changed.
    ServiceChanged = "service.changed";
    /// A service got a new token.
    ServiceTokenRotated = "service.token_rotated";
    /// A service was deleted.
    ServiceDeleted = "service.deleted";
    /// A grant was given.
    GrantAdded = "grant.added";
    /// A grant was changed.
    GrantChanged = "grant.changed";
    /// A grant was taken away.
    GrantRemoved = "grant.removed";
    /// A client was added.
    ClientAdded = "client.added";
    /// A client got a new secret.
    ClientSecretRotated = "client.secret_rotated";
    /// A client was deleted; its tokens ended with it.
    ClientDeleted = "client.deleted";
    /// A user approved what a program asked for.
    TokenApproved = "token.approved";
    /// A user denied what a program asked for.
    TokenDenied = "token.denied";
    /// A program got its first tokens for a user.
    TokenFamilyStarted = "token.family_started";
    /// The tokens of a program for a user ended.
    TokenFamilyEnded = "token.family_ended";
    /// A client got an access token.
    TokenIssued = "token.issued";
    /// A client gave an access token back before it expired.
    TokenRevoked = "token.revoked";
    /// An access token that is accepted once was sent again, and denied.
    TokenReplayed = "token.replayed";
    /// A signing key was replaced by the next one.
    KeyRotated = "key.rotated";
    /// Everything that an earlier master key had sealed is sealed under the active one.
    MasterKeyRotated = "key.master_rotated";
    /// Entries of the audit log that were older than a time were removed.
    AuditPruned = "audit.pruned";
    /// The operator copied everything, with or without the master key.
    BackupMade = "backup.made";
    /// The operator put a backup in place: what happened since it was made is not in the log.
    BackupRestored = "backup.restored";
}

impl Action {
    /// What was refused.
    pub const REFUSALS: &[Self] = &[
        Self::SignInRefused,
        Self::SignInsRefused,
        Self::TokenReplayed,
    ];
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An entry of the audit log as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its place in the total order of writes.
    pub seq: i64,
    /// When it was committed.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// Who did it: `user:…`, `operator`, `anonymous` or `system`.
    pub actor: String,
    /// The actor's address or word, as it stands now, for a person to read.
    pub actor_name: String,
    /// What was done; the word of the log.
    pub action: String,
    /// To what: `user:…`, `device:…`, `service:…`, `grant:…`; empty when there is nothing.
    pub target: String,
    /// A name for the target, as it was at the time.
    pub target_name: String,
    /// From which address.
    pub ip: Option<String>,
    /// On which device of the actor, where it was done on one.
    #[serde(default)]
    pub device: Option<DeviceId>,
    /// What it was called at the time, with its browser: `Laptop (Firefox)`.
    #[serde(default)]
    pub device_name: Option<String>,
    /// In which session: the same text for all entries of one, and nothing by which it is found.
    #[serde(default)]
    pub session: Option<String>,
    /// Through which program, where one acted for a user.
    #[serde(default)]
    pub client: Option<ClientId>,
    /// More, such as the reason of a refusal; never a secret.
    pub detail: String,
    /// What became different, field by field.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
}

impl EventView {
    /// How unusual it was, if that was assessed.
    #[must_use]
    pub fn risk(&self) -> Option<RiskNote> {
        (self.changes.iter())
            .find(|change| change.field == RiskNote::FIELD)
            .and_then(|change| change.after.as_ref()?.parse().ok())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An entry in which nothing is said.
    pub(crate) fn empty() -> EventView {
        EventView {
            seq: 7,
            time: OffsetDateTime::UNIX_EPOCH,
            actor: String::new(),
            actor_name: String::new(),
            action: String::new(),
            target: String::new(),
            target_name: String::new(),
            ip: None,
            device: None,
            device_name: None,
            session: None,
            client: None,
            detail: String::new(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn every_action_round_trips_through_its_name() {
        for action in Action::ALL {
            assert_eq!(Action::from_word(action.as_str()), Some(*action));
        }
        assert_eq!(Action::from_word("tomorrow.invented"), None);
    }

    #[test]
    fn an_entry_has_the_assessment_among_its_changes() {
        let change = |field: &str, after: &str| FieldChange {
            field: field.to_owned(),
            before: None,
            after: Some(after.to_owned()),
        };
        let note = "25 medium shadow authentication new_device:25";
        for (changes, expected) in [
            (vec![], None),
            (vec![change("state", note)], None),
            (vec![change(RiskNote::FIELD, "much")], None),
            (
                vec![change("state", "active"), change(RiskNote::FIELD, note)],
                Some(note),
            ),
        ] {
            let event = EventView { changes, ..empty() };
            let risk = event.risk().map(|risk| risk.to_string());
            assert_eq!(risk.as_deref(), expected);
        }
    }
}
