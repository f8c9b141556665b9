//! Roles.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// What a user may do in Latchkey itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = RoleError,
    parse_err_fn = unknown_role
)]
pub enum Role {
    /// Uses services and looks after their own devices.
    User,
    /// Also administers users, devices, services and grants.
    Admin,
}

impl Role {
    /// The stored and printed name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The text is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role")]
pub struct RoleError;

const fn unknown_role(_: &str) -> RoleError {
    RoleError
}
