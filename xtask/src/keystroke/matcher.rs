//! The matchers of the domain, on recorded samples.

use latchkey_domain::risk::behaviour::{
    feature::Kind,
    matcher::{Model, ScaledManhattan},
    sample::{BehaviourSample, MAX_VALUES, Measurement},
};

use super::data::{Recording, Sample};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matcher {
    /// As published: hold times and both intervals, as they are.
    ScaledManhattan,
    Robust,
    /// What decides in the product.
    Fused,
    /// The same with the columns of the touch.
    FusedTouch,
}

impl Matcher {
    pub(super) fn for_recording(recording: &Recording) -> Vec<Self> {
        let mut matchers = vec![Self::ScaledManhattan, Self::Robust, Self::Fused];
        if recording.has_touch() {
            matchers.push(Self::FusedTouch);
        }
        matchers
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ScaledManhattan => "scaled-manhattan",
            Self::Robust => "robust-manhattan",
            Self::Fused => "fused",
            Self::FusedTouch => "fused-with-touch",
        }
    }

    /// Learns; `None` if no sample is valid.
    pub(super) fn fit(self, samples: &[Sample]) -> Option<Fitted> {
        match self {
            Self::ScaledManhattan => {
                let rows: Vec<_> = samples.iter().map(row).collect();
                let rows: Vec<_> = rows.iter().map(Vec::as_slice).collect();
                ScaledManhattan::fit(&rows).map(Fitted::Row)
            }
            Self::Robust | Self::Fused | Self::FusedTouch => {
                // A sample that the product would refuse teaches nothing here either.
                let samples: Vec<_> = samples
                    .iter()
                    .filter_map(|sample| self.behaviour(sample))
                    .collect();
                Model::fit(&samples).map(|model| Fitted::Model(self, model))
            }
        }
    }

    fn behaviour(self, sample: &Sample) -> Option<BehaviourSample> {
        let keys = sample.holds.len().min(MAX_VALUES);
        let touch = sample.touch.get(..sample.touch.len().min(MAX_VALUES))?;
        let of = |kind, values| Measurement { kind, values };
        let all = [
            of(Kind::Hold, sample.holds.get(..keys)?),
            of(Kind::PressToPress, sample.presses.get(..keys - 1)?),
            of(Kind::TouchSize, touch),
        ];
        let used = match self {
            Self::FusedTouch => &all[..],
            _ => all.get(..2)?,
        };
        BehaviourSample::new(used).ok()
    }
}

/// A matcher that has learned someone.
#[derive(Debug)]
pub(super) enum Fitted {
    Row(ScaledManhattan),
    Model(Matcher, Model),
}

impl Fitted {
    /// The greater, the less like them. A sample that the product would refuse is not recognised: it is as far as can be.
    pub(super) fn distance(&self, sample: &Sample) -> Option<f64> {
        let distance = match self {
            Self::Row(matcher) => Some(matcher.distance(&row(sample))),
            Self::Model(Matcher::Robust, model) => {
                let sample = Matcher::Robust.behaviour(sample);
                sample.and_then(|sample| model.distance(&sample))
            }
            Self::Model(matcher, model) => {
                let sample = matcher.behaviour(sample);
                let evidence = sample.and_then(|sample| model.evidence(&sample));
                evidence.map(|evidence| -evidence)
            }
        };
        Some(distance.map_or(f64::INFINITY, f64::from))
    }
}

impl Fitted {
    /// Whether the product takes it for the user's rather than somebody else's.
    pub(super) fn is_accepted(&self, sample: &Sample) -> bool {
        match self {
            Self::Row(_) => false,
            Self::Model(matcher, model) => matcher
                .behaviour(sample)
                .and_then(|sample| model.likelihood(&sample))
                .is_some_and(|likelihood| likelihood.log_ratio() > 0.0),
        }
    }
}

/// Hold times, from press to press, and from release to press, like the columns of the published data.
fn row(sample: &Sample) -> Vec<f32> {
    let Sample { holds, presses, .. } = sample;
    let from_release = presses.iter().zip(holds).map(|(press, hold)| press - hold);
    let all = holds.iter().chain(presses).copied().chain(from_release);
    all.map(|value| value as f32).collect()
}
