//! What the audit log says of an event.

mod fields;

use self::fields::{
    added, between, changed, device_fields, grant_fields, listed, removed, service_fields, state,
    user_fields,
};
use super::{Event, NamedUser};
use crate::{
    access::access_grant::{AccessGrant, AccessGrantOrigin},
    access::service::Service,
    audit::event::{Action, FieldChange},
    id::{AccessGrantId, DeviceId, PasskeyId, ServiceId, UserId},
    identity::device::Device,
    identity::passkey::Passkey,
};
use std::fmt;

/// The longest detail kept, in bytes.
pub const MAX_DETAIL_BYTES: usize = 250;

/// The longest name of a target kept, in characters. An address and the name of a service take 320.
pub const MAX_TARGET_NAME_CHARS: usize = 640;

/// What something was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A user.
    User(UserId),
    /// A device.
    Device(DeviceId),
    /// A passkey.
    Passkey(PasskeyId),
    /// A service.
    Service(ServiceId),
    /// A grant.
    Grant(AccessGrantId),
    /// Nothing that has an id.
    Nothing,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Passkey(id) => write!(f, "passkey:{id}"),
            Self::Service(id) => write!(f, "service:{id}"),
            Self::Grant(id) => write!(f, "grant:{id}"),
            Self::Nothing => Ok(()),
        }
    }
}

/// An entry of the audit log, before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was done.
    pub action: Action,
    /// To what.
    pub target: Target,
    /// The target's name, for whoever reads the log when the target is long deleted.
    pub target_name: String,
    /// The user whom it concerns; they see the entry.
    pub affected_user: Option<UserId>,
    /// More, such as the reason of a refusal; never a secret.
    pub detail: String,
    /// What became different, field by field.
    pub changes: Vec<FieldChange>,
}

impl Entry {
    fn new(action: Action, target: Target, name: impl fmt::Display) -> Self {
        Self {
            action,
            target,
            target_name: (name.to_string().chars())
                .take(MAX_TARGET_NAME_CHARS)
                .collect(),
            affected_user: None,
            detail: String::new(),
            changes: Vec::new(),
        }
    }

    fn of_user(action: Action, user: &NamedUser) -> Self {
        Self::new(action, Target::User(user.id), &user.email).affecting(user.id)
    }

    fn of_maybe_user(action: Action, user: Option<&NamedUser>) -> Self {
        match user {
            Some(user) => Self::of_user(action, user),
            None => Self::new(action, Target::Nothing, ""),
        }
    }

    fn of_device(action: Action, device: &Device) -> Self {
        Self::new(action, Target::Device(device.id), &device.name).affecting(device.user_id)
    }

    fn of_passkey(action: Action, passkey: &Passkey) -> Self {
        Self::new(action, Target::Passkey(passkey.id), &passkey.name).affecting(passkey.user_id)
    }

    fn of_service(action: Action, service: &Service) -> Self {
        Self::new(action, Target::Service(service.id), &service.name)
    }

    fn of_grant(action: Action, grant: &AccessGrant, names: impl fmt::Display) -> Self {
        Self::new(action, Target::Grant(grant.id), names).affecting(grant.user_id)
    }

    fn affecting(mut self, user: UserId) -> Self {
        self.affected_user = Some(user);
        self
    }

    fn detail(mut self, detail: impl fmt::Display) -> Self {
        let clean: String = (detail.to_string().chars())
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.detail = clean[..clean.floor_char_boundary(MAX_DETAIL_BYTES)].to_owned();
        self
    }

    /// Fields that stayed as they were are left out, so all that is written can be named.
    fn changes(mut self, changes: impl IntoIterator<Item = FieldChange>) -> Self {
        self.changes = changes
            .into_iter()
            .filter(FieldChange::is_change)
            .map(FieldChange::bounded)
            .collect();
        self
    }
}

/// A device as signing out leaves it.
fn signed_out(device: &Device) -> Entry {
    Entry::of_device(Action::SignedOut, device).changes([changed("state", "active", "signed out")])
}

