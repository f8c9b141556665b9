//! How unusual sign-ins were in sum: of a user, of a network, at a place.

use crate::audit::store::assessed::Assessed;
use latchkey_domain::risk::Demand;
use std::{collections::HashMap, hash::Hash};

/// How unusual something was in sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unusualness {
    /// Unusual sign-ins and returns.
    pub count: u64,
    /// Their points.
    pub points: u64,
    /// How many of them were asked for something, or would have been.
    pub asked: u64,
    /// The highest score.
    pub highest: u8,
}

impl Unusualness {
    pub(super) fn add(&mut self, one: &Assessed) {
        let score = one.note.assessment.score;
        self.count += 1;
        self.points += u64::from(score);
        self.asked += u64::from(one.note.demand != Demand::Nothing);
        self.highest = self.highest.max(score);
    }
}

/// Counts by a key, the most points first; of equal ones in the order of the keys.
pub(super) fn ranked<K: Copy + Ord + Hash>(
    of: impl Iterator<Item = (K, Unusualness)>,
    most: usize,
) -> Vec<(K, Unusualness)> {
    let mut all: Vec<_> = of.collect();
    all.sort_by_key(|(key, sum)| (u64::MAX - sum.points, *key));
    all.truncate(most);
    all
}

/// Sums by a key; what has none is left out.
pub(super) fn sums<K: Copy + Ord + Hash>(
    all: &[Assessed],
    key: impl Fn(&Assessed) -> Option<K>,
) -> HashMap<K, Unusualness> {
    let mut sums: HashMap<K, Unusualness> = HashMap::new();
    for one in all {
        if let Some(key) = key(one) {
            sums.entry(key).or_default().add(one);
        }
    }
    sums
}
