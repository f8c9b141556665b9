//! Where ephemeral state lives, behind one type.
//!
//! | operation | must be atomic because |
//! |---|---|
//! | [`take`](EphemeralStore::take) | of two answers to one ceremony, one is looked at |
//! | [`mark_once`](EphemeralStore::mark_once) | a challenge, or a token's `jti`, is used once |
//! | [`reserve`](EphemeralStore::reserve) | an attempt is counted, delayed and limited before it is looked at |
//! | [`settle`](EphemeralStore::settle), [`give_back`](EphemeralStore::give_back) | a counter never loses a wrong attempt |
//! | [`create_session`](EphemeralStore::create_session) | no session begins after its device's end |
//! | [`save_session`](EphemeralStore::save_session) | a session that has ended does not come back |
//!
//! In SQL each is one statement. A store that is not the database (Redis: `GETDEL`, `SET NX PX`, a script for counters) is
//! another variant, in a file beside `sql/`; it leaves out the connection that the operations take. It cannot take part in a
//! change's transaction: it deletes sessions after the commit, and until then the device's state, which is read with each
//! request, refuses them.

use super::{
    session::{SessionError, SessionRow},
    sql,
};
use crate::Result;
use latchkey_domain::{
    id::{DeviceId, UserId},
    throttle::{Counter, Limits},
};
use sea_orm::ConnectionTrait;
use time::OffsetDateTime;

/// By what a value is found: a digest of what its owner brings, so that a leaked database gives nobody a ceremony.
pub(crate) type LookupDigest = [u8; 32];

/// What a value is for. One that was put for one purpose is found for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValuePurpose {
    /// A ceremony of a signed-in user.
    Ceremony,
    /// A challenge that was answered.
    UsedChallenge,
    /// The text of a form that waits for its owner's sign-in.
    SavedForm,
    /// A target that is too long for a header.
    SavedTarget,
}

impl ValuePurpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::UsedChallenge => "used_challenge",
            Self::SavedForm => "saved_form",
            Self::SavedTarget => "saved_target",
        }
    }
}

/// Where ephemeral state lives.
#[derive(Debug, Clone)]
pub(crate) enum EphemeralStore {
    /// In the database, on the connection or in the transaction that is passed.
    Sql,
}

impl EphemeralStore {
    /// Puts a value in the place of the one with this digest, if there is one.
    pub(crate) async fn put(
        &self,
        db: &impl ConnectionTrait,
        purpose: ValuePurpose,
        digest: LookupDigest,
        value: Vec<u8>,
        expires_at: OffsetDateTime,
    ) -> Result<()> {
        match self {
            Self::Sql => sql::value::put(db, purpose, digest, value, expires_at).await,
        }
    }

