//! How many mails that confirm recoveries a user gets: a thief with a recovery code must not flood their mailbox, and each mail
//! is five more tries at its code.

use super::{attempt::throttled, guess::recovery_mail_counter};
use crate::{Engine, Result, unit_of_work::Tx};
use latchkey_domain::{id::UserId, throttle::Limits};

impl Engine {
    /// Counts a mail, within the change that writes it. On whatever device of the user it is asked for.
    ///
    /// # Errors
    /// [`Error::Throttled`](crate::Error::Throttled) when none may be sent now.
    pub(crate) async fn reserve_recovery_mail(&self, tx: &Tx<'_>, user: UserId) -> Result<()> {
        let (store, limits, now) = (&self.inner.ephemeral, Limits::RECOVERY_MAIL, self.now());
        let name = recovery_mail_counter(user);
        // Read in the same transaction as it is counted: a refusal says how long to wait, and writes nothing.
        let before = store.counter(tx.db(), &name).await?.unwrap_or_default();
        match store
            .reserve(tx.db(), &name, Some(user), &limits, now)
            .await?
        {
            true => Ok(()),
            false => Err(throttled(before.wait(&limits, now))),
        }
    }
}
