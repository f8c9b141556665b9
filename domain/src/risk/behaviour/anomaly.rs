//! Samples that no hand makes. Each limit is far outside what was measured of 54 people (`docs/behaviour.md`).

use super::{feature::Kind, sample::BehaviourSample};

/// Why a sample is suspected to come from a program. A signal, and not a refusal: a password manager that types is one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// It equals a stored sample, or nearly: somebody recorded it and plays it back.
    Replayed,
    /// All keys are alike: a loop with a constant delay.
    Uniform,
    /// Nobody is that fast.
    ImpossibleSpeed,
}

/// Two samples that differ by less on average, in thousandths of logarithms, are one sample: a percent. The nearest two of one person
/// differed by 4.5 %, so noise that hides a replay has to be as large as a person's own.
const REPLAY_DIFFERENCE: u32 = 10;

/// With fewer different values, samples are equal by chance: short ones, and those of a coarse clock. Browsers that resist fingerprinting
/// may round to 100 ms.
const REPLAY_VALUES: usize = 12;

/// The mean deviation of one kind within a sample, in thousandths; the most even samples of people had 35 (hold) and
/// 100 (press).
const UNIFORM_DEVIATION: u32 = 5;

/// With fewer values of a kind, they are alike by chance.
const UNIFORM_VALUES: usize = 4;

/// Half of the intervals between presses are shorter, in milliseconds. The fastest typists have a median of about 90.
const FASTEST_PRESS: f64 = 25.0;

/// Half of the keys are held for less, in milliseconds; the shortest median of a person was 33.
const SHORTEST_HOLD: f64 = 8.0;

impl BehaviourSample {
    /// What shows without knowing the user.
    #[must_use]
    pub fn anomaly(&self) -> Option<Anomaly> {
        let is_faster = |kind: Kind, limit: f64| {
            let limit = kind.logarithm(limit) * 1000.0;
            let values = self.of(kind);
            let below = values.iter().filter(|value| f64::from(**value) < limit);
            values.len() >= UNIFORM_VALUES && below.count() * 2 > values.len()
        };
        let is_held = !is_faster(Kind::Hold, SHORTEST_HOLD) || self.has_coarse_clock();
        if is_faster(Kind::PressToPress, FASTEST_PRESS) || !is_held {
            return Some(Anomaly::ImpossibleSpeed);
        }
        self.is_uniform().then_some(Anomaly::Uniform)
    }

    /// Whether this is `stored`, sent again.
    #[must_use]
    pub fn is_replay_of(&self, stored: &Self) -> bool {
        if self.shape() != stored.shape() {
            return false;
        }
        let values = self.values().iter().zip(stored.values());
        let difference: u32 = values
            .map(|(value, stored)| u32::from(value.abs_diff(*stored)))
            .sum();
        difference as usize <= REPLAY_DIFFERENCE as usize * self.values().len()
            && different(self.values()) >= REPLAY_VALUES
    }

    /// A quarter of the intervals are equal to others, so that a short time may be zero by rounding.
    fn has_coarse_clock(&self) -> bool {
        let presses = self.of(Kind::PressToPress);
        different(presses) * 4 <= presses.len() * 3
    }

    /// Every kind of which there are enough values is constant. One alone is not enough: with a coarse clock, all hold times may be equal.
    fn is_uniform(&self) -> bool {
        // Screens that cannot measure a touch send one size for all.
        let is_moved = |kind: &Kind| !kind.is_derived() && *kind != Kind::TouchSize;
        let measured = Kind::ALL.into_iter().filter(is_moved);
        let mut groups = measured
            .map(|kind| self.of(kind))
            .filter(|values| values.len() >= UNIFORM_VALUES)
            .peekable();
        groups.peek().is_some() && groups.all(is_constant)
    }
}

/// How many different values there are.
fn different(values: &[i16]) -> usize {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values.len()
}

fn is_constant(values: &[i16]) -> bool {
    let count = values.len() as i32;
    let sum: i32 = values.iter().map(|value| i32::from(*value)).sum();
    let mean = sum / count.max(1);
    let deviation: u32 = values
        .iter()
        .map(|value| i32::from(*value).abs_diff(mean))
        .sum();
    deviation as usize <= UNIFORM_DEVIATION as usize * values.len()
}
