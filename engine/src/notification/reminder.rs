//! Reminders of what ends: devices that opened no page for long, programs with a key of their own, and grants with an end.
//!
//! 1. What ends within [`REMINDED_BEFORE`] is found, a batch at a time. What began in the same time before is left out, so
//!    that nobody is reminded of something short that they have just got.
//! 2. In one transaction, each is claimed by a conditional statement, and its user is told, in the portal and by mail. So each
//!    end is told once, whatever the number of processes, and a process that dies in between has told nothing.

use super::{portal::tell, store::reminder};
use crate::{Engine, Result};
use latchkey_domain::notification::REMINDED_BEFORE;

/// The most that are told in one transaction.
const BATCH: u64 = 50;

impl Engine {
    /// Reminds users of what ends soon; returns of how much. A serving process does it every ten minutes.
    ///
    /// # Errors
    /// Internal only.
    pub async fn remind_of_ends(&self) -> Result<u64> {
        let mut told = 0;
        // Looking needs no permit to write, and finds nothing most of the time.
        while !reminders(self, &self.read()).await?.is_empty() {
            let permit = self.acquire_write_permit().await?;
            let tx = permit.begin().await?;
            for reminder in reminders(self, &tx).await? {
                if reminder::claim(&tx, &reminder).await? {
                    tell(self, &tx, &reminder.notification, None).await?;
                    told += 1;
                }
            }
            tx.commit().await?;
        }
        Ok(told)
    }
}

async fn reminders(
    engine: &Engine,
    db: &impl crate::database::Reads,
) -> Result<Vec<reminder::Reminder>> {
    let now = engine.now();
    let period = reminder::Period {
        now,
        until: now + REMINDED_BEFORE,
        unless_since: now - REMINDED_BEFORE,
    };
    let devices = reminder::devices(db, &period, BATCH).await?;
    match devices.is_empty() {
        true => reminder::grants(db, &period, BATCH).await,
        false => Ok(devices),
    }
}
