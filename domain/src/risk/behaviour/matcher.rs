//! How far a sample is from what is expected of a user.
//!
//! *Scaled Manhattan* (Killourhy and Maxion 2009): the distances from the mean of each feature, divided by its mean absolute deviation,
//! added. It was among the best of their fourteen.
//!
//! *Robust*: the same with five changes. The features are logarithms,
//! so that a hesitation is not ten times as far as a rush. The centre is a median, so that one odd sample at enrolment moves nothing.
//! A feature's distance is cut, so that one slip does not outweigh thirty good keys. Deviations of few samples are drawn towards
//! the mean of their kind. Recent samples weigh more, because people change.

use super::{
    feature::Kind,
    sample::{BehaviourSample, Group},
};

/// No feature adds more to the robust distance: beyond five deviations, all are equally unlike the user.
pub const CUT: f32 = 5.0;

/// A sample weighs half as much as the one that came this many samples after it.
const HALF_LIFE: f32 = 5.0;

/// As many samples as the mean deviation of a kind counts for.
const SHRINKAGE: f32 = 1.0;

/// The least deviation, as a logarithm: three percent. Less is chance, or the resolution of a clock.
const LEAST_DEVIATION: f32 = 0.03;

/// A feature with a smaller deviation does not vary.
const STILL: f32 = 0.005;

/// The scaled Manhattan distance, on any numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaledManhattan {
    /// Mean and mean absolute deviation of each feature.
    features: Vec<(f32, f32)>,
}

impl ScaledManhattan {
    /// A feature that never varied gets this deviation, as in the authors' program: it would be divided by zero.
    const LEAST_DEVIATION: f32 = 1e-6;

    /// Learns from samples of one length; `None` if there is none or the lengths differ.
    #[must_use]
    pub fn fit(samples: &[&[f32]]) -> Option<Self> {
        let length = samples.first()?.len();
        if samples.iter().any(|sample| sample.len() != length) {
            return None;
        }
        let count = samples.len() as f32;
        let column = |feature: usize| samples.iter().filter_map(move |sample| sample.get(feature));
        let features = (0..length).map(|feature| {
            let mean = column(feature).sum::<f32>() / count;
            let deviation = column(feature)
                .map(|value| (value - mean).abs())
                .sum::<f32>()
                / count;
            (mean, deviation.max(Self::LEAST_DEVIATION))
        });
        Some(Self {
            features: features.collect(),
        })
    }

    /// The distance of a sample; infinite if it has another length.
    #[must_use]
    pub fn distance(&self, sample: &[f32]) -> f32 {
        if sample.len() != self.features.len() {
            return f32::INFINITY;
        }
        let features = self.features.iter().zip(sample);
        features
            .map(|((mean, deviation), value)| (value - mean).abs() / deviation)
            .sum()
    }
}

/// What is expected of one feature, as logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    pub(super) kind: Kind,
    /// The weighted median.
    pub(super) median: f32,
    /// The weighted mean.
    pub(super) mean: f32,
    /// The mean absolute deviation from the median, drawn towards that of its kind.
    pub(super) deviation: f32,
    /// Whether it does not vary. Hands do: it is the resolution of the clock or of the screen, which whoever has the same
    /// browser shares, so it is no evidence for anyone.
    pub(super) is_still: bool,
}

/// What is expected of a user: learned from samples of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    shape: Box<[Group]>,
    features: Vec<Expected>,
}

