//! Where ephemeral state lives, behind one type.
//!
//! | operation | must be atomic because |
//! |---|---|
//! | [`take`](EphemeralStore::take) | of two answers to one ceremony, one is looked at |
//! | [`mark_once`](EphemeralStore::mark_once) | a challenge, or a token's `jti`, is used once |
//! | [`mark_all`](EphemeralStore::mark_all) | the same, of several at once |
//! | [`reserve`](EphemeralStore::reserve) | an attempt is counted, delayed and limited before it is looked at |
//! | [`settle`](EphemeralStore::settle), [`give_back`](EphemeralStore::give_back) | a counter never loses a wrong attempt |
//! | [`create_session`](EphemeralStore::create_session) | no session begins after its device's end |
//! | [`save_session`](EphemeralStore::save_session) | a session that has ended does not come back |
//!
//! In SQL each is one statement. Marks of credentials that are accepted once can be in Redis instead (`one_time`, `redis/`): they
//! are the only state that is written with each request, and the only one that is evidence of nothing and commits with nothing. The
//! rest stays in the database, so that it works without Redis.

use super::{
    purpose::{LookupDigest, ValuePurpose},
    redis::marks::RedisMarks,
    session::{SessionError, SessionRow},
    sql,
};
use crate::Result;
use latchkey_domain::{
    id::{DeviceId, UserId},
    pagination::Cursor,
    throttle::{Counter, Limits},
};
use sea_orm::ConnectionTrait;
use std::collections::HashSet;
use time::OffsetDateTime;

/// Where ephemeral state lives: in the database, on the connection or in the transaction that is passed.
#[derive(Debug, Clone)]
pub(crate) struct EphemeralStore {
    redis: Option<RedisMarks>,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $noun:ident::$verb:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl EphemeralStore {
            $($(#[$doc])*
            pub(crate) async fn $name(&self, db: &impl ConnectionTrait $(, $argument: $type)*) -> $result {
                sql::$noun::$verb(db $(, $argument)*).await
            })*
        }
    };
}

operations! {
    /// Puts a value in the place of the one with this digest, if there is one.
    put = value::put(purpose: ValuePurpose, digest: LookupDigest, value: Vec<u8>, expires_at: OffsetDateTime) -> Result<()>;
    /// Takes a value out, once: whoever gets it has it alone. One whose time is over is gone.
    take = value::take(purpose: ValuePurpose, digest: LookupDigest, now: OffsetDateTime) -> Result<Option<Vec<u8>>>;
    /// Reads a value and leaves it there.
    peek = value::peek(purpose: ValuePurpose, digest: LookupDigest, now: OffsetDateTime) -> Result<Option<Vec<u8>>>;
    /// Marks something as used until `expires_at`; whether it was not marked before.
    mark_once = value::mark_once(purpose: ValuePurpose, digest: LookupDigest, expires_at: OffsetDateTime) -> Result<bool>;
    /// Marks several as used, in one transaction of the caller's. Returns the digests of those that were not marked before.
    mark_all = value::mark_all(marks: Vec<(ValuePurpose, LookupDigest, OffsetDateTime)>) -> Result<HashSet<Vec<u8>>>;
    /// Deletes all values but marks of use.
    delete_values = value::delete_unused() -> Result<()>;
    /// A counter of attempts, if there is one of that name.
    counter = counter::find(name: &str) -> Result<Option<Counter>>;
    /// Reserves one attempt: counts it, sets the delay until the next, and takes the turn, unless none may be made now.
    /// Returns whether it was reserved. Within a transaction.
    reserve = counter::reserve(name: &str, user: Option<UserId>, limits: &Limits, now: OffsetDateTime) -> Result<bool>;
    /// Ends the turn of a wrong attempt; it stays counted.
    release = counter::release(name: &str) -> Result<()>;
    /// Gives one right attempt back to a counter that others share.
    give_back = counter::give_back(name: &str) -> Result<()>;
    /// Gives one right attempt back to the counter that it had to itself, and ends its delay and its turn.
    settle = counter::settle(name: &str) -> Result<()>;
    /// How many counters of a kind are locked out, of the user of the counter `name`.
    count_locked_out = counter::count_locked_out(name: &str, kind: &str, limits: &Limits, now: OffsetDateTime) -> Result<u64>;
    /// Starts a counter again at nothing, and all others of its user.
    reset = counter::reset(name: &str, user: UserId) -> Result<()>;
    /// Stores a new session, unless its id is taken or the sign-in on its device has ended.
    create_session = session::create(digest: LookupDigest, session: SessionRow) -> Result<(), SessionError>;
    /// Stores the new contents of a session that has not ended.
    save_session = session::save(digest: LookupDigest, session: SessionRow) -> Result<(), SessionError>;
    /// A session that has not ended.
    session = session::find(digest: LookupDigest, now: OffsetDateTime) -> Result<Option<SessionRow>>;
    /// How many sessions on devices have not ended.
    count_sessions = session::count(now: OffsetDateTime) -> Result<u64>;
    /// Devices with a session that has not ended, after one of them; of one user when asked.
    live_devices = session::live_devices(cursor: Cursor<DeviceId>, user: Option<UserId>, now: OffsetDateTime) -> Result<Vec<(DeviceId, OffsetDateTime)>>;
    /// Ends a session.
    delete_session = session::delete(digest: LookupDigest) -> Result<()>;
    /// Ends the sessions of a device; returns how many.
    delete_sessions_of_device = session::delete_of_device(device: DeviceId) -> Result<u64>;
    /// Ends the sessions of a user; returns how many.
    delete_sessions_of_user = session::delete_of_user(user: UserId) -> Result<u64>;
    /// Ends the sessions of a user on all devices but one; returns how many.
    delete_other_sessions_of_user = session::delete_others_of_user(user: UserId, here: DeviceId) -> Result<u64>;
    /// Ends all sessions; returns how many.
    delete_sessions = session::delete_all() -> Result<u64>;
}

impl EphemeralStore {
    /// With marks of credentials that are accepted once in Redis, or everything in the database.
    pub(crate) const fn new(redis: Option<RedisMarks>) -> Self {
        Self { redis }
    }

    /// Where marks of credentials that are accepted once are, if not in the database.
    pub(crate) const fn redis(&self) -> Option<&RedisMarks> {
        self.redis.as_ref()
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
        sql::value::delete_expired(db, now).await?;
        sql::session::delete_expired(db, now).await?;
        sql::counter::delete_expired(db, quiet_since.unix_timestamp(), most).await
    }
}
