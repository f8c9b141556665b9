//! Refused sign-ins in the audit log, without letting anonymous clients decide how long it gets.
//!
//! The first few refusals of each network, kind and minute have an entry each, at most [`MAX_IN_FULL`] of all networks a
//! minute. The others are counted in memory and recorded as one entry when their minute has ended, or when the process
//! ends. A process that is killed loses the counts of its last minute, and no entry.

#[cfg(test)]
mod tests;

use crate::{
    Engine, FailedAttempt, RequestOrigin, Result, error::chain, throttle::guess::network_of,
    unit_of_work::Actor,
};
use latchkey_domain::{
    event::{NamedUser, SignInRefused, SignInsRefused},
    name::DisplayName,
    notification::NotificationKind,
};
use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

/// Refusals of one network and kind that have an entry each, a minute.
const FIRST: u32 = 5;

/// Refusals of all networks that have an entry each, a minute.
const MAX_IN_FULL: u32 = 30;

/// Networks and kinds that are counted separately, a minute; the rest are counted together.
const MAX_APART: usize = 16;

/// Refusals that are not recorded yet.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Default)]
struct Minute {
    /// Minutes since the epoch.
    number: i64,
    in_full: u32,
    counts: HashMap<Key, Count>,
    /// Of minutes that are over.
    due: Vec<(Key, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    network: String,
    kind: Kind,
}

/// What refusals are counted under. Nothing finer: with a separate count for users that exist, the time of the next response
/// would tell an attacker, who fills one of the counts first, which one is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Code,
    Passkey,
}

/// Why a sign-in was refused, as the entry of one refusal says it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reason {
    /// An authenticator app's code.
    Code(&'static str),
    /// A passkey's assertion.
    Passkey(&'static str),
}

impl Reason {
    const fn kind(self) -> Kind {
        match self {
            Self::Code(_) => Kind::Code,
            Self::Passkey(_) => Kind::Passkey,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Code(text) | Self::Passkey(text) => text,
        }
    }
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "wrong code or unknown account",
            Self::Passkey => "passkey not accepted",
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    seen: u32,
    not_written: u32,
}

impl Minute {
    fn turn_to(&mut self, number: i64) {
        if self.number != number {
            self.number = number;
            self.end();
        }
    }

    fn end(&mut self) {
        self.in_full = 0;
        let over = mem::take(&mut self.counts)
            .into_iter()
            .map(|(key, count)| (key, count.not_written))
            .filter(|(_, not_written)| *not_written > 0);
        self.due.extend(over);
        // Memory stays bounded while the database cannot be written.
        self.due.truncate(4 * MAX_APART);
    }
}

impl Refusals {
    /// Counts a refusal; returns whether it has an entry of its own.
    fn count(&self, network: String, kind: Kind, now: i64) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        minute.turn_to(now.div_euclid(60));
        let mut key = Key { network, kind };
        if minute.counts.len() >= MAX_APART && !minute.counts.contains_key(&key) {
            key.network = String::new();
        }
        let has_room = minute.in_full < MAX_IN_FULL;
        let count = minute.counts.entry(key).or_default();
        count.seen = count.seen.saturating_add(1);
        let is_in_full = has_room && count.seen <= FIRST;
        if is_in_full {
            minute.in_full += 1;
        } else {
            count.not_written = count.not_written.saturating_add(1);
        }
        is_in_full
    }

    /// Takes the counts of minutes that have ended; with `all`, those of this one too.
    fn take(&self, now: i64, all: bool) -> Vec<(Key, u32)> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all {
            true => minute.end(),
            false => minute.turn_to(now.div_euclid(60)),
        }
        mem::take(&mut minute.due)
    }

    fn put_back(&self, due: Vec<(Key, u32)>) {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        minute.due.extend(due);
    }
}

impl Engine {
    /// Writes down that a sign-in was refused, and why, for the administrator's eyes. `owner` is the
    /// account, if there is one, with its address, so that a search finds the entry.
    pub(crate) async fn record_refusal(
        &self,
        owner: Option<NamedUser>,
        reason: Reason,
        origin: &RequestOrigin,
    ) -> Result<()> {
        if let Kind::Passkey = reason.kind() {
            FailedAttempt::Passkey.log(origin);
        }
        let now = self.now().unix_timestamp();
        let network = network_of(origin.ip);
        if !self.inner.refusals.count(network, reason.kind(), now) {
            return Ok(());
        }
        let mut tx = self.begin_unordered(Actor::Anonymous, origin).await?;
        let event = SignInRefused {
            user: owner,
            reason: reason.as_str(),
            copied: None,
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Writes down that the signature counter of a user's passkey went back, and tells its user. A flood of other refusals does not
    /// hide this one: only whoever has the passkey's key can cause it, and the further ones of a day are counted as others are.
    pub(crate) async fn record_copied_passkey(
        &self,
        user: NamedUser,
        passkey: DisplayName,
        origin: &RequestOrigin,
    ) -> Result<()> {
        const REASON: &str = "signature counter went back";
        if self
            .was_told_today(user.id, NotificationKind::PasskeyCopied)
            .await?
        {
            return self
                .record_refusal(Some(user), Reason::Passkey(REASON), origin)
                .await;
        }
        FailedAttempt::Passkey.log(origin);
        let mut tx = self.begin_unordered(Actor::Anonymous, origin).await?;
        let event = SignInRefused {
            user: Some(user),
            reason: REASON,
            copied: Some(passkey),
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Writes the counts of refusals whose minute is over; with `all`, of this one too.
    pub(crate) async fn write_refusals(&self, all: bool) {
        let due = self.inner.refusals.take(self.now().unix_timestamp(), all);
        if due.is_empty() {
            return;
        }
        if let Err(cause) = self.write_counts(&due).await {
            tracing::warn!(error = %chain(&cause), "counts of refused sign-ins could not be written");
            self.inner.refusals.put_back(due);
        }
    }

    async fn write_counts(&self, due: &[(Key, u32)]) -> Result<()> {
        let nobody = RequestOrigin::default();
        let mut tx = self.begin_unordered(Actor::System, &nobody).await?;
        for (key, count) in due {
            let network = match key.network.as_str() {
                "" => "several networks",
                network => network,
            };
            let event = SignInsRefused {
                count: *count,
                network: network.to_owned(),
                reason: key.kind.as_str(),
            };
            tx.apply(event).await?;
        }
        tx.commit().await
    }
}