impl Model {
    /// Learns from samples, the oldest first; `None` if there is none or the shapes differ.
    #[must_use]
    pub fn fit(samples: &[BehaviourSample]) -> Option<Self> {
        let shape = samples.first()?.shape();
        if samples.iter().any(|sample| sample.shape() != shape) {
            return None;
        }
        let weights = weights(samples.len());
        let kinds = shape
            .iter()
            .flat_map(|group| std::iter::repeat_n(group.kind, usize::from(group.count)));
        let mut features: Vec<_> = kinds.map(Expected::unknown).collect();
        // Sample by sample: the additions to one feature depend on each other, those to different features do not.
        for (sample, weight) in samples.iter().zip(&weights) {
            for (expected, value) in features.iter_mut().zip(sample.values()) {
                expected.mean += logarithm(*value) * weight;
            }
        }
        let mut sorted = Vec::with_capacity(samples.len());
        for (place, expected) in features.iter_mut().enumerate() {
            let column = samples
                .iter()
                .filter_map(|sample| sample.values().get(place));
            expected.median = weighted_median(column.copied(), &weights, &mut sorted);
        }
        for (sample, weight) in samples.iter().zip(&weights) {
            for (expected, value) in features.iter_mut().zip(sample.values()) {
                expected.deviation += (logarithm(*value) - expected.median).abs() * weight;
            }
        }
        draw_towards_kind(shape, &mut features, samples.len());
        Some(Self {
            shape: shape.into(),
            features,
        })
    }

    /// Which samples can be compared.
    #[must_use]
    pub fn shape(&self) -> &[Group] {
        &self.shape
    }

    /// The robust distance, in deviations per feature: from 0 to [`CUT`]; `None` if the sample has another shape.
    #[must_use]
    pub fn distance(&self, sample: &BehaviourSample) -> Option<f32> {
        if sample.shape() != &*self.shape {
            return None;
        }
        let sum: f32 = self
            .pairs(sample)
            .map(|(expected, value)| (expected.distance(value)).min(CUT))
            .sum();
        Some(sum / self.features.len().max(1) as f32)
    }

    /// Each expected feature with the logarithm in a sample of the same shape.
    pub(super) fn pairs(&self, sample: &BehaviourSample) -> impl Iterator<Item = (&Expected, f32)> {
        let values = sample.values().iter();
        self.features
            .iter()
            .zip(values.map(|value| logarithm(*value)))
    }
}

impl Expected {
    const fn unknown(kind: Kind) -> Self {
        Self {
            kind,
            median: 0.0,
            mean: 0.0,
            deviation: 0.0,
            is_still: false,
        }
    }

    /// The distance from the median, in deviations.
    fn distance(&self, value: f32) -> f32 {
        (value - self.median).abs() / self.deviation
    }
}

/// Thousandths as a number.
pub(super) fn logarithm(thousandths: i16) -> f32 {
    f32::from(thousandths) * 0.001
}

/// The weights of samples, the oldest first; their sum is 1.
fn weights(samples: usize) -> Vec<f32> {
    let weight = |age: usize| (-(age as f32) / HALF_LIFE).exp2();
    let sum: f32 = (0..samples).map(weight).sum();
    (0..samples).rev().map(|age| weight(age) / sum).collect()
}

/// The least value that half of the weight does not exceed.
fn weighted_median(
    column: impl Iterator<Item = i16>,
    weights: &[f32],
    sorted: &mut Vec<(i16, f32)>,
) -> f32 {
    sorted.clear();
    sorted.extend(column.zip(weights.iter().copied()));
    sorted.sort_unstable_by_key(|(value, _)| *value);
    let mut below = 0.0;
    for (value, weight) in sorted.iter() {
        below += weight;
        // Less than half by as much as the sum of the weights is rounded.
        if below >= 0.499_99 {
            return logarithm(*value);
        }
    }
    0.0
}

/// Five samples say little about a deviation; thirty features of a kind say more together.
fn draw_towards_kind(shape: &[Group], features: &mut [Expected], samples: usize) {
    let samples = samples as f32;
    let mut rest = features;
    for group in shape {
        let Some((kind, others)) = rest.split_at_mut_checked(usize::from(group.count)) else {
            return;
        };
        let sum: f32 = kind.iter().map(|expected| expected.deviation).sum();
        let mean = sum / kind.len() as f32;
        for expected in kind {
            let drawn = (samples * expected.deviation + SHRINKAGE * mean) / (samples + SHRINKAGE);
            expected.is_still = expected.deviation < STILL;
            expected.deviation = drawn.max(LEAST_DEVIATION);
        }
        rest = others;
    }
}
