//! A copy of some entries of the log, as they are listed: nothing is signed of it, since what is left out is in no chain.
//!
//! It is read in parts, each by a statement of its own that looks at a bounded number of entries, so that neither a slow reader nor
//! a long log keeps a transaction open. Before each part it is checked again whether the caller may read.

use crate::{
    Engine, Result, audit,
    audit::store::filter::{Selection, WINDOW},
    unit_of_work::{Authority, current},
};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, CurrentUser, Denial},
    audit::{event::EventView, filter::EventFilter},
    id::UserId,
};

/// Entries of one part.
const PART: u64 = 500;

/// The most entries that users get of their own.
pub const MAX_OWN_EVENTS: u64 = 10_000;

/// Entries that are being read, oldest first.
pub struct SelectedEvents {
    engine: Engine,
    reader: Reader,
    selection: Selection,
    at: i64,
    last: i64,
}

/// Who reads.
pub(crate) enum Reader {
    /// Whoever may read the log.
    Auditor(Authority),
    /// The user whom the entries concern. Reading asks for less than changing: a passkey that was used lately is not asked for
    /// again while it goes on.
    Subject(Box<CurrentUser>),
}

impl Reader {
    /// Decides again, from what is stored now.
    async fn check_again(&self, engine: &Engine) -> Result<()> {
        match self {
            Self::Auditor(authority) => engine.check_again(authority).await,
            Self::Subject(user) => {
                let (db, store) = (engine.read(), &engine.inner.ephemeral);
                let (user, _) = current(&db, store, user, engine.now()).await?;
                match user.limit.is_recovery() {
                    true => Err(Denial::Recovery.into()),
                    false => Ok(()),
                }
            }
        }
    }
}

impl Engine {
    /// The entries of a filter after `after`, up to the end of the log as it is now.
    ///
    /// # Errors
    /// Internal only.
    pub async fn select_events(
        &self,
        proof: &dyn Authorizes<AuditRead>,
        filter: &EventFilter,
        after: i64,
    ) -> Result<SelectedEvents> {
        let reader = Reader::Auditor(proof.into());
        self.select(reader, None, filter, after).await
    }

    /// What concerns this user; the last [`MAX_OWN_EVENTS`] if there are more.
    ///
    /// # Errors
    /// Internal only.
    pub async fn select_my_events(
        &self,
        current_user: &CurrentUser,
        filter: &EventFilter,
    ) -> Result<SelectedEvents> {
        let mut events = self
            .select(
                Reader::Subject(Box::new(current_user.clone())),
                Some(current_user.user_id),
                filter,
                0,
            )
            .await?;
        let db = self.read();
        events.at = (events.selection.start_of_last(&db, MAX_OWN_EVENTS)).await?;
        Ok(events)
    }

    pub(crate) async fn select(
        &self,
        reader: Reader,
        subject: Option<UserId>,
        filter: &EventFilter,
        after: i64,
    ) -> Result<SelectedEvents> {
        self.seal_events_to_read().await;
        let db = self.read();
        Ok(SelectedEvents {
            selection: Selection::of(&db, subject, filter).await?,
            at: after.max(0),
            last: audit::store::head(&db).await?.seq,
            engine: self.clone(),
            reader,
        })
    }
}

impl SelectedEvents {
    /// The next entries; `None` at the end.
    ///
    /// # Errors
    /// [`crate::Error::Denied`] when the caller may not read any more.
    pub async fn next(&mut self) -> Result<Option<Vec<EventView>>> {
        self.reader.check_again(&self.engine).await?;
        while self.at < self.last {
            let end = self.at.saturating_add(WINDOW).min(self.last);
            let db = self.engine.read();
            let events = self.selection.between(&db, self.at, end, PART).await?;
            self.at = match events.last() {
                Some(event) if events.len() as u64 == PART => event.seq,
                _ => end,
            };
            if !events.is_empty() {
                return Ok(Some(events));
            }
        }
        Ok(None)
    }

    /// Up to where it has come.
    #[must_use]
    pub const fn position(&self) -> i64 {
        self.at
    }

    /// Goes on with what was sealed meanwhile.
    ///
    /// # Errors
    /// Internal only.
    pub async fn extend(&mut self) -> Result<()> {
        self.last = audit::store::head(&self.engine.read()).await?.seq;
        Ok(())
    }
}
