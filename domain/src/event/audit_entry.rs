//! An entry of the audit log, before it is written.

use super::NamedUser;
use crate::{
    access::access_grant::AccessGrant,
    access::service::Service,
    audit::event::{Action, FieldChange},
    id::{AccessGrantId, ClientId, DeviceId, PasskeyId, ServiceId, UserId},
    identity::device::Device,
    identity::passkey::Passkey,
    identity::user::RoleName,
    tokens::client::Client,
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
    /// A client.
    Client(ClientId),
    /// A role that an administrator defined.
    Role(RoleName),
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
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Role(name) => write!(f, "role:{name}"),
            Self::Nothing => Ok(()),
        }
    }
}

/// An entry of the audit log, before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
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

impl AuditEntry {
    pub(super) fn new(action: Action, target: Target, name: impl fmt::Display) -> Self {
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

    pub(super) fn of_user(action: Action, user: &NamedUser) -> Self {
        Self::new(action, Target::User(user.id), &user.email).affecting(user.id)
    }

    pub(super) fn of_maybe_user(action: Action, user: Option<&NamedUser>) -> Self {
        match user {
            Some(user) => Self::of_user(action, user),
            None => Self::new(action, Target::Nothing, ""),
        }
    }

    pub(super) fn of_device(action: Action, device: &Device) -> Self {
        Self::new(action, Target::Device(device.id), &device.name).affecting(device.user_id)
    }

    pub(super) fn of_passkey(action: Action, passkey: &Passkey) -> Self {
        Self::new(action, Target::Passkey(passkey.id), &passkey.name).affecting(passkey.user_id)
    }

    pub(super) fn of_service(action: Action, service: &Service) -> Self {
        Self::new(action, Target::Service(service.id), &service.name)
    }

    pub(super) fn of_client(action: Action, client: &Client) -> Self {
        Self::new(action, Target::Client(client.id), &client.name)
    }

    /// What a client got in the name of a user.
    pub(super) fn of_client_of(action: Action, client: &Client, user: &NamedUser) -> Self {
        Self::of_client(action, client).affecting(user.id)
    }

    pub(super) fn of_role(action: Action, name: RoleName) -> Self {
        Self::new(action, Target::Role(name), name)
    }

    pub(super) fn of_grant(action: Action, grant: &AccessGrant, names: impl fmt::Display) -> Self {
        Self::new(action, Target::Grant(grant.id), names).affecting(grant.user_id)
    }

    fn affecting(mut self, user: UserId) -> Self {
        self.affected_user = Some(user);
        self
    }

    pub(super) fn detail(mut self, detail: impl fmt::Display) -> Self {
        let clean: String = (detail.to_string().chars())
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.detail = clean[..clean.floor_char_boundary(MAX_DETAIL_BYTES)].to_owned();
        self
    }

    /// Fields that stayed as they were are left out, so all that is written can be named.
    pub(super) fn changes(mut self, changes: impl IntoIterator<Item = FieldChange>) -> Self {
        self.changes = changes
            .into_iter()
            .filter(FieldChange::is_change)
            .map(FieldChange::bounded)
            .collect();
        self
    }
}
