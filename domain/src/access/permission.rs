//! Who may do what in Latchkey itself.
//!
//! A registered device may look. Changing one's own devices and authenticators wants a live sign-in and, once the user
//! has a passkey, an assertion of it on this device in the last ten minutes. What concerns others wants a permission of
//! the user's role on top, and always a passkey: a code alone administers nothing. [`SelfManagement`] and [`Authorized`]
//! are proofs: the engine's methods take them as arguments, and only the functions here make them. Their fields are
//! private:
//!
//! ```compile_fail,E0451
//! # use latchkey_domain::access::permission::{Authorized, UsersRead};
//! # fn forge(proof: Authorized<UsersRead>) -> Authorized<UsersRead> {
//! Authorized { permission: UsersRead, ..proof }
//! # }
//! ```
//!
//! A proof of one permission is none of another:
//!
//! ```compile_fail,E0277
//! # use latchkey_domain::access::permission::{Authorized, Authorizes, UsersRead, UsersWrite};
//! # fn mistaken(proof: &Authorized<UsersRead>) -> &dyn Authorizes<UsersWrite> {
//! proof
//! # }
//! ```

mod kind;
mod own;

pub use kind::*;
pub use own::{
    ApprovalDecision, PasskeyAddition, RecoveryCancellation, RecoveryConfirmation, SelfManagement,
    SelfRevocation,
};

use crate::{
    event::NamedUser,
    id::{ClientId, DeviceId, TokenFamilyId, UserId},
    identity::device::DeviceLimit,
    identity::email::Email,
    identity::user::Role,
    name::DisplayName,
};
use std::fmt;
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
    /// The limits for a role: a session that can do more is worth more to a thief.
    #[must_use]
    pub const fn of(role: Role) -> Self {
        match role.is_privileged() {
            false => Self {
                absolute: Duration::hours(24),
                idle: Duration::hours(1),
            },
            true => Self {
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

    /// When the session ends if nothing more happens.
    #[must_use]
    pub fn ends_at(&self, role: Role) -> OffsetDateTime {
        let limits = SessionLimits::of(role);
        (self.at + limits.absolute).min(self.last_active_at + limits.idle)
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
    /// Their role.
    pub role: Role,
    /// What it permits.
    pub permissions: PermissionSet,
    /// On which device.
    pub device_id: DeviceId,
    /// The last passkey assertion on this device.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// Whether the user has any passkey.
    pub has_passkey: bool,
    /// What is kept from the device.
    pub limit: DeviceLimit,
    /// The live session of this browser, if it has one.
    pub sign_in: Option<SignIn>,
    /// By what that session is found again, when a change is written; `None` for a sign-in that this very
    /// request made.
    pub session: Option<SessionDigest>,
}

/// The digest of a session's id.
pub type SessionDigest = [u8; 32];

/// A program with an access token for the management API, for itself or for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramCaller {
    /// The client.
    pub client: ClientId,
    /// Its name.
    pub name: DisplayName,
    /// What its scopes permit.
    pub permissions: PermissionSet,
    /// What the token rests on.
    pub basis: ProgramBasis,
}

/// What the token of a [`ProgramCaller`] rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramBasis {
    /// The client's own secret or key, by its name in the token.
    Client(String),
    /// What a user approved on a device. There is no session; the passkey is that of the approval.
    User(TokenFamilyId, CurrentUser),
}

/// Proof that a user, or a program, has a permission now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized<P> {
    holder: Holder,
    permission: P,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Holder {
    User(CurrentUser),
    Program(ProgramCaller),
}

/// The operator: whoever may read the master key, on the machine itself. They may do everything. For the command line, and
/// for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// Whoever may read the master key.
    Operator,
    /// A user in a browser.
    User(&'a CurrentUser),
    /// A program.
    Program(&'a ProgramCaller),
}

impl Caller<'_> {
    /// May it vouch that somebody is a certain user? A program with nothing but a secret of its own cannot have seen them, and
    /// whoever stole that secret could become anybody.
    #[must_use]
    pub const fn may_vouch(&self) -> bool {
        match self {
            Self::Operator | Self::User(_) => true,
            Self::Program(program) => matches!(program.basis, ProgramBasis::User(..)),
        }
    }
}

/// What proves a permission: the [`Operator`], or an [`Authorized`] user. No other type can.
pub trait Authorizes<P: PermissionType>: sealed::Sealed + fmt::Debug + Send + Sync {
    /// Who acts.
    fn caller(&self) -> Caller<'_>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Operator {}
    impl<P> Sealed for super::Authorized<P> {}
}

impl<P: PermissionType> Authorizes<P> for Operator {
    fn caller(&self) -> Caller<'_> {
        Caller::Operator
    }
}

