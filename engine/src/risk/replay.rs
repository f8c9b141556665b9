//! What the scores of the last days would have been with other weights.
//!
//! They are read from the audit log in parts, newest first, so that neither memory nor a transaction grows with the log.

use crate::{
    Engine, Result,
    audit::store::assessed::{self, ASSESSED, Assessed},
    identity::store::{passkey, user},
};
use latchkey_domain::{
    access::permission::{Authorizes, RiskRead},
    id::UserId,
    identity::email::Email,
    risk::{Assessment, Factor, LevelCounts, Replay, Weights},
};
use serde::Serialize;
use std::collections::HashSet;
use time::{Duration, OffsetDateTime};

/// The most days that are replayed.
pub const MOST_REPLAYED_DAYS: u32 = 30;

/// The most assessments that a page or a program replays. The operator, who waits at a terminal, replays all.
pub const MOST_REPLAYED: u64 = 20_000;

/// What is read at once.
const PART: Duration = Duration::hours(6);

/// Users that are shown.
const SHOWN: usize = 10;

/// A replay of recorded assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RiskReplay {
    /// The days that were asked for.
    pub days: u32,
    /// Since when assessments were replayed.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    /// Whether all of those days were.
    pub is_complete: bool,
    /// Weights as they are configured, and as they were replayed, where they differ.
    pub weights: Vec<ReplayedWeight>,
    /// How many assessments were replayed.
    pub assessments: u64,
    /// Their levels as they were recorded.
    pub before: LevelCounts,
    /// And as they would have been.
    pub after: LevelCounts,
    /// Users who would have been asked for more.
    pub users_asked_for_more: u64,
    /// How often.
    pub asked_for_more: u64,
    /// Users who would have been asked for less.
    pub users_asked_for_less: u64,
    /// How often.
    pub asked_for_less: u64,
    /// Assessments that seem to have been made with other weights than those that are configured now; their reasons count in full.
    pub estimated: u64,
    /// Factors that are switched off now: what they would have added was not recorded, and is missing.
    pub unrecorded: Vec<Factor>,
    /// Users of whom something else would have been asked most often.
    pub users: Vec<ReplayedUser>,
}

/// Another weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReplayedWeight {
    /// Of what.
    pub factor: Factor,
    /// As it is configured.
    pub before: u8,
    /// As it was replayed.
    pub after: u8,
}

/// A user of whom something else would have been asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayedUser {
    /// The user.
    pub user_id: UserId,
    /// Their address, unless they were deleted.
    pub email: Option<Email>,
    /// How often they would have been asked for more.
    pub more: u64,
    /// How often for less.
    pub less: u64,
    /// The assessment that would have changed most, as it was.
    pub before: Assessment,
    /// And as it would have been.
    pub after: Assessment,
}

impl Engine {
    /// How many points each factor has.
    #[must_use]
    pub fn risk_weights(&self) -> Weights {
        self.inner.settings.risk.weights
    }

    /// What the scores of the last `days`, [`MOST_REPLAYED_DAYS`] at most, would have been with other weights; of the newest `most`, if that is fewer.
    ///
    /// # Errors
    /// Internal only.
    pub async fn replay_risk(
        &self,
        _proof: &dyn Authorizes<RiskRead>,
        days: u32,
        weights: &Weights,
        most: Option<u64>,
    ) -> Result<RiskReplay> {
        let days = days.clamp(1, MOST_REPLAYED_DAYS);
        self.seal_events_to_read().await;
        let now = self.now();
        let since = now - Duration::days(days.into());
        let configured = self.risk_weights();
        let mut replay = Replay::new(configured, *weights);
        let mut reached = since;
        // Later than now is what another process with a clock ahead of ours wrote.
        let (mut until, mut left) = (
            now + Duration::HOUR,
            most.unwrap_or(i64::MAX.unsigned_abs()),
        );
        while until > since && left > 0 {
            let from = (until - PART).max(since);
            let mut part = Vec::new();
            for action in ASSESSED {
                part.extend(assessed::newest(&self.read(), action, from, until, left).await?);
            }
            let count = part.len() as u64;
            if count > left {
                part.sort_by_key(|one| std::cmp::Reverse(one.time));
                part.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            }
            // Where the limit was reached, the rest of this part may be missing.
            if count >= left
                && let Some(oldest) = part.iter().map(|one| one.time).min()
            {
                reached = oldest;
            }
            left = left.saturating_sub(count);
            self.replay_part(&mut replay, &part).await?;
            until = from;
        }
        self.replayed(&replay, days, reached, reached == since)
            .await
    }

    async fn replay_part(&self, replay: &mut Replay, part: &[Assessed]) -> Result<()> {
        let users: HashSet<UserId> = part.iter().map(|one| one.user).collect();
        let with_passkey = passkey::owners_among(&self.read(), users).await?;
        for one in part {
            let has_passkey = with_passkey.contains(&one.user);
            replay.add(one.user, one.occasion, &one.note, has_passkey);
        }
        Ok(())
    }

    async fn replayed(
        &self,
        replay: &Replay,
        days: u32,
        since: OffsetDateTime,
        is_complete: bool,
    ) -> Result<RiskReplay> {
        let affected = replay.most_affected(SHOWN);
        let ids = affected.iter().map(|(id, _)| *id).collect();
        let emails = user::emails(&self.read(), ids).await?;
        let users = affected.into_iter().filter_map(|(user_id, user)| {
            let (before, after) = user.example?;
            Some(ReplayedUser {
                user_id,
                email: emails.get(&user_id).cloned(),
                more: user.more,
                less: user.less,
                before,
                after,
            })
        });
        let (users_asked_for_more, users_asked_for_less) = replay.users();
        let (asked_for_more, asked_for_less) = replay.times();
        let weights = replay.differences().into_iter();
        Ok(RiskReplay {
            days,
            since,
            is_complete,
            weights: weights
                .map(|(factor, before, after)| ReplayedWeight {
                    factor,
                    before,
                    after,
                })
                .collect(),
            assessments: replay.before.total(),
            before: replay.before,
            after: replay.after,
            users_asked_for_more,
            asked_for_more,
            users_asked_for_less,
            asked_for_less,
            estimated: replay.estimated,
            unrecorded: replay.unrecorded(),
            users: users.collect(),
        })
    }
}