    /// Takes a value out, once: whoever gets it has it alone. One whose time is over is gone.
    pub(crate) async fn take(
        &self,
        db: &impl ConnectionTrait,
        purpose: ValuePurpose,
        digest: LookupDigest,
        now: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sql => sql::value::take(db, purpose, digest, now).await,
        }
    }

    /// Reads a value and leaves it there.
    pub(crate) async fn peek(
        &self,
        db: &impl ConnectionTrait,
        purpose: ValuePurpose,
        digest: LookupDigest,
        now: OffsetDateTime,
    ) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sql => sql::value::peek(db, purpose, digest, now).await,
        }
    }

    /// Marks something as used until `expires_at`; whether it was not marked before.
    pub(crate) async fn mark_once(
        &self,
        db: &impl ConnectionTrait,
        purpose: ValuePurpose,
        digest: LookupDigest,
        expires_at: OffsetDateTime,
    ) -> Result<bool> {
        match self {
            Self::Sql => sql::value::mark_once(db, purpose, digest, expires_at).await,
        }
    }

    /// Deletes all values.
    pub(crate) async fn delete_values(&self, db: &impl ConnectionTrait) -> Result<()> {
        match self {
            Self::Sql => sql::value::delete_all(db).await,
        }
    }

    /// A counter of attempts, if there is one of that name.
    pub(crate) async fn counter(
        &self,
        db: &impl ConnectionTrait,
        name: &str,
    ) -> Result<Option<Counter>> {
        match self {
            Self::Sql => Ok(sql::counter::find(db, name).await?),
        }
    }

    /// Reserves one attempt: counts it, sets the delay until the next, and takes the turn, unless none may be made now.
    /// Returns whether it was reserved. Within a transaction.
    pub(crate) async fn reserve(
        &self,
        tx: &impl ConnectionTrait,
        name: &str,
        user: Option<UserId>,
        limits: &Limits,
        now: OffsetDateTime,
    ) -> Result<bool> {
        match self {
            Self::Sql => {
                Ok(sql::counter::reserve(tx, name, user, limits, now.unix_timestamp()).await?)
            }
        }
    }

    /// Ends the turn of a wrong attempt; it stays counted.
    pub(crate) async fn release(&self, db: &impl ConnectionTrait, name: &str) -> Result<()> {
        match self {
            Self::Sql => Ok(sql::counter::release(db, name).await?),
        }
    }

    /// Gives one right attempt back to a counter that others share.
    pub(crate) async fn give_back(&self, db: &impl ConnectionTrait, name: &str) -> Result<()> {
        match self {
            Self::Sql => Ok(sql::counter::give_back(db, name).await?),
        }
    }

    /// Gives one right attempt back to the counter that it had to itself, and ends its delay and its turn.
    pub(crate) async fn settle(&self, db: &impl ConnectionTrait, name: &str) -> Result<()> {
        match self {
            Self::Sql => Ok(sql::counter::settle(db, name).await?),
        }
    }

    /// Starts a counter again at nothing, and those of its user's devices.
    pub(crate) async fn reset(
        &self,
        db: &impl ConnectionTrait,
        name: &str,
        user: UserId,
    ) -> Result<()> {
        match self {
            Self::Sql => Ok(sql::counter::reset(db, name, user).await?),
        }
    }

    /// Stores a new session, unless its id is taken or the sign-in on its device has ended.
    pub(crate) async fn create_session(
        &self,
        db: &impl ConnectionTrait,
        digest: LookupDigest,
        session: SessionRow,
    ) -> Result<(), SessionError> {
        match self {
            Self::Sql => sql::session::create(db, digest, session).await,
        }
    }

    /// Stores the new contents of a session that has not ended.
    pub(crate) async fn save_session(
        &self,
        db: &impl ConnectionTrait,
        digest: LookupDigest,
        session: SessionRow,
    ) -> Result<(), SessionError> {
        match self {
            Self::Sql => sql::session::save(db, digest, session).await,
        }
    }

    /// A session that has not ended.
    pub(crate) async fn session(
        &self,
        db: &impl ConnectionTrait,
        digest: LookupDigest,
        now: OffsetDateTime,
    ) -> Result<Option<SessionRow>> {
        match self {
            Self::Sql => sql::session::find(db, digest, now).await,
        }
    }

    /// How many sessions on devices have not ended.
    pub(crate) async fn count_sessions(
        &self,
        db: &impl ConnectionTrait,
        now: OffsetDateTime,
    ) -> Result<u64> {
        match self {
            Self::Sql => sql::session::count(db, now).await,
        }
    }

    /// Ends a session.
    pub(crate) async fn delete_session(
        &self,
        db: &impl ConnectionTrait,
        digest: LookupDigest,
    ) -> Result<()> {
        match self {
            Self::Sql => sql::session::delete(db, digest).await,
        }
    }

    /// Ends the sessions of a device; returns how many.
    pub(crate) async fn delete_sessions_of_device(
        &self,
        db: &impl ConnectionTrait,
        device: DeviceId,
    ) -> Result<u64> {
        match self {
            Self::Sql => sql::session::delete_of_device(db, device).await,
        }
    }

    /// Ends the sessions of a user; returns how many.
    pub(crate) async fn delete_sessions_of_user(
        &self,
        db: &impl ConnectionTrait,
        user: UserId,
    ) -> Result<u64> {
        match self {
            Self::Sql => sql::session::delete_of_user(db, user).await,
        }
    }

    /// Ends all sessions; returns how many.
    pub(crate) async fn delete_sessions(&self, db: &impl ConnectionTrait) -> Result<u64> {
        match self {
            Self::Sql => sql::session::delete_all(db).await,
        }
    }

    /// Deletes what has ended: values and sessions, counters that were quiet since `quiet_since`, and the oldest counters of no
    /// user beyond `most`.
    pub(crate) async fn delete_expired(
        &self,
        db: &impl ConnectionTrait,
        now: OffsetDateTime,
        quiet_since: OffsetDateTime,
        most: u64,
    ) -> Result<()> {
        match self {
            Self::Sql => {
                sql::value::delete_expired(db, now).await?;
                sql::session::delete_expired(db, now).await?;
                Ok(sql::counter::delete_expired(db, quiet_since.unix_timestamp(), most).await?)
            }
        }
    }
}