impl<P: PermissionType> Authorizes<P> for Authorized<P> {
    fn caller(&self) -> Caller<'_> {
        match &self.holder {
            Holder::User(current_user) => Caller::User(current_user),
            Holder::Program(program) => Caller::Program(program),
        }
    }
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
    /// The device is in recovery: it may end things, and add a passkey when its time has come.
    #[error("device in recovery")]
    Recovery,
    /// The role does not permit it; nothing the user can do about it here.
    #[error("not permitted")]
    Forbidden,
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

    /// Has this user a permission now?
    ///
    /// # Errors
    /// [`Denial::Forbidden`] if the role does not permit it, [`Denial::NeedsPasskey`], else as
    /// [`CurrentUser::may_manage_self`].
    pub fn authorize<P: PermissionType>(
        &self,
        permission: P,
        now: OffsetDateTime,
    ) -> Result<Authorized<P>, Denial> {
        self.may(P::PERMISSION, now)?;
        Ok(Authorized {
            holder: Holder::User(self.clone()),
            permission,
        })
    }

    /// As [`CurrentUser::authorize`], without a proof.
    ///
    /// # Errors
    /// As there.
    pub fn may(&self, permission: Permission, now: OffsetDateTime) -> Result<(), Denial> {
        if !self.permissions.contains(permission) {
            return Err(Denial::Forbidden);
        }
        // Only who is signed in can do something about a missing passkey.
        self.may_manage_self(now)?;
        match self.has_passkey {
            true => Ok(()),
            false => Err(Denial::NeedsPasskey),
        }
    }
}

impl ProgramCaller {
    /// Has this program a permission now? Its scopes must have it; if it acts for a user, their role too, and they used a
    /// passkey lately.
    ///
    /// # Errors
    /// [`Denial::Forbidden`], [`Denial::NeedsPasskey`] or [`Denial::StepUp`].
    pub fn authorize<P: PermissionType>(
        &self,
        permission: P,
        now: OffsetDateTime,
    ) -> Result<Authorized<P>, Denial> {
        self.may(P::PERMISSION, now)?;
        Ok(Authorized {
            holder: Holder::Program(self.clone()),
            permission,
        })
    }

    /// As [`ProgramCaller::authorize`], without a proof.
    ///
    /// # Errors
    /// As there.
    pub fn may(&self, permission: Permission, now: OffsetDateTime) -> Result<(), Denial> {
        if !self.effective_permissions().contains(permission) {
            return Err(Denial::Forbidden);
        }
        match &self.basis {
            ProgramBasis::Client(_) => Ok(()),
            ProgramBasis::User(_, user) if !user.has_passkey => Err(Denial::NeedsPasskey),
            ProgramBasis::User(_, user) => {
                match is_fresh(user.passkey_verified_at, STEP_UP_FRESHNESS, now) {
                    true => Ok(()),
                    false => Err(Denial::StepUp),
                }
            }
        }
    }

    /// What its scopes permit, and no more than the user for whom it acts has.
    #[must_use]
    pub const fn effective_permissions(&self) -> PermissionSet {
        match &self.basis {
            ProgramBasis::Client(_) => self.permissions,
            ProgramBasis::User(_, user) => self.permissions.intersection(user.permissions),
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