impl Event {
    /// What the audit log says: one entry for most events.
    #[must_use]
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive match, a few lines an event"
    )]
    pub fn entries(&self) -> Vec<Entry> {
        let entry = match self {
            Self::SetupLinkMade(_) => Entry::new(Action::SetupLinked, Target::Nothing, ""),
            Self::UserAdded(event) => Entry::of_user(Action::UserAdded, &event.user.named())
                .detail(if event.is_setup {
                    "first administrator"
                } else {
                    ""
                })
                .changes(added(user_fields(&event.user))),
            Self::UserInvited(event) => Entry::of_user(Action::UserInvited, &event.user.named()),
            Self::UserDisabled(event) => Entry::of_user(Action::UserDisabled, &event.user.named())
                .detail(&event.ended)
                .changes([changed("state", "enabled", "disabled")]),
            Self::UserEnabled(event) => Entry::of_user(Action::UserEnabled, &event.user.named())
                .changes([changed("state", "disabled", "enabled")]),
            Self::UserDeleted(event) => Entry::of_user(Action::UserDeleted, &event.user.named())
                .detail(&event.ended)
                .changes(removed(user_fields(&event.user))),
            Self::UserRoleChanged(event) => {
                Entry::of_user(Action::UserRoleChanged, &event.user.named())
                    .detail(&event.ended)
                    .changes([changed(
                        "role",
                        event.before.as_str(),
                        event.user.role.as_str(),
                    )])
            }
            Self::UserSignInChanged(event) => {
                let both = ["passkeys and codes", "passkeys only"];
                let is = usize::from(event.user.passkey_only);
                Entry::of_user(Action::UserSignInChanged, &event.user.named()).changes([changed(
                    "sign-in",
                    both[1 - is],
                    both[is],
                )])
            }
            Self::TotpProvisioned(event) => Entry::of_user(Action::TotpProvisioned, &event.user)
                .changes([changed("authenticator app", "", "provisioned")]),
            Self::TotpConfirmed(event) => Entry::of_user(Action::TotpConfirmed, &event.user)
                .changes([changed(
                    "authenticator app",
                    if event.has_replaced {
                        "an older one"
                    } else {
                        ""
                    },
                    "a new one",
                )]),
            Self::TotpRemoved(event) => Entry::of_user(Action::TotpRemoved, &event.user)
                .changes([changed("authenticator app", "set up", "")]),
            Self::CodesPaused(event) => {
                let action = match event.user {
                    Some(_) => Action::CodesPaused,
                    None => Action::SignInRefused,
                };
                Entry::of_maybe_user(action, event.user.as_ref()).detail(event.reason)
            }
            Self::CodesResumed(event) => Entry::of_user(Action::CodesResumed, &event.user)
                .changes([changed("wrong codes", &event.wrong_codes.to_string(), "0")]),
            Self::DeviceRegistered(event) => {
                let limited = device_fields(&event.device).into_iter().skip(1).collect();
                Entry::of_device(Action::DeviceRegistered, &event.device)
                    .detail(event.device.registration.as_str())
                    .changes(added(limited))
            }
            Self::DiagnosticDeviceCreated(event) => {
                let email = &event.email;
                Entry::of_device(Action::DeviceProbed, &event.device)
                    .detail(format!("in the name of {email}, for three minutes at most"))
            }
            Self::SignedIn(event) => Entry::of_device(Action::SignedIn, &event.device)
                .detail(event.device.auth_method.registration().as_str())
                .changes(between(
                    device_fields(&event.before),
                    device_fields(&event.device),
                )),
            Self::SignedOut(event) => signed_out(&event.device).detail(&event.ended),
            Self::SignInsEnded(event) => {
                let entry = |device| signed_out(device).detail(event.reason);
                return event.devices.iter().map(entry).collect();
            }
            Self::SignInRefused(event) => {
                Entry::of_maybe_user(Action::SignInRefused, event.user.as_ref())
                    .detail(event.reason)
            }
            Self::SignInsRefused(event) => {
                let name = format!("{} more from {}", event.count, event.network);
                Entry::new(Action::SignInsRefused, Target::Nothing, name).detail(event.reason)
            }
            Self::DeviceRenamed(event) => Entry::of_device(Action::DeviceRenamed, &event.device)
                .changes([changed(
                    "name",
                    event.before.as_str(),
                    event.device.name.as_str(),
                )]),
            Self::DeviceApproved(event) => Entry::of_device(Action::DeviceApproved, &event.device)
                .detail("from another device")
                .changes([changed("limited", "yes", "")]),
            Self::DeviceRevoked(event) => Entry::of_device(Action::DeviceRevoked, &event.device)
                .detail(&event.ended)
                .changes([changed("state", state(event.before), "revoked")]),
            Self::DevicesWeakened(event) => {
                let entry = |device| {
                    Entry::of_device(Action::DeviceWeakened, device)
                        .detail("its passkey was removed")
                        .changes([changed(
                            "assurance",
                            "as of the removed passkey",
                            "as of those that are left",
                        )])
                };
                return event.devices.iter().map(entry).collect();
            }
            Self::PasskeyAdded(event) => Entry::of_passkey(Action::PasskeyAdded, &event.passkey)
                .changes([changed("passkey", "", event.passkey.name.as_str())]),
            Self::PasskeyUsed(_) => return Vec::new(),
            Self::PasskeyRenamed(event) => {
                Entry::of_passkey(Action::PasskeyRenamed, &event.passkey).changes([changed(
                    "name",
                    event.before.as_str(),
                    event.passkey.name.as_str(),
                )])
            }
            Self::PasskeyRemoved(event) => Entry::of_passkey(
                Action::PasskeyRemoved,
                &event.passkey,
            )
            .changes([changed("passkey", event.passkey.name.as_str(), "")]),
            Self::ServiceAdded(event) => Entry::of_service(Action::ServiceAdded, &event.service)
                .detail(listed(&event.service.hosts))
                .changes(added(service_fields(&event.service))),
            Self::ServiceChanged(event) => {
                Entry::of_service(Action::ServiceChanged, &event.service)
                    .detail(listed(&event.service.hosts))
                    .changes(between(
                        service_fields(&event.before),
                        service_fields(&event.service),
                    ))
            }
            Self::ServiceTokenRotated(event) => {
                let overlap = format!("{} h", event.overlap.whole_hours());
                Entry::of_service(Action::ServiceTokenRotated, &event.service)
                    .detail(format!("old one for {overlap} more"))
                    .changes([changed("overlap", "", &overlap)])
            }
            Self::ServiceDeleted(event) => {
                Entry::of_service(Action::ServiceDeleted, &event.service)
                    .detail(&event.ended)
                    .changes(removed(service_fields(&event.service)))
            }
            Self::GrantAdded(event) => {
                let entry = Entry::of_grant(Action::GrantAdded, &event.grant, &event.names)
                    .changes(added(grant_fields(&event.grant)));
                match event.grant.origin {
                    AccessGrantOrigin::Explicit => entry.detail(event.grant.scopes),
                    AccessGrantOrigin::Admin => entry.detail("administrator's first access"),
                }
            }
            Self::GrantChanged(event) => {
                Entry::of_grant(Action::GrantChanged, &event.grant, &event.names)
                    .detail(event.grant.scopes)
                    .changes(between(
                        grant_fields(&event.before),
                        grant_fields(&event.grant),
                    ))
            }
            Self::GrantRemoved(event) => {
                Entry::of_grant(Action::GrantRemoved, &event.grant, &event.names)
                    .changes(removed(grant_fields(&event.grant)))
            }
            Self::KeyRotated(event) => {
                let change = FieldChange::new("current", event.before.clone(), event.after.clone());
                Entry::new(Action::KeyRotated, Target::Nothing, event.purpose).changes([change])
            }
            Self::MasterKeyRotated(event) => {
                let detail = format!("{} values are sealed under the active line", event.resealed);
                Entry::new(Action::MasterKeyRotated, Target::Nothing, "master key").detail(detail)
            }
            Self::BackupMade(event) => {
                let with = if event.has_key { "with" } else { "without" };
                Entry::new(Action::BackupMade, Target::Nothing, &event.file)
                    .detail(format!("{with} the master key"))
            }
            Self::BackupRestored(event) => {
                let name = format!("the backup of {}", event.made_on);
                Entry::new(Action::BackupRestored, Target::Nothing, name).detail(&event.ended)
            }
        };
        vec![entry]
    }
}
