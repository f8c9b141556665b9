//! Notifications in the portal.

use super::store::{mail, notification};
use crate::{
    Engine, Result,
    database::Writes,
    notification::mail::MailContent,
    unit_of_work::{CommitOrder, Tx},
};
use latchkey_domain::{
    access::permission::{CurrentUser, SelfManagement},
    event::Event,
    id::{NotificationId, UserId},
    notification::{Notification, NotificationKind, NotificationView},
    pagination::{ListQuery, Page},
};
use time::Duration;

/// Unread notifications are counted up to this.
pub const MOST_UNREAD: u64 = 100;

/// What anybody can cause is told once in this time.
const REPEATED_AFTER: Duration = Duration::DAY;

/// As many unread notifications are shown on the start page.
const SHOWN: u64 = 3;

impl Engine {
    /// The notifications of a user, the newest first. Filter: `unread` or `read`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_notifications(
        &self,
        current_user: &CurrentUser,
        query: &ListQuery,
    ) -> Result<Page<NotificationView>> {
        let (user, here) = (current_user.user_id, current_user.device_id);
        notification::list(&self.read(), user, here, &query.clone().bounded()).await
    }

    /// The newest notifications that a user has not read, and did not cause on this device; a few.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_unread_notifications(
        &self,
        current_user: &CurrentUser,
    ) -> Result<Vec<NotificationView>> {
        let (user, here) = (current_user.user_id, current_user.device_id);
        notification::unread(&self.read(), user, here, SHOWN).await
    }

    /// How many of these there are, up to [`MOST_UNREAD`].
    ///
    /// # Errors
    /// Internal only.
    pub async fn count_unread_notifications(&self, current_user: &CurrentUser) -> Result<u64> {
        let (user, here) = (current_user.user_id, current_user.device_id);
        notification::count_unread(&self.read(), user, here, MOST_UNREAD).await
    }

    /// Whether a user was told something of this kind within a day.
    pub(crate) async fn was_told_today(
        &self,
        user: UserId,
        kind: NotificationKind,
    ) -> Result<bool> {
        notification::has_since(&self.read(), user, kind, self.now() - REPEATED_AFTER).await
    }

    /// Marks notifications of a user as read: one, or all.
    ///
    /// # Errors
    /// Internal only; one of somebody else stays as it is.
    pub async fn mark_notifications_read(
        &self,
        proof: &SelfManagement,
        id: Option<NotificationId>,
    ) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        let user = proof.current_user().user_id;
        notification::mark_read(&permit, user, id, self.now()).await
    }
}

/// Writes what an event's user is told, with the event.
pub(crate) async fn write<O: CommitOrder + Sync>(tx: &Tx<'_, O>, event: &Event) -> Result<()> {
    let Some(told) = event.notification() else {
        return Ok(());
    };
    let (engine, now) = (tx.engine(), tx.engine().now());
    if told.kind.is_told_once_a_day()
        && notification::has_since(tx, told.user, told.kind, now - REPEATED_AFTER).await?
    {
        return Ok(());
    }
    tell(engine, tx, &told, tx.ip()).await
}

/// Tells a user something: in the portal, and by mail where that is configured.
pub(super) async fn tell(
    engine: &Engine,
    db: &impl Writes,
    told: &Notification,
    ip: Option<&str>,
) -> Result<()> {
    let now = engine.now();
    let id = NotificationId::from_uuid(engine.inner.settings.rng.uuid(now));
    notification::insert(db, id, told, ip, now).await?;
    if engine.inner.settings.sends_mail {
        let content = MailContent::Notification {
            kind: told.kind,
            subject: told.subject.clone(),
            ip: ip.map(str::to_owned),
            at: now,
        };
        mail::insert(db, engine.new_mail(told.user, &content)?).await?;
    }
    Ok(())
}
