//! Roles: what a user may do in Latchkey itself.

use crate::{
    access::permission::{Permission, PermissionSet},
    request::host::is_label,
    text::parsed_text,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The role of a user. Its name is what a service gets to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Does everything, and enters every service that does not exclude administrators.
    Admin,
    /// Reads everything, and changes nothing.
    Auditor,
    /// Invites users and revokes devices.
    Helper,
    /// Uses services and looks after their own devices.
    Member,
    /// One that an administrator defined.
    Custom(RoleName),
}

impl Role {
    /// The roles that are always there.
    pub const BUILT_IN: [Self; 4] = [Self::Admin, Self::Auditor, Self::Helper, Self::Member];

    /// The stored and printed name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Helper => "helper",
            Self::Member => "member",
            Self::Custom(name) => name.as_str(),
        }
    }

    /// What it permits; `None` for one that an administrator defined, which is a row.
    #[must_use]
    pub fn built_in_permissions(&self) -> Option<PermissionSet> {
        match self {
            Self::Admin => Some(PermissionSet::all()),
            Self::Auditor => Some(AUDITOR),
            Self::Helper => Some(HELPER),
            Self::Member => Some(PermissionSet::NONE),
            Self::Custom(_) => None,
        }
    }

    /// Whether whoever has it may do more than look after what is theirs: then a stolen session is worth more, and a code
    /// alone is worth nothing.
    #[must_use]
    pub const fn is_privileged(&self) -> bool {
        !matches!(self, Self::Member)
    }
}

const AUDITOR: PermissionSet = PermissionSet::of(&[
    Permission::OverviewRead,
    Permission::UsersRead,
    Permission::RolesRead,
    Permission::DevicesRead,
    Permission::SessionsRead,
    Permission::ServicesRead,
    Permission::GrantsRead,
    Permission::ClientsRead,
    Permission::AuditRead,
    Permission::RiskRead,
    Permission::KeysRead,
]);

const HELPER: PermissionSet = PermissionSet::of(&[
    Permission::OverviewRead,
    Permission::UsersRead,
    Permission::UsersInvite,
    Permission::DevicesRead,
    Permission::DevicesRevoke,
    Permission::SessionsRead,
    Permission::SessionsRevoke,
]);

/// The text is not the name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        match Self::BUILT_IN
            .into_iter()
            .find(|role| role.as_str() == text)
        {
            Some(role) => Ok(role),
            None => RoleName::parse(text).map(Self::Custom),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Role {
    type Error = RoleError;

    fn try_from(text: String) -> Result<Self, RoleError> {
        text.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.as_str().to_owned()
    }
}

/// The longest name of a role, in bytes: verify has it in memory for each user, and rows have room for 16.
const MAX_ROLE_NAME_LENGTH: usize = 15;

/// Names that would say something else than they are.
const RESERVED: [&str; 9] = [
    "admin",
    "administrator",
    "anonymous",
    "auditor",
    "helper",
    "member",
    "operator",
    "system",
    "user",
];

/// The name of a role that an administrator defined: lower-case letters, digits and inner hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName {
    bytes: [u8; MAX_ROLE_NAME_LENGTH],
    length: u8,
}

impl RoleName {
    /// Parses a name.
    ///
    /// # Errors
    /// [`RoleError`] for what is not a label of up to 15 bytes, or names a role that is always there.
    pub fn parse(text: &str) -> Result<Self, RoleError> {
        let is_name = text.len() <= MAX_ROLE_NAME_LENGTH
            && is_label(text)
            && !text.bytes().any(|byte| byte.is_ascii_uppercase())
            && !RESERVED.contains(&text);
        let mut bytes = [0; MAX_ROLE_NAME_LENGTH];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(start), Ok(length)) if is_name => {
                start.copy_from_slice(text.as_bytes());
                Ok(Self { bytes, length })
            }
            _ => Err(RoleError),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..usize::from(self.length));
        name.and_then(|name| std::str::from_utf8(name).ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

parsed_text!(RoleName, RoleError, as_str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_from_its_name() {
        for role in Role::BUILT_IN {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        let custom: Role = "help-desk-2".parse().unwrap();
        assert_eq!(
            custom,
            Role::Custom(RoleName::parse("help-desk-2").unwrap())
        );
        assert_eq!(custom.to_string(), "help-desk-2");
        let longest = "a".repeat(MAX_ROLE_NAME_LENGTH);
        assert_eq!(longest.parse::<Role>().unwrap().as_str(), longest);
    }

    #[test]
    fn no_defined_role_has_a_name_that_says_something_else() {
        for text in [
            "",
            "user",
            "operator",
            "administrator",
            "Admin",
            "help desk",
            "-a",
            "a-",
            "é",
            "a.b",
        ] {
            assert_eq!(text.parse::<Role>(), Err(RoleError), "{text:?}");
        }
        assert_eq!(
            "a".repeat(MAX_ROLE_NAME_LENGTH + 1).parse::<Role>(),
            Err(RoleError)
        );
        for reserved in RESERVED {
            assert!(RoleName::parse(reserved).is_err(), "{reserved}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_a_helper_invites_and_revokes() {
        let writes = |role: Role| {
            let permissions = role.built_in_permissions().unwrap();
            let writes = permissions
                .iter()
                .filter(|one| !one.as_str().ends_with(":read"));
            writes.map(Permission::as_str).collect::<Vec<_>>()
        };
        assert!(writes(Role::Auditor).is_empty());
        assert_eq!(
            writes(Role::Helper),
            ["users:invite", "devices:revoke", "sessions:revoke"]
        );
        let reads: PermissionSet = PermissionSet::all()
            .iter()
            .filter(|one| one.as_str().ends_with(":read"))
            .collect();
        assert_eq!(Role::Auditor.built_in_permissions(), Some(reads));
        assert_eq!(
            Role::Member.built_in_permissions(),
            Some(PermissionSet::NONE)
        );
        assert_eq!(
            Role::Admin.built_in_permissions(),
            Some(PermissionSet::all())
        );
    }
}
