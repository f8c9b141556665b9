//! What may be done in Latchkey itself, one permission for one kind of action.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// A type for each permission, so that a proof of one is not a proof of another.
pub trait PermissionType: fmt::Debug + Clone + Copy + Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// What may be done in Latchkey itself. Its name without prefix is that of the scope with which a program gets it.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumIter,
            EnumString, IntoStaticStr,
        )]
        pub enum Permission {
            $($(#[$doc])* #[strum(serialize = $text)] #[serde(rename = $text)] $name,)+
        }

        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl PermissionType for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+
    };
}

permissions! {
    /// The numbers of the dashboard.
    OverviewRead = "overview:read",
    /// Users, their passkeys and their lock-outs.
    UsersRead = "users:read",
    /// Adds members, and makes enrolment links.
    UsersInvite = "users:invite",
    /// Disables, enables and deletes users, and changes how they sign in.
    UsersWrite = "users:write",
    /// Copies of everything that is stored about a user.
    UsersExport = "users:export",
    /// Roles and their permissions.
    RolesRead = "roles:read",
    /// Defines roles, and gives them to users.
    RolesWrite = "roles:write",
    /// Devices of all users.
    DevicesRead = "devices:read",
    /// Revokes devices.
    DevicesRevoke = "devices:revoke",
    /// Sessions of all users.
    SessionsRead = "sessions:read",
    /// Ends sessions.
    SessionsRevoke = "sessions:revoke",
    /// Services with their hosts, rules and policies.
    ServicesRead = "services:read",
    /// Adds, changes and deletes services, and rotates their tokens.
    ServicesWrite = "services:write",
    /// Who has access to which service.
    GrantsRead = "grants:read",
    /// Gives and takes access.
    GrantsWrite = "grants:write",
    /// Clients.
    ClientsRead = "clients:read",
    /// Adds and deletes clients, and rotates their secrets.
    ClientsWrite = "clients:write",
    /// The audit log.
    AuditRead = "audit:read",
    /// How unusual sign-ins were, what is usual for users, and what is said of networks.
    RiskRead = "risk:read",
    /// Blocks networks or vouches for them, erases what is usual for users, and approves held devices.
    RiskWrite = "risk:write",
    /// The keys that sign tokens; never what is secret of them.
    KeysRead = "keys:read",
    /// Rotates signing keys.
    KeysWrite = "keys:write",
}

impl Permission {
    /// The stored and printed name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Permissions, each at most once.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u32);

impl PermissionSet {
    /// None.
    pub const NONE: Self = Self(0);

    /// All that there are.
    #[must_use]
    pub fn all() -> Self {
        Permission::iter().collect()
    }

    /// Those of a list.
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let (mut set, mut index) = (0, 0);
        while index < permissions.len() {
            set |= permissions[index].bit();
            index += 1;
        }
        Self(set)
    }

    /// Whether it has this one.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether it has all of another set.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What both have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In their order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::iter().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |set, permission| set | permission.bit()),
        )
    }
}

/// Their names, separated by spaces.
impl fmt::Display for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Permission::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Permission::as_str))
            .finish()
    }
}

/// A name is not that of a permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a permission")]
pub struct PermissionError(
    /// The start of the name.
    pub String,
);

impl FromStr for PermissionSet {
    type Err = PermissionError;

    /// Reads names separated by white space or commas.
    fn from_str(text: &str) -> Result<Self, PermissionError> {
        text.split([' ', ',', '\n', '\r', '\t'])
            .filter(|name| !name.is_empty())
            .map(|name| {
                let unknown = |_| PermissionError(name.chars().take(80).collect());
                name.parse::<Permission>().map_err(unknown)
            })
            .collect()
    }
}
