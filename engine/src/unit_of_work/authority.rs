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
    PermissionType, ProgramBasis, ProgramCaller, RecoveryCancellation, SelfManagement,
    SelfRevocation,
};
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

impl Authority {
    /// Decides again, from what the transaction sees; returns what the caller is permitted.
    ///
    /// # Errors
    /// [`Denial`], as the rules say; [`Denial::SignIn`] when device, user or session have ended.
    pub(super) async fn check_again(
        &self,
        db: &impl Reads,
        store: &EphemeralStore,
        now: OffsetDateTime,
    ) -> Result<PermissionSet> {
        match self {
            Self::Actor(Actor::Operator) => Ok(PermissionSet::all()),
            Self::Actor(_) => Ok(PermissionSet::NONE),
            Self::SelfManagement(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_manage_self(now)?;
                Ok(PermissionSet::NONE)
            }
            Self::SelfRevocation(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_revoke_self(now)?;
                Ok(PermissionSet::NONE)
            }
            Self::PasskeyAddition(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_add_passkey(now)?;
                Ok(PermissionSet::NONE)
            }
            Self::RecoveryCancellation(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_cancel_recovery()?;
                Ok(PermissionSet::NONE)
            }
            Self::Permission(permission, current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may(*permission, now)?;
                Ok(current_user.permissions)
            }
            Self::Program(permission, program) => {
                let program = current_program(db, store, program, now).await?;
                program.may(*permission, now)?;
                Ok(program.effective_permissions())
            }
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
) -> Result<ProgramCaller> {
    let client = tokens::store::client::find(db, &program.client.to_string())
        .await?
        .ok_or(Denial::SignIn)?;
    let permissions = program
        .permissions
        .intersection(client.scopes.permissions());
    let basis = match &program.basis {
        ProgramBasis::Client(credential) => {
            let has_it = has_key(client.keys.as_deref(), credential)
                || tokens::store::client::secret::is_accepted(db, credential, client.id, now)
                    .await?;
            has_it
                .then(|| program.basis.clone())
                .ok_or(Denial::SignIn)?
        }
        ProgramBasis::User(family, user) => {
            tokens::store::family::find(db, *family)
                .await?
                .filter(|family| now < family.expires_at)
                .ok_or(Denial::SignIn)?;
            let found = current(db, store, user, now).await?;
            // The program has no more than what the passkey of its approval gave it.
            let passkey_verified_at = found.passkey_verified_at.min(user.passkey_verified_at);
            let user = CurrentUser {
                passkey_verified_at,
                ..found
            };
            ProgramBasis::User(*family, user)
        }
    };
    Ok(ProgramCaller {
        permissions,
        basis,
        ..program.clone()
    })
}

/// The user on their device, as the transaction sees them.
pub(crate) async fn current(
    db: &impl Reads,
    store: &EphemeralStore,
    current_user: &CurrentUser,
    now: OffsetDateTime,
) -> Result<CurrentUser> {
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
    Ok(CurrentUser {
        role: user.role,
        permissions: permissions_of(db, user.role).await?,
        passkey_verified_at: device.passkey_verified_at,
        has_passkey: identity::store::passkey::count_by_user(db, current_user.user_id).await? > 0,
        limit: device.limit,
        ..current_user.clone()
    })
}
