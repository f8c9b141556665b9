//! The audit log as administrators and users see it.
//!
//! `unit_of_work` writes it, `sequencer.rs` gives entries their place, `chain.rs` has the hashes, `walk.rs` checks them,
//! `checkpoint.rs` has what is signed to be kept elsewhere, `export.rs` a copy to take along.

use crate::{Engine, Result, audit};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, CurrentUser},
    audit::event::EventView,
    pagination::{Batch, Cursor, ListQuery, Page},
};

impl Engine {
    /// A batch of the log, in its order, after an entry; of one action or kind of thing when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn event_batch(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        cursor: Cursor<i64>,
        action: Option<&str>,
    ) -> Result<Batch<EventView>> {
        self.seal_events_to_read().await;
        Ok(audit::store::batch(&self.read(), cursor, action).await?)
    }

    /// The audit log, newest first. Filter: an action or its noun (`device`); search: actor, target, address.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_events(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.seal_events_to_read().await;
        Ok(audit::store::list(&self.read(), None, &query.clone().bounded()).await?)
    }

    /// What concerns this user, newest first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_events(
        &self,
        current_user: &CurrentUser,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.seal_events_to_read().await;
        let user = Some(current_user.user_id);
        Ok(audit::store::list(&self.read(), user, &query.clone().bounded()).await?)
    }
}
