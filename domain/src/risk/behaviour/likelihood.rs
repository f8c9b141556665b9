//! How much more likely a sample is from its user than from somebody else.
//!
//! Each distance of a feature is read as a density: of the user, around the median of the robust variant and the mean of the scaled
//! Manhattan (whose distance is the logarithm of a Laplace density), and of the population ([`Kind::population`]). A user whose values
//! are unusual is then easier to tell from others than one whose values are everybody's. Some features are anybody's, by a slip or a
//! pause: that cuts what one feature says against the user, and how much it says for them depends on how steady they are.
//!
//! [`Kind::population`]: super::feature::Kind::population

use super::{
    feature::Tempo,
    matcher::{Expected, Model},
    sample::{BehaviourSample, MAX_VALUES},
};

/// Of a user's own features, so many follow the population: slips and pauses.
const SLIPS: f32 = 0.05;

/// The part of the scaled Manhattan's mean in the user's density; the rest is the robust median's.
const MEAN_PART: f32 = 0.25;

/// The density of the population nowhere falls below this, so that a value which nobody has is no proof either.
const LEAST_DENSITY: f32 = 0.02;

/// How much of a change of speed that all keys share is forgiven.
const FORGIVEN_TEMPO: f32 = 0.2;

/// Features depend on each other, so their evidence counts for a fifth of its sum: fitted by logistic regression on both data sets
/// (0.17 to 0.30, for 5 to 20 samples and 6 to 14 keys).
const CALIBRATED_SLOPE: f32 = 0.2;

/// Evidence per feature at which user and others are equally likely, fitted in the same way (0.1 to 0.4).
const CALIBRATED_CENTRE: f32 = 0.3;

/// The bound of the natural logarithm: a factor of 20. Behaviour is copied, learned, and changed by a broken arm.
pub const BOUND: f32 = 3.0;

/// A bounded likelihood ratio.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Likelihood {
    log_ratio: f32,
}

impl Likelihood {
    fn from_evidence(evidence: f32, features: usize) -> Self {
        let centred = evidence - CALIBRATED_CENTRE * features as f32;
        // Never NaN: the densities are positive and finite.
        Self {
            log_ratio: (CALIBRATED_SLOPE * centred).clamp(-BOUND, BOUND),
        }
    }

    /// What several independent samples say together, within the same bound; `None` if there is none.
    #[must_use]
    pub fn fused(samples: impl IntoIterator<Item = Self>) -> Option<Self> {
        let sum = samples
            .into_iter()
            .map(|one| one.log_ratio)
            .reduce(|sum, one| sum + one)?;
        Some(Self {
            log_ratio: sum.clamp(-BOUND, BOUND),
        })
    }

    /// The natural logarithm of how much likelier the sample is from the user than from others, from −[`BOUND`] to [`BOUND`].
    #[must_use]
    pub const fn log_ratio(self) -> f32 {
        self.log_ratio
    }

    /// The probability that it is not the user, if both were equally likely before: from 0.05 to 0.95.
    #[must_use]
    pub fn suspicion(self) -> f32 {
        1.0 / (1.0 + self.log_ratio.exp())
    }
}

impl Model {
    /// How much likelier a sample is from this user; `None` if it has another shape.
    #[must_use]
    pub fn likelihood(&self, sample: &BehaviourSample) -> Option<Likelihood> {
        let evidence = self.evidence(sample)?;
        let features = self
            .pairs(sample)
            .filter(|(expected, _)| !expected.is_still);
        Some(Likelihood::from_evidence(evidence, features.count()))
    }

    /// The sum of the logarithms of the features' likelihood ratios, neither calibrated nor bounded: error rates are measured with it.
    #[must_use]
    pub fn evidence(&self, sample: &BehaviourSample) -> Option<f32> {
        if sample.shape() != self.shape() {
            return None;
        }
        let hold = FORGIVEN_TEMPO * self.change_of(Tempo::Hold, sample);
        let flight = FORGIVEN_TEMPO * self.change_of(Tempo::Flight, sample);
        let moving = self
            .pairs(sample)
            .filter(|(expected, _)| !expected.is_still);
        let evidence = moving.map(|(expected, value)| {
            let forgiven = match expected.kind.tempo() {
                Some(Tempo::Hold) => value - hold,
                Some(Tempo::Flight) => value - flight,
                None => value,
            };
            expected.evidence(value, forgiven)
        });
        Some(evidence.sum())
    }

    /// By how much the features of a tempo are slower than expected: the median, as a logarithm.
    fn change_of(&self, tempo: Tempo, sample: &BehaviourSample) -> f32 {
        let mut changes = [0.0; 2 * MAX_VALUES];
        let of_tempo = self
            .pairs(sample)
            .filter(|(expected, _)| expected.kind.tempo() == Some(tempo));
        let mut count = 0;
        for (change, (expected, value)) in changes.iter_mut().zip(of_tempo) {
            *change = value - expected.median;
            count += 1;
        }
        match changes.get_mut(..count) {
            None | Some([]) => 0.0,
            Some(changes) => *changes.select_nth_unstable_by(count / 2, f32::total_cmp).1,
        }
    }
}

impl Expected {
    /// The logarithm of the likelihood ratio. The population is asked about the value as it is; forgiving is the user's own.
    fn evidence(&self, value: f32, forgiven: f32) -> f32 {
        let population = self.kind.population();
        let anyone = normal(value, population.mean, population.deviation).max(0.0) + LEAST_DENSITY;
        let median = laplace(forgiven, self.median, self.deviation);
        let mean = laplace(forgiven, self.mean, self.deviation);
        let steady = MEAN_PART * mean + (1.0 - MEAN_PART) * median;
        let user = (1.0 - SLIPS) * steady + SLIPS * anyone;
        (user / anyone).ln()
    }
}

fn laplace(value: f32, centre: f32, deviation: f32) -> f32 {
    (-(value - centre).abs() / deviation).exp() / (2.0 * deviation)
}

fn normal(value: f32, mean: f32, deviation: f32) -> f32 {
    const ROOT_OF_TWO_PI: f32 = 2.506_628_3;
    let distance = (value - mean) / deviation;
    (-0.5 * distance * distance).exp() / (deviation * ROOT_OF_TWO_PI)
}
