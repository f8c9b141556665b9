//! Who may do what in Latchkey itself.
//!
//! A registered device may look. Changing one's own devices and authenticators wants a live sign-in and, once the user
//! has a passkey, an assertion of it on this device in the last ten minutes. Administering wants the role on top, and
//! always a passkey: a code alone administers nothing. [`SelfManagement`] and [`Administrator`] are proofs: the engine's
//! methods take them as arguments, and only the functions here make them. Their fields are private:
//!
//! ```compile_fail,E0451
//! # use latchkey_domain::access::permission::Administrator;
//! let forged = Administrator { ..Administrator::operator() };
//! ```

use crate::{
    event::NamedUser,
    id::{DeviceId, UserId},
    identity::email::Email,
    identity::user::Role,
    name::DisplayName,
};
use time::{Duration, OffsetDateTime};

/// How long a passkey assertion counts as fresh for self-management and administration.
pub const STEP_UP_FRESHNESS: Duration = Duration::minutes(10);

/// Absolute and idle limits of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// From the sign-in.
    pub absolute: Duration,
    /// From the last request.
    pub idle: Duration,
}

impl SessionLimits {
    /// The limits for a role: an administrator's session is worth more to a thief.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role {
            Role::User => Self {
                absolute: Duration::hours(24),
                idle: Duration::hours(1),
            },
            Role::Admin => Self {
                absolute: Duration::hours(12),
                idle: Duration::minutes(15),
            },
        }
    }
}

/// When a browser signed in, and when it was last here; kept in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIn {
    /// When the user authenticated.
    pub at: OffsetDateTime,
    /// The last request of the session.
    pub last_active_at: OffsetDateTime,
}

impl SignIn {
    /// Whether the session still counts at `now`. A time in the future does not: a clock that ran
    /// backwards must not make an immortal session.
    #[must_use]
    pub fn is_live(&self, role: Role, now: OffsetDateTime) -> bool {
        let limits = SessionLimits::of(role);
        within(self.at, limits.absolute, now) && within(self.last_active_at, limits.idle, now)
    }
}

/// A user on a registered device: what a valid device cookie proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentUser {
    /// Who.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// On which device.
    pub device_id: DeviceId,
    /// The last passkey assertion on this device.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// Whether the user has any passkey.
    pub has_passkey: bool,
    /// Whether the device was registered with a code by a user with passkeys, and is not approved yet.
    pub is_limited: bool,
    /// The live session of this browser, if it has one.
    pub sign_in: Option<SignIn>,
    /// By what that session is found again, when a change is written; `None` for a sign-in that this very
    /// request made.
    pub session: Option<SessionDigest>,
}

/// The digest of a session's id.
pub type SessionDigest = [u8; 32];

/// Proof that this user may change their own devices and authenticators now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfManagement {
    current_user: CurrentUser,
}

/// Proof that the caller may administer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator(AdministratorProof);

#[derive(Debug, Clone, PartialEq, Eq)]
enum AdministratorProof {
    /// A user with the role, in a browser.
    CurrentUser(CurrentUser),
    /// Whoever may read the master key.
    Operator,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// There is no live sign-in.
    #[error("sign-in required")]
    SignIn,
    /// There is one, but the passkey must be used again.
    #[error("step-up required")]
    StepUp,
    /// Administration wants a passkey, and the user has none yet.
    #[error("passkey required")]
    NeedsPasskey,
    /// The device was registered with a code alone; nobody has approved it yet.
    #[error("device not approved")]
    NotApproved,
    /// The role is missing; nothing the user can do about it here.
    #[error("not an administrator")]
    Forbidden,
}

impl Administrator {
    /// The operator: whoever may read the master key, on the machine itself. For the command line, and for tests.
    #[must_use]
    pub const fn operator() -> Self {
        Self(AdministratorProof::Operator)
    }

    /// Whether this is the operator, and no user in a browser.
    #[must_use]
    pub const fn is_operator(&self) -> bool {
        matches!(self.0, AdministratorProof::Operator)
    }

    /// The user in a browser; `None` for the operator.
    #[must_use]
    pub const fn current_user(&self) -> Option<&CurrentUser> {
        match &self.0 {
            AdministratorProof::CurrentUser(current_user) => Some(current_user),
            AdministratorProof::Operator => None,
        }
    }
}

impl SelfManagement {
    /// The user who may change what is theirs.
    #[must_use]
    pub const fn current_user(&self) -> &CurrentUser {
        &self.current_user
    }
}

impl CurrentUser {
    /// The user as the audit log names them.
    #[must_use]
    pub fn named(&self) -> NamedUser {
        NamedUser {
            id: self.user_id,
            email: self.email.clone(),
        }
    }

    /// May this user change their own devices and authenticators now?
    ///
    /// # Errors
    /// [`Denial::SignIn`], [`Denial::StepUp`] or [`Denial::NotApproved`].
    pub fn may_manage_self(&self, now: OffsetDateTime) -> Result<SelfManagement, Denial> {
        // Without a passkey to step up with: a code must not open what wanted one before.
        if self.is_limited && !self.has_passkey {
            return Err(Denial::NotApproved);
        }
        if self.has_passkey && !is_fresh(self.passkey_verified_at, STEP_UP_FRESHNESS, now) {
            return Err(Denial::StepUp);
        }
        match self.sign_in {
            Some(sign_in) if sign_in.is_live(self.role, now) => Ok(SelfManagement {
                current_user: self.clone(),
            }),
            Some(_) | None => Err(Denial::SignIn),
        }
    }

    /// May this user administer now?
    ///
    /// # Errors
    /// [`Denial::Forbidden`] without the role, [`Denial::NeedsPasskey`], else as [`CurrentUser::may_manage_self`].
    pub fn may_administer(&self, now: OffsetDateTime) -> Result<Administrator, Denial> {
        match self.role {
            Role::User => Err(Denial::Forbidden),
            Role::Admin if !self.has_passkey => match self.may_manage_self(now) {
                // Only who is signed in can do something about it.
                Err(denial) => Err(denial),
                Ok(_) => Err(Denial::NeedsPasskey),
            },
            Role::Admin => self
                .may_manage_self(now)
                .map(|change| Administrator(AdministratorProof::CurrentUser(change.current_user))),
        }
    }
}

/// Whether something that happened at `at` is not older than `max_age` at `now`.
#[must_use]
pub fn is_fresh(at: Option<OffsetDateTime>, max_age: Duration, now: OffsetDateTime) -> bool {
    at.is_some_and(|at| within(at, max_age, now))
}

fn within(at: OffsetDateTime, span: Duration, now: OffsetDateTime) -> bool {
    // One second of grace: rows keep whole seconds, so a stamp may round to just after `now`.
    at <= now + Duration::SECOND && now - at <= span
}

#[cfg(test)]
mod tests;
