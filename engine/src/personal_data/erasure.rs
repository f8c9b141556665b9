//! The erasure of a user (GDPR Article 17).
//!
//! 1. One transaction deletes the user with all that belongs to them, what was typed on their devices, and the counters of wrong codes
//!    that have the digest of their address.
//! 2. SQLite overwrites what was deleted (`database/connection.rs`), and the write-ahead log, which has it too, is emptied.
//! 3. The entries of the audit log stay until they are pruned: each is hashed into the next, so a changed one would be what
//!    an attacker leaves who hides a break-in.

use crate::{
    Engine, RequestOrigin, Result,
    audit::store::filter::Selection,
    database::Reads,
    identity::{
        self, cascade,
        user::{keep_an_administrator, require_user_under_authority},
    },
    throttle::guess::account_counter,
};
use latchkey_domain::{
    access::permission::{Authorizes, UsersWrite},
    audit::filter::{EventFilter, UserName},
    id::UserId,
    identity::email::Email,
    pagination::ListQuery,
};
use serde::Serialize;

/// What came of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The id that the user had, by which the entries that are left are found.
    pub user_id: UserId,
    /// The address that the user had.
    pub email: Email,
    /// Entries of the audit log that are by the user or about them, with their address, until they are pruned.
    pub events_left: u64,
}

impl Engine {
    /// Erases a user: deletes them, and what would be left of them elsewhere for a while.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator; forbidden for a user who may do more than the caller.
    pub async fn erase_user(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<Erasure> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        keep_an_administrator(&tx, &user).await?;
        let email = user.email.clone();
        for device in identity::store::device::list_ids_by_user(&tx, id).await? {
            self.forget_form(&tx, device).await?;
        }
        let counter = account_counter(email.as_str());
        let store = &self.inner.ephemeral;
        store.reset(tx.connection(), &counter, id).await?;
        cascade::end_user(&mut tx, user).await?;
        tx.commit().await?;
        self.seal_events_to_read().await;
        // Best effort: readers of an older state delay it, and maintenance does it again.
        self.checkpoint_database().await?;
        let filter = EventFilter {
            user: Some(UserName::Id(id)),
            ..EventFilter::default()
        };
        let db = self.read();
        let left = Selection::of(&db, None, &filter).await?;
        Ok(Erasure {
            user_id: id,
            email,
            events_left: left.page(&db, &ListQuery::default()).await?.total,
        })
    }
}
