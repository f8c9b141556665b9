//! The audit log as administrators and users see it.
//!
//! `unit_of_work` writes it, `sequencer.rs` gives entries their place, `chain.rs` has the hashes, `walk.rs` checks them,
//! `checkpoint.rs` has what is signed to be kept elsewhere, `export.rs` a copy to take along, `selection.rs` a copy of some entries.

use crate::{
    Engine, Result, audit,
    audit::store::filter::{Selection, WINDOW, order},
};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, CurrentUser},
    audit::{event::EventView, filter::EventFilter},
    pagination::{Batch, Cursor, ListQuery, MAX_BATCH, Page},
};

impl Engine {
    /// A batch of the log, in its order, after an entry.
    ///
    /// # Errors
    /// Internal only.
    pub async fn event_batch(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        cursor: Cursor<i64>,
        filter: &EventFilter,
    ) -> Result<Batch<EventView>> {
        self.seal_events_to_read().await;
        let db = self.read();
        let selection = Selection::of(&db, None, filter).await?;
        let limit = cursor.limit.clamp(1, MAX_BATCH);
        let head = audit::store::head(&db).await?.seq;
        let mut at = cursor.after.unwrap_or_default().max(0);
        let mut events = Vec::new();
        while at < head && events.len() as u64 <= limit {
            let rest = limit + 1 - events.len() as u64;
            let last = at.saturating_add(WINDOW).min(head);
            events.extend(selection.between(&db, at, last, rest).await?);
            at = last;
        }
        Ok(Batch::of(events, limit))
    }

    /// The audit log, newest first. Filter: an action or its noun (`device`); search: actor, target, address.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_events(
        &self,
        proof: &dyn Authorizes<AuditRead>,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.find_events(proof, &EventFilter::default(), query)
            .await
    }

    /// The entries of a filter, newest first; search and action are those of the query.
    ///
    /// # Errors
    /// Internal only.
    pub async fn find_events(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        filter: &EventFilter,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.page_of_events(None, filter, query).await
    }

    /// The entries of a filter after the one of the cursor in the order of the query, newest first unless it turns that. Entries that are
    /// added meanwhile move nothing, as they move pages.
    ///
    /// # Errors
    /// Internal only.
    pub async fn next_events(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        cursor: Cursor<i64>,
        filter: &EventFilter,
        query: &ListQuery,
    ) -> Result<Batch<EventView>> {
        self.seal_events_to_read().await;
        let query = query.clone().bounded();
        let filter = filter.clone().with_query(&query);
        let db = self.read();
        let selection = Selection::of(&db, None, &filter).await?;
        let limit = cursor.limit.clamp(1, MAX_BATCH);
        let events = selection
            .next(&db, cursor.after, order(&query), limit + 1)
            .await?;
        Ok(Batch::of(events, limit))
    }

    /// The last entry's place.
    ///
    /// # Errors
    /// Internal only.
    pub async fn last_entry(&self, _proof: &dyn Authorizes<AuditRead>) -> Result<i64> {
        Ok(audit::store::head(&self.read()).await?.seq)
    }

    /// What concerns this user, newest first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_events(
        &self,
        current_user: &CurrentUser,
        filter: &EventFilter,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.page_of_events(Some(current_user), filter, query).await
    }

    async fn page_of_events(
        &self,
        subject: Option<&CurrentUser>,
        filter: &EventFilter,
        query: &ListQuery,
    ) -> Result<Page<EventView>> {
        self.seal_events_to_read().await;
        let query = query.clone().bounded();
        let filter = filter.clone().with_query(&query);
        let subject = subject.map(|user| user.user_id);
        let selection = Selection::of(&self.read(), subject, &filter).await?;
        selection.page(&self.read(), &query).await
    }
}
