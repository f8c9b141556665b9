//! On whose authority a change is written, and that it still holds when it is.
//!
//! A proof ([`AccountChange`], [`Administrator`]) is a snapshot: it was made from what a request found
//! when it came. A request that then waits for its turn to write finds another world, in which the device
//! may be revoked. So the facts are read again in the transaction, and the same rules decide.

use crate::{Result, audit::Actor, store};
use latchkey_domain::{
    access::{Account, AccountChange, Administrator, Denial},
    device::DeviceState,
};
use sea_orm::ConnectionTrait;
use time::OffsetDateTime;

/// Who allows a change.
#[derive(Debug, Clone)]
pub(crate) enum Authority {
    /// Nobody has to: what is proven is proven inside of the change, or nothing needs to be.
    Actor(Actor),
    /// A person who may change their account.
    AccountChange(Box<Account>),
    /// A person who may administer.
    Administrator(Box<Account>),
}

impl From<Actor> for Authority {
    fn from(actor: Actor) -> Self {
        Self::Actor(actor)
    }
}

impl From<&AccountChange> for Authority {
    fn from(change: &AccountChange) -> Self {
        Self::AccountChange(Box::new(change.account().clone()))
    }
}

impl From<&Administrator> for Authority {
    fn from(administrator: &Administrator) -> Self {
        match administrator {
            Administrator::Person(account) => Self::Administrator(Box::new(account.clone())),
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
        now: OffsetDateTime,
    ) -> Result<()> {
        match self {
            Self::Actor(_) => Ok(()),
            Self::AccountChange(account) => {
                current(db, account, now).await?.may_change(now)?;
                Ok(())
            }
            Self::Administrator(account) => {
                current(db, account, now).await?.may_administer(now)?;
                Ok(())
            }
        }
    }

    /// Who is said to have done it.
    pub(crate) fn into_actor(self) -> Actor {
        match self {
            Self::Actor(actor) => actor,
            Self::AccountChange(account) | Self::Administrator(account) => (&*account).into(),
        }
    }
}

/// The person on their device, as the transaction sees them.
async fn current(
    db: &impl ConnectionTrait,
    account: &Account,
    now: OffsetDateTime,
) -> Result<Account> {
    let device = store::device::find(db, account.device_id)
        .await?
        .filter(|device| device.user_id == account.user_id.uuid())
        .filter(|device| device.facts().state == DeviceState::Active)
        .filter(|device| store::at(device.expires_at) > now)
        .ok_or(Denial::SignIn)?;
    let user = store::user::find(db, account.user_id)
        .await?
        .filter(|user| user.disabled_at.is_none())
        .ok_or(Denial::SignIn)?;
    if let Some(digest) = &account.session {
        store::session::find(db, digest, now.unix_timestamp())
            .await?
            .filter(|session| session.device_id == Some(device.id))
            .ok_or(Denial::SignIn)?;
    }
    Ok(Account {
        role: user.role(),
        strong_auth_at: device.strong_auth_at.map(store::at),
        has_passkey: store::passkey::count_of(db, account.user_id).await? > 0,
        is_limited: device.is_limited,
        ..account.clone()
    })
}
