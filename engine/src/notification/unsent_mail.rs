//! Mails that were not sent yet, for administrators: not what they say, because that may be a secret.

use super::store::mail;
use crate::{Engine, Error, Noun, RequestOrigin, Result, identity, unit_of_work::Tx};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, UsersWrite},
    event::{MailDiscarded, MailRetried, NamedUser},
    id::MailId,
    mail::MailView,
    pagination::{Batch, Cursor, ListQuery, Page},
};

impl Engine {
    /// Mails that were not sent yet, those that were given up first. Filter: a state; search: the address.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_mails(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        query: &ListQuery,
    ) -> Result<Page<MailView>> {
        mail::list(&self.read(), &query.clone().bounded()).await
    }

    /// A batch of mails that were not sent yet.
    ///
    /// # Errors
    /// Internal only.
    pub async fn mail_batch(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        cursor: Cursor<MailId>,
    ) -> Result<Batch<MailView>> {
        mail::batch(&self.read(), cursor).await
    }

    /// Sends a mail that was given up after all.
    ///
    /// # Errors
    /// Not found when it was not given up, or says nothing that still helps; forbidden for a user who may do more than the
    /// caller.
    pub async fn retry_mail(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: MailId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let (user, kind) = self.mail_to_change(&tx, id, true).await?;
        let mail = id;
        tx.apply(MailRetried { mail, kind, user }).await?;
        tx.commit().await
    }

    /// Deletes a mail that was not sent.
    ///
    /// # Errors
    /// Not found when there is none, for example because it was sent meanwhile; forbidden for a user who may do more than the
    /// caller.
    pub async fn discard_mail(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: MailId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let (user, kind) = self.mail_to_change(&tx, id, false).await?;
        let mail = id;
        tx.apply(MailDiscarded { mail, kind, user }).await?;
        tx.commit().await
    }

    async fn mail_to_change(
        &self,
        tx: &Tx<'_>,
        id: MailId,
        is_failed: bool,
    ) -> Result<(NamedUser, String)> {
        let found = mail::find(tx, id, is_failed, self.now()).await?;
        let (user, kind) = found.ok_or(Error::NotFound(Noun::Mail))?;
        let user = identity::user::require_user_under_authority(tx, user).await?;
        Ok((user.named(), kind))
    }
}
