//! On whose authority a change is written, and that it still holds when it is.
//!
//! A proof ([`SelfManagement`], [`Authorizes`]) is a snapshot, made from what a request found when it came. While the
//! request waits for its write permit, the device may be revoked, the role changed or the session ended. So the facts
//! are read again in the transaction, and the same rules decide.

#[cfg(test)]
mod tests;

use super::Actor;
use crate::{
    Engine, Result, database::Reads, ephemeral::store::EphemeralStore, identity,
    identity::role::permissions_of, tokens, tokens::verify::has_key,
};
use latchkey_domain::access::permission::{
    Authorizes, Caller, CurrentUser, Denial, Operator, PasskeyAddition, Permission, PermissionSet,
    PermissionType, ProgramBasis, ProgramCaller, RecoveryCancellation, RecoveryConfirmation,
    SelfManagement, SelfRevocation, SessionDigest,
};
use latchkey_domain::{id::ClientId, identity::device::Device};
use time::OffsetDateTime;

/// Who allows a change.
#[derive(Debug, Clone)]
pub(crate) enum Authority {
    /// Nobody has to: what is proven is proven inside of the change, or nothing needs to be.
    Actor(Actor),
    /// A user who may change what is theirs.
    SelfManagement(Box<CurrentUser>),
    /// A user who may end what is theirs.
    SelfRevocation(Box<CurrentUser>),
    /// A user who may add a passkey.
    PasskeyAddition(Box<CurrentUser>),
    /// A user who may cancel recoveries.
    RecoveryCancellation(Box<CurrentUser>),
    /// A user who may confirm a recovery by mail.
    RecoveryConfirmation(Box<CurrentUser>),
    /// A user who has a permission.
    Permission(Permission, Box<CurrentUser>),
    /// A program that has one.
    Program(Permission, Box<ProgramCaller>),
}

impl From<Actor> for Authority {
    fn from(actor: Actor) -> Self {
        Self::Actor(actor)
    }
}

impl From<&SelfManagement> for Authority {
    fn from(proof: &SelfManagement) -> Self {
        Self::SelfManagement(Box::new(proof.current_user().clone()))
    }
}

impl From<&SelfRevocation> for Authority {
    fn from(proof: &SelfRevocation) -> Self {
        Self::SelfRevocation(Box::new(proof.current_user().clone()))
    }
}

impl From<&PasskeyAddition> for Authority {
    fn from(proof: &PasskeyAddition) -> Self {
        Self::PasskeyAddition(Box::new(proof.current_user().clone()))
    }
}

impl From<&RecoveryCancellation> for Authority {
    fn from(proof: &RecoveryCancellation) -> Self {
        // The device counts, not its session, which may end at any time.
        let current_user = CurrentUser {
            sign_in: None,
            session: None,
            ..proof.current_user().clone()
        };
        Self::RecoveryCancellation(Box::new(current_user))
    }
}

impl From<&RecoveryConfirmation> for Authority {
    fn from(proof: &RecoveryConfirmation) -> Self {
        Self::RecoveryConfirmation(Box::new(proof.current_user().clone()))
    }
}

impl<P: PermissionType> From<&dyn Authorizes<P>> for Authority {
    fn from(proof: &dyn Authorizes<P>) -> Self {
        match proof.caller() {
            Caller::Operator => Self::Actor(Actor::Operator),
            Caller::User(current_user) => {
                Self::Permission(P::PERMISSION, Box::new(current_user.clone()))
            }
            Caller::Program(program) => Self::Program(P::PERMISSION, Box::new(program.clone())),
        }
    }
}

impl From<&Operator> for Authority {
    fn from(_: &Operator) -> Self {
        Self::Actor(Actor::Operator)
    }
}

/// What the transaction saw of a caller who may.
pub(super) struct Granted {
    pub(super) permissions: PermissionSet,
    /// The device of a user: where they are, or where they approved the program that acts for them.
    pub(super) device: Option<Device>,
}

impl Granted {
    const fn of(permissions: PermissionSet, device: Option<Device>) -> Self {
        Self {
            permissions,
            device,
        }
    }
}

impl Authority {
    /// Decides again, from what the transaction sees; returns what the caller is permitted, and on which device they are.
    ///
    /// # Errors
    /// [`Denial`], as the rules say; [`Denial::SignIn`] when device, user or session have ended.
    pub(super) async fn check_again(
        &self,
        db: &impl Reads,
        store: &EphemeralStore,
        now: OffsetDateTime,
    ) -> Result<Granted> {
        match self {
            Self::Actor(Actor::Operator) => Ok(Granted::of(PermissionSet::all(), None)),
            Self::Actor(_) => Ok(Granted::of(PermissionSet::NONE, None)),
            Self::SelfManagement(current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may_manage_self(now)?;
                Ok(Granted::of(PermissionSet::NONE, Some(device)))
            }
            Self::SelfRevocation(current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may_revoke_self(now)?;
                Ok(Granted::of(PermissionSet::NONE, Some(device)))
            }
            Self::PasskeyAddition(current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may_add_passkey(now)?;
                Ok(Granted::of(PermissionSet::NONE, Some(device)))
            }
            Self::RecoveryCancellation(current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may_cancel_recovery()?;
                Ok(Granted::of(PermissionSet::NONE, Some(device)))
            }
            Self::RecoveryConfirmation(current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may_confirm_recovery(now)?;
                Ok(Granted::of(PermissionSet::NONE, Some(device)))
            }
            Self::Permission(permission, current_user) => {
                let (current_user, device) = current(db, store, current_user, now).await?;
                current_user.may(*permission, now)?;
                Ok(Granted::of(current_user.permissions, Some(device)))
            }
            Self::Program(permission, program) => {
                let (program, device) = current_program(db, store, program, now).await?;
                program.may(*permission, now)?;
                Ok(Granted::of(program.effective_permissions(), device))
            }
        }
    }

