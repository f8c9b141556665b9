//! Roles that administrators define, and what they permit.

use crate::{
    access::permission::PermissionSet,
    event::{RoleAdded, RoleChanged, RoleDeleted},
    identity::user::{Role, RoleName, Unchanged},
};
use serde::Serialize;
use time::OffsetDateTime;

/// A role that an administrator defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRole {
    /// Its name, which stays.
    pub name: RoleName,
    /// What it permits.
    pub permissions: PermissionSet,
    /// When it was defined.
    pub created_at: OffsetDateTime,
}

impl CustomRole {
    /// Defines it.
    #[must_use]
    pub const fn add(self) -> RoleAdded {
        RoleAdded { role: self }
    }

    /// Changes what it permits.
    ///
    /// # Errors
    /// [`Unchanged`] if it permits that.
    pub fn change(self, permissions: PermissionSet) -> Result<(Self, RoleChanged), Unchanged> {
        if self.permissions == permissions {
            return Err(Unchanged);
        }
        let before = self.permissions;
        let role = Self {
            permissions,
            ..self
        };
        let event = RoleChanged {
            role: role.clone(),
            before,
        };
        Ok((role, event))
    }

    /// Deletes it.
    #[must_use]
    pub const fn delete(self) -> RoleDeleted {
        RoleDeleted { role: self }
    }
}

/// A role as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleView {
    /// Its name.
    pub name: Role,
    /// What it permits.
    pub permissions: Vec<crate::access::permission::Permission>,
    /// Whether it is always there.
    pub is_built_in: bool,
    /// How many users have it.
    pub users: u64,
    /// When it was defined; `None` for those that are always there.
    #[serde(with = "time::serde::rfc3339::option")]
    pub created_at: Option<OffsetDateTime>,
}

impl RoleView {
    /// What it permits.
    #[must_use]
    pub fn permission_set(&self) -> PermissionSet {
        self.permissions.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_role_says_what_it_permitted_before() {
        let role = CustomRole {
            name: RoleName::parse("desk").unwrap(),
            permissions: "users:read".parse().unwrap(),
            created_at: OffsetDateTime::UNIX_EPOCH,
        };
        assert_eq!(role.clone().change(role.permissions), Err(Unchanged));
        let (changed, event) = role.clone().change(PermissionSet::all()).unwrap();
        assert_eq!((&event.role, event.before), (&changed, role.permissions));
        assert_eq!(changed.permissions, PermissionSet::all());
        assert_eq!(changed.clone().delete().role, changed);
    }
}
