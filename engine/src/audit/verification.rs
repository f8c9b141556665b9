//! A check of the whole chain while others go on: one at a time in a process, whoever asks for it joins. It reads a few hundred entries
//! at once, so it keeps neither a transaction nor a writer waiting, and goes on when whoever asked has left.

use super::{tombstone::Beginning, walk::ChainReport};
use crate::{Engine, Result, Unsealed, error};
use latchkey_domain::access::permission::{AuditRead, Authorizes, Operator};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use time::OffsetDateTime;
use tokio::sync::watch;

/// How far a check has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Which check of this process it is, from 1.
    pub number: u64,
    /// When it began.
    pub begun_at: OffsetDateTime,
    /// Entries that were checked.
    pub checked: u64,
    /// Entries that there were to check when it began.
    pub entries: u64,
    /// What it found, once it has ended.
    pub outcome: Option<VerificationOutcome>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationOutcome {
    /// What it found in the chain, and beside it.
    Checked(ChainReport, Unsealed),
    /// The log could not be read.
    Failed,
}

/// The last check of a process.
#[derive(Default)]
pub(crate) struct LastVerification(Mutex<Option<watch::Receiver<Verification>>>);

impl LastVerification {
    fn get(&self) -> Option<watch::Receiver<Verification>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

impl Engine {
    /// How far the check with this number has come, if it is the last one; else the one that is under way, or a new one. Waits for its
    /// end, but no longer than `max_wait`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn verification(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        number: Option<u64>,
        max_wait: Duration,
    ) -> Result<Verification> {
        let mut check = self.check_of_log(number).await?;
        let ended = check.wait_for(|state| state.outcome.is_some());
        let _ends_later = tokio::time::timeout(max_wait, ended).await.is_err();
        let state = check.borrow().clone();
        Ok(state)
    }

    async fn check_of_log(&self, number: Option<u64>) -> Result<watch::Receiver<Verification>> {
        let is_asked_for = |last: &watch::Receiver<Verification>| {
            let state = last.borrow();
            // One that was cut off has neither an outcome nor anybody to tell it.
            let is_under_way = state.outcome.is_none() && last.has_changed().is_ok();
            is_under_way || (state.outcome.is_some() && number == Some(state.number))
        };
        if let Some(last) = self.inner.verification.get().filter(is_asked_for) {
            return Ok(last);
        }
        self.seal_events_to_read().await;
        let head = crate::audit::store::head(&self.read()).await?;
        let pruned = match self.beginning().await? {
            Beginning::After(tombstone, ..) => tombstone.seq,
            Beginning::Whole | Beginning::Forged => 0,
        };
        let mut last = (self.inner.verification.0.lock()).unwrap_or_else(PoisonError::into_inner);
        // Another may have begun meanwhile.
        if let Some(last) = last.clone().filter(is_asked_for) {
            return Ok(last);
        }
        let (progress, receiver) = watch::channel(Verification {
            number: last.as_ref().map_or(0, |last| last.borrow().number) + 1,
            begun_at: self.now(),
            checked: 0,
            entries: u64::try_from(head.seq - pruned).unwrap_or_default(),
            outcome: None,
        });
        *last = Some(receiver.clone());
        drop(last);
        let engine = self.clone();
        tokio::spawn(async move { engine.verify_in_background(&progress).await });
        Ok(receiver)
    }

    async fn verify_in_background(&self, progress: &watch::Sender<Verification>) {
        let end = |outcome| progress.send_modify(|state| state.outcome = Some(outcome));
        // However it ends, the next one can begin.
        let outcome = match self.verify_with_progress(progress).await {
            Ok((report, unsealed)) => VerificationOutcome::Checked(report, unsealed),
            Err(cause) => {
                tracing::error!(error = %error::chain(&cause), "the audit log could not be verified");
                VerificationOutcome::Failed
            }
        };
        end(outcome);
    }

    async fn verify_with_progress(
        &self,
        progress: &watch::Sender<Verification>,
    ) -> Result<(ChainReport, Unsealed)> {
        let mut walk = self.walk_all().await?;
        while !walk.is_broken() && !walk.next().await?.is_empty() {
            let checked = walk.checked();
            progress.send_modify(|state| state.checked = checked.min(state.entries));
        }
        Ok((walk.report(), self.unsealed_events(&Operator).await?))
    }
}