    /// In which session it is done, and through which program for a user.
    pub(super) fn means(&self) -> (Option<SessionDigest>, Option<ClientId>) {
        match self {
            Self::Actor(_) => (None, None),
            Self::SelfManagement(current_user)
            | Self::SelfRevocation(current_user)
            | Self::PasskeyAddition(current_user)
            | Self::RecoveryCancellation(current_user)
            | Self::RecoveryConfirmation(current_user)
            | Self::Permission(_, current_user) => (current_user.session, None),
            Self::Program(_, program) => match &program.basis {
                ProgramBasis::Client(_) => (None, None),
                ProgramBasis::User(..) => (None, Some(program.client)),
            },
        }
    }

    /// Who is said to have done it.
    pub(super) fn into_actor(self) -> Actor {
        match self {
            Self::Actor(actor) => actor,
            Self::SelfManagement(current_user)
            | Self::SelfRevocation(current_user)
            | Self::PasskeyAddition(current_user)
            | Self::RecoveryCancellation(current_user)
            | Self::RecoveryConfirmation(current_user)
            | Self::Permission(_, current_user) => (&*current_user).into(),
            Self::Program(_, program) => match program.basis {
                ProgramBasis::Client(_) => Actor::Client(program.client, program.name),
                ProgramBasis::User(_, user) => {
                    Actor::UserOfProgram(user.user_id, user.email, program.name)
                }
            },
        }
    }
}

impl Engine {
    /// Decides again, for something that goes on after its request was answered.
    ///
    /// # Errors
    /// As [`Authority::check_again`].
    pub(crate) async fn check_again(&self, authority: &Authority) -> Result<()> {
        let (db, store) = (self.read(), &self.inner.ephemeral);
        let permitted = authority.check_again(&db, store, self.now()).await;
        permitted.map(drop)
    }
}

/// The program, as the transaction sees it: with the scopes, the credential and the user that it has now.
async fn current_program(
    db: &impl Reads,
    store: &EphemeralStore,
    program: &ProgramCaller,
    now: OffsetDateTime,
) -> Result<(ProgramCaller, Option<Device>)> {
    let client = tokens::store::client::find(db, &program.client.to_string())
        .await?
        .ok_or(Denial::SignIn)?;
    let permissions = program
        .permissions
        .intersection(client.scopes.permissions());
    let (basis, device) = match &program.basis {
        ProgramBasis::Client(credential) => {
            let has_it = has_key(client.keys.as_deref(), credential)
                || tokens::store::client::secret::is_accepted(db, credential, client.id, now)
                    .await?;
            let basis = has_it.then(|| program.basis.clone());
            (basis.ok_or(Denial::SignIn)?, None)
        }
        ProgramBasis::User(family, user) => {
            tokens::store::family::find(db, *family)
                .await?
                .filter(|family| now < family.expires_at)
                .ok_or(Denial::SignIn)?;
            let (found, device) = current(db, store, user, now).await?;
            // The program has no more than what the passkey of its approval gave it.
            let passkey_verified_at = found.passkey_verified_at.min(user.passkey_verified_at);
            let user = CurrentUser {
                passkey_verified_at,
                ..found
            };
            (ProgramBasis::User(*family, user), Some(device))
        }
    };
    let program = ProgramCaller {
        permissions,
        basis,
        ..program.clone()
    };
    Ok((program, device))
}

/// The user on their device, as the transaction sees them.
pub(crate) async fn current(
    db: &impl Reads,
    store: &EphemeralStore,
    current_user: &CurrentUser,
    now: OffsetDateTime,
) -> Result<(CurrentUser, Device)> {
    let device = identity::store::device::find(db, current_user.device_id)
        .await?
        .filter(|device| device.user_id == current_user.user_id)
        .filter(|device| device.is_active() && device.expires_at > now)
        .ok_or(Denial::SignIn)?;
    let user = identity::store::user::find(db, current_user.user_id)
        .await?
        .filter(|user| !user.is_disabled())
        .ok_or(Denial::SignIn)?;
    if let Some(digest) = &current_user.session {
        store
            .session(db.connection(), *digest, now)
            .await?
            .filter(|session| session.device_id == Some(current_user.device_id))
            .ok_or(Denial::SignIn)?;
    }
    let current_user = CurrentUser {
        role: user.role,
        permissions: permissions_of(db, user.role).await?,
        passkey_verified_at: device.passkey_verified_at,
        has_passkey: identity::store::passkey::count_by_user(db, current_user.user_id).await? > 0,
        limit: device.limit,
        ..current_user.clone()
    };
    Ok((current_user, device))
}
