//! On whose authority a change is written, and that it still holds when it is.
//!
//! A proof ([`SelfManagement`], [`Administrator`]) is a snapshot: it was made from what a request found
//! when it came. A request that then waits for its turn to write finds another world, in which the device
//! may be revoked. So the facts are read again in the transaction, and the same rules decide.

use crate::{Result, audit::log::Actor, database, ephemeral::store::EphemeralStore, identity};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser, Denial, SelfManagement},
    identity::device::DeviceState,
};
use sea_orm::ConnectionTrait;
use time::OffsetDateTime;

/// Who allows a change.
#[derive(Debug, Clone)]
pub(crate) enum Authority {
    /// Nobody has to: what is proven is proven inside of the change, or nothing needs to be.
    Actor(Actor),
    /// A person who may change their account.
    SelfManagement(Box<CurrentUser>),
    /// A person who may administer.
    Administrator(Box<CurrentUser>),
}

impl From<Actor> for Authority {
    fn from(actor: Actor) -> Self {
        Self::Actor(actor)
    }
}

impl From<&SelfManagement> for Authority {
    fn from(change: &SelfManagement) -> Self {
        Self::SelfManagement(Box::new(change.current_user().clone()))
    }
}

impl From<&Administrator> for Authority {
    fn from(administrator: &Administrator) -> Self {
        match administrator {
            Administrator::Person(current_user) => {
                Self::Administrator(Box::new(current_user.clone()))
            }
            Administrator::Operator => Self::Actor(Actor::Operator),
        }
    }
}

impl Authority {
    /// Decides again, from what the transaction sees.
    ///
    /// # Errors
    /// [`Denial`], as the rules say; [`Denial::SignIn`] when device, account or session have ended.
    pub(crate) async fn check_again(
        &self,
        db: &impl ConnectionTrait,
        store: &EphemeralStore,
        now: OffsetDateTime,
    ) -> Result<()> {
        match self {
            Self::Actor(_) => Ok(()),
            Self::SelfManagement(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_manage_self(now)?;
                Ok(())
            }
            Self::Administrator(current_user) => {
                let current_user = current(db, store, current_user, now).await?;
                current_user.may_administer(now)?;
                Ok(())
            }
        }
    }

    /// Who is said to have done it.
    pub(crate) fn into_actor(self) -> Actor {
        match self {
            Self::Actor(actor) => actor,
            Self::SelfManagement(current_user) | Self::Administrator(current_user) => {
                (&*current_user).into()
            }
        }
    }
}

/// The person on their device, as the transaction sees them.
async fn current(
    db: &impl ConnectionTrait,
    store: &EphemeralStore,
    current_user: &CurrentUser,
    now: OffsetDateTime,
) -> Result<CurrentUser> {
    let device = identity::store::device::find(db, current_user.device_id)
        .await?
        .filter(|device| device.user_id == current_user.user_id.uuid())
        .filter(|device| device.facts().state == DeviceState::Active)
        .filter(|device| database::at(device.expires_at) > now)
        .ok_or(Denial::SignIn)?;
    let user = identity::store::user::find(db, current_user.user_id)
        .await?
        .filter(|user| user.disabled_at.is_none())
        .ok_or(Denial::SignIn)?;
    if let Some(digest) = &current_user.session {
        store
            .session(db, *digest, now)
            .await?
            .filter(|session| session.device_id == Some(current_user.device_id))
            .ok_or(Denial::SignIn)?;
    }
    Ok(CurrentUser {
        role: user.role(),
        passkey_verified_at: device.passkey_verified_at.map(database::at),
        has_passkey: identity::store::passkey::count_of(db, current_user.user_id).await? > 0,
        is_limited: device.is_limited,
        ..current_user.clone()
    })
}
