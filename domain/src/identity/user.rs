//! Users: their role, and whether they are invited, active or disabled.

mod code_use;
mod role;
mod view;

pub use code_use::{CodeUse, PasskeyOnly};
pub use role::{Role, RoleError, RoleName};
pub use view::UserView;

use crate::{
    event::{Ended, NamedUser, UserDisabled, UserEnabled, UserRoleChanged, UserSignInChanged},
    id::UserId,
    identity::email::Email,
    name::DisplayName,
};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use time::OffsetDateTime;

/// Whether a user is invited, active or disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum UserStatus {
    /// Invited, and no device registered yet.
    Invited,
    /// Has registered a device and may come in.
    Active,
    /// Disabled by an administrator: nothing of theirs is accepted.
    Disabled,
}

impl UserStatus {
    /// The printed name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A user's state, with its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Invited, and no device registered yet.
    Invited,
    /// Has registered a device.
    Active {
        /// When the first one was registered.
        since: OffsetDateTime,
    },
    /// Disabled by an administrator.
    Disabled {
        /// When.
        at: OffsetDateTime,
        /// When their first device was registered, if there was one.
        active_since: Option<OffsetDateTime>,
    },
}

impl UserState {
    /// Reads the two times of a stored user.
    #[must_use]
    pub const fn of(
        active_since: Option<OffsetDateTime>,
        disabled_at: Option<OffsetDateTime>,
    ) -> Self {
        match (disabled_at, active_since) {
            (Some(at), active_since) => Self::Disabled { at, active_since },
            (None, Some(since)) => Self::Active { since },
            (None, None) => Self::Invited,
        }
    }

    /// Whether the user never had a device.
    #[must_use]
    pub const fn is_new(self) -> bool {
        matches!(
            self,
            Self::Invited
                | Self::Disabled {
                    active_since: None,
                    ..
                }
        )
    }

    /// The state without its times.
    #[must_use]
    pub const fn status(self) -> UserStatus {
        match self {
            Self::Invited => UserStatus::Invited,
            Self::Active { .. } => UserStatus::Active,
            Self::Disabled { .. } => UserStatus::Disabled,
        }
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub id: UserId,
    /// Canonical address, by which they are known.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// Whether they are invited, active or disabled.
    pub state: UserState,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// When they added their first passkey; stays when all passkeys are removed.
    pub passkey_since: Option<OffsetDateTime>,
    /// Whether they were set to sign in with passkeys only.
    pub passkey_only: bool,
}

/// The user is as they were to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing changes for this user")]
pub struct Unchanged;

impl User {
    /// A user who was invited just now.
    #[must_use]
    pub const fn invite(
        id: UserId,
        email: Email,
        name: DisplayName,
        role: Role,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            id,
            email,
            name,
            role,
            state: UserState::Invited,
            created_at: now,
            passkey_since: None,
            passkey_only: false,
        }
    }

    /// The first registered device makes an invited user active; `None` where nothing changes.
    #[must_use]
    pub fn activate(self, now: OffsetDateTime) -> Option<Self> {
        (self.state == UserState::Invited).then_some(Self {
            state: UserState::Active { since: now },
            ..self
        })
    }

    /// Their first passkey marks a user for good: a code alone is worth less from then on.
    #[must_use]
    pub fn with_passkey(self, now: OffsetDateTime) -> Self {
        Self {
            passkey_since: self.passkey_since.or(Some(now)),
            ..self
        }
    }

    /// Disables the user.
    ///
    /// # Errors
    /// [`Unchanged`] if they are disabled.
    pub fn disable(self, at: OffsetDateTime) -> Result<(Self, UserDisabled), Unchanged> {
        let active_since = match self.state {
            UserState::Disabled { .. } => return Err(Unchanged),
            UserState::Active { since } => Some(since),
            UserState::Invited => None,
        };
        let user = Self {
            state: UserState::Disabled { at, active_since },
            ..self
        };
        let event = UserDisabled {
            user: user.clone(),
            ended: Ended::default(),
        };
        Ok((user, event))
    }

    /// Enables a disabled user: they are again what they were.
    ///
    /// # Errors
    /// [`Unchanged`] if they are not disabled.
    pub fn enable(self) -> Result<(Self, UserEnabled), Unchanged> {
        let UserState::Disabled { active_since, .. } = self.state else {
            return Err(Unchanged);
        };
        let user = Self {
            state: UserState::of(active_since, None),
            ..self
        };
        let event = UserEnabled { user: user.clone() };
        Ok((user, event))
    }

    /// Changes the role.
    ///
    /// # Errors
    /// [`Unchanged`] if they have it.
    pub fn set_role(self, role: Role) -> Result<(Self, UserRoleChanged), Unchanged> {
        let before = self.role;
        if before == role {
            return Err(Unchanged);
        }
        let user = Self { role, ..self };
        let event = UserRoleChanged {
            user: user.clone(),
            before,
            ended: Ended::default(),
        };
        Ok((user, event))
    }

    /// Sets whether they sign in with passkeys only.
    ///
    /// # Errors
    /// [`Unchanged`] if it is set so.
    pub fn set_passkey_only(
        self,
        passkey_only: bool,
    ) -> Result<(Self, UserSignInChanged), Unchanged> {
        if self.passkey_only == passkey_only {
            return Err(Unchanged);
        }
        let user = Self {
            passkey_only,
            ..self
        };
        let event = UserSignInChanged { user: user.clone() };
        Ok((user, event))
    }

    /// What a right code from their authenticator app is worth.
    #[must_use]
    pub const fn code_use(&self, installation: PasskeyOnly) -> CodeUse {
        CodeUse::of(
            installation,
            self.role,
            self.passkey_only,
            self.passkey_since.is_some(),
        )
    }

    /// Whether an administrator disabled them.
    #[must_use]
    pub const fn is_disabled(&self) -> bool {
        matches!(self.state, UserState::Disabled { .. })
    }

    /// Whether they administer: an active user with the role.
    #[must_use]
    pub fn is_active_administrator(&self) -> bool {
        self.role == Role::Admin && matches!(self.state, UserState::Active { .. })
    }

    /// The user as the audit log names them.
    #[must_use]
    pub fn named(&self) -> NamedUser {
        NamedUser {
            id: self.id,
            email: self.email.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
