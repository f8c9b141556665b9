//! What recorded scores would have been with other weights.
//!
//! The audit log keeps the points of each reason. A strength is what a weight was multiplied with, so it is found again by the
//! weight that it was recorded with. Three things cannot be found again, and are counted or named instead: a factor that had no
//! weight was not recorded, neither was the return of a device that was not unusual, and points above the weight are from a time
//! when the weight was another.

use super::{
    assessment::{Assessment, Level, Reason, bounded},
    challenge::Demand,
    factor::Factor,
    note::RiskNote,
    number::Strength,
    weights::{MAX_POINTS, Weights},
};
use crate::id::UserId;
use serde::Serialize;
use std::collections::HashMap;
use strum::IntoEnumIterator;

/// How many of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LevelCounts {
    /// Below 20.
    pub low: u64,
    /// From 20.
    pub medium: u64,
    /// From 50.
    pub high: u64,
    /// From 80.
    pub held: u64,
}

impl LevelCounts {
    /// One more of a level.
    pub const fn add(&mut self, level: Level) {
        match level {
            Level::Low => self.low += 1,
            Level::Medium => self.medium += 1,
            Level::High => self.high += 1,
            Level::Held => self.held += 1,
        }
    }

    /// How many of a level.
    #[must_use]
    pub const fn of(&self, level: Level) -> u64 {
        match level {
            Level::Low => self.low,
            Level::Medium => self.medium,
            Level::High => self.high,
            Level::Held => self.held,
        }
    }

    /// All together.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.low + self.medium + self.high + self.held
    }
}

/// What was assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A sign-in on a device that was registered before.
    SignIn,
    /// A sign-in that registered its device.
    Registration,
    /// The return of a device that was not signed out.
    Return,
}

impl Occasion {
    const fn demand(self, level: Level, has_passkey: bool) -> Demand {
        match self {
            Self::SignIn => Demand::of(level, has_passkey, false),
            Self::Registration => Demand::of(level, has_passkey, true),
            Self::Return => Demand::of_return(level, has_passkey),
        }
    }
}

/// A user of whom other weights would have asked something else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AffectedUser {
    /// How often they would have been asked for more.
    pub more: u64,
    /// How often for less.
    pub less: u64,
    /// The assessment that would have changed most: as it was, and as it would have been.
    pub example: Option<(Assessment, Assessment)>,
}

/// The replay of many assessments.
#[derive(Debug, Clone)]
pub struct Replay {
    recorded_with: Weights,
    other: Weights,
    /// The levels as they were.
    pub before: LevelCounts,
    /// The levels as they would have been.
    pub after: LevelCounts,
    /// Assessments whose points do not fit the weights that they are replayed from.
    pub estimated: u64,
    users: HashMap<UserId, AffectedUser>,
}

/// The strength of which a factor had so many points, and whether it is certain. As strong as can be if it is not: a replay must
/// not promise that less would be asked for.
fn strength(points: u8, weight: u8) -> (Strength, bool) {
    if weight == 0 || points > weight {
        return (Strength::FULL, false);
    }
    // Most are half or full, and rounded once already.
    let found = [Strength::FULL, Strength::HALF]
        .into_iter()
        .find(|strength| strength.points(weight) == points);
    (
        found.unwrap_or_else(|| Strength::share(points, weight)),
        true,
    )
}

impl Assessment {
    /// The same with other weights, and whether all of its points fit those that it was `recorded_with`.
    #[must_use]
    pub fn replayed(&self, recorded_with: &Weights, other: &Weights) -> (Self, bool) {
        let (mut score, mut is_exact) = (0_u8, true);
        let mut reasons = Vec::with_capacity(self.reasons.len());
        for &Reason { factor, points } in &self.reasons {
            let (strength, is_certain) = strength(points, recorded_with.of(factor));
            is_exact &= is_certain;
            let points = strength.points(other.of(factor));
            score = score.saturating_add(points).min(MAX_POINTS);
            if points > 0 {
                reasons.push(Reason { factor, points });
            }
        }
        reasons.sort_by_key(|reason| (u8::MAX - reason.points, reason.factor));
        let score = bounded(score, &reasons);
        let level = Level::of(score);
        (
            Self {
                score,
                level,
                reasons,
            },
            is_exact,
        )
    }
}

impl Replay {
    /// Nothing yet.
    #[must_use]
    pub fn new(recorded_with: Weights, other: Weights) -> Self {
        Self {
            recorded_with,
            other,
            before: LevelCounts::default(),
            after: LevelCounts::default(),
            estimated: 0,
            users: HashMap::new(),
        }
    }

    /// The factors whose points differ: as they were recorded with, and as they are replayed.
    #[must_use]
    pub fn differences(&self) -> Vec<(Factor, u8, u8)> {
        Factor::iter()
            .map(|factor| (factor, self.recorded_with.of(factor), self.other.of(factor)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }

    /// Factors that have points now and had none: of them, nothing was recorded.
    #[must_use]
    pub fn unrecorded(&self) -> Vec<Factor> {
        Factor::iter()
            .filter(|factor| self.recorded_with.of(*factor) == 0 && self.other.of(*factor) > 0)
            .collect()
    }

    /// Replays an assessment.
    pub fn add(&mut self, user: UserId, occasion: Occasion, note: &RiskNote, has_passkey: bool) {
        let (replayed, is_exact) = note.assessment.replayed(&self.recorded_with, &self.other);
        self.before.add(note.assessment.level);
        self.after.add(replayed.level);
        self.estimated += u64::from(!is_exact);
        // A demand follows from the level: one of the same level is the same, also for a user who had no passkey then.
        if replayed.level == note.assessment.level {
            return;
        }
        let (before, after) = (note.demand, occasion.demand(replayed.level, has_passkey));
        if before == after {
            return;
        }
        let affected = self.users.entry(user).or_default();
        match after > before {
            true => affected.more += 1,
            false => affected.less += 1,
        }
        let change =
            |(before, after): &(Assessment, Assessment)| before.score.abs_diff(after.score);
        let example = (note.assessment.clone(), replayed);
        if affected
            .example
            .as_ref()
            .is_none_or(|best| change(best) < change(&example))
        {
            affected.example = Some(example);
        }
    }

    /// How many users would have been asked for more, and how many for less; a user may be among both.
    #[must_use]
    pub fn users(&self) -> (u64, u64) {
        let count = |is: fn(&AffectedUser) -> bool| {
            self.users.values().filter(|user| is(user)).count() as u64
        };
        (count(|user| user.more > 0), count(|user| user.less > 0))
    }

    /// How often more would have been asked for, and how often less.
    #[must_use]
    pub fn times(&self) -> (u64, u64) {
        let sum = |of: fn(&AffectedUser) -> u64| self.users.values().map(of).sum();
        (sum(|user| user.more), sum(|user| user.less))
    }

    /// The users of whom something else would have been asked most often, at most `most`.
    #[must_use]
    pub fn most_affected(&self, most: usize) -> Vec<(UserId, AffectedUser)> {
        let mut users: Vec<_> = self.users.iter().collect();
        users.sort_by_key(|(id, user)| (u64::MAX - user.more - user.less, id.uuid()));
        let users = users.into_iter().take(most);
        users.map(|(id, user)| (*id, user.clone())).collect()
    }
}
