//! What is stored of a user's behaviour: the last samples, from strong sign-ins only.

use super::{
    anomaly::Anomaly,
    likelihood::Likelihood,
    matcher::Model,
    sample::{BehaviourSample, Group, features},
};
use crate::identity::device::AuthMethod;

mod encoding;

/// Fewer samples are compared with nothing.
pub const LEAST_SAMPLES: usize = 5;

/// Older samples are dropped: the last twenty recognise a user better than all of them.
pub const MOST_SAMPLES: usize = 20;

/// The proof that a sign-in does not rest on behaviour. Otherwise an intruder who gets in once would teach the template their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrongSignIn(());

impl StrongSignIn {
    /// A passkey with user verification, on this device. A code can be phished, and whoever approves on another device does not type here.
    #[must_use]
    pub const fn by(method: AuthMethod) -> Option<Self> {
        match method {
            AuthMethod::PasskeySynced | AuthMethod::PasskeyDeviceBound => Some(Self(())),
            AuthMethod::Code
            | AuthMethod::LinkAndCode
            | AuthMethod::PasskeyRemoved
            | AuthMethod::Approval
            | AuthMethod::Recovery
            | AuthMethod::Diagnostic => None,
        }
    }
}

/// Samples of one shape, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    samples: Vec<BehaviourSample>,
}

/// Why a sample is not learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLearned {
    /// It comes from a program.
    #[error("synthetic sample")]
    Anomalous(Anomaly),
}

/// What a sample says about who made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Nothing: neutral, and never counted as the user's.
    Unknown(Unknown),
    /// It comes from a program.
    Anomalous(Anomaly),
    /// It was compared.
    Compared(Likelihood),
}

/// Why nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// The user has not opted in, or is exempt.
    Exempt,
    /// The browser sent no sample, or one that is not valid.
    NoSample,
    /// There is no template, or it has fewer samples than [`LEAST_SAMPLES`].
    NotEnrolled,
    /// The sample has another number of keys, or other kinds, than the template.
    OtherShape,
}

impl Verdict {
    /// How suspicious the sample is, from 0 to 1; `None` if nothing is known.
    #[must_use]
    pub fn suspicion(self) -> Option<f32> {
        match self {
            Self::Unknown(_) => None,
            Self::Anomalous(_) => Some(1.0),
            Self::Compared(likelihood) => Some(likelihood.suspicion()),
        }
    }
}

impl Template {
    /// The template with its first sample.
    ///
    /// # Errors
    /// If the sample comes from a program.
    pub fn begin(sample: BehaviourSample, _proof: StrongSignIn) -> Result<Self, NotLearned> {
        match sample.anomaly() {
            Some(anomaly) => Err(NotLearned::Anomalous(anomaly)),
            None => Ok(Self {
                samples: vec![sample],
            }),
        }
    }

    /// Learns one more sample and forgets the oldest of more than [`MOST_SAMPLES`]. One of another shape (a new address, another
    /// keyboard) begins again, because it cannot be compared with the others.
    ///
    /// # Errors
    /// If the sample comes from a program or was learned before.
    pub fn learn(
        mut self,
        sample: BehaviourSample,
        proof: StrongSignIn,
    ) -> Result<Self, NotLearned> {
        if sample.shape() != self.shape() {
            return Self::begin(sample, proof);
        }
        if let Some(anomaly) = self.anomaly(&sample) {
            return Err(NotLearned::Anomalous(anomaly));
        }
        if self.samples.len() >= MOST_SAMPLES {
            self.samples.drain(..=self.samples.len() - MOST_SAMPLES);
        }
        self.samples.push(sample);
        Ok(self)
    }

    /// Whether there are enough samples to compare with.
    #[must_use]
    pub const fn is_enrolled(&self) -> bool {
        self.samples.len() >= LEAST_SAMPLES
    }

    /// The stored samples, the oldest first: from one to [`MOST_SAMPLES`].
    #[must_use]
    pub fn samples(&self) -> &[BehaviourSample] {
        &self.samples
    }

    /// Which samples can be compared.
    #[must_use]
    pub fn shape(&self) -> &[Group] {
        self.samples.first().map_or(&[], BehaviourSample::shape)
    }

    /// Compares a sample. Replays of stored samples show before there are enough to compare with.
    #[must_use]
    pub fn assess(&self, sample: &BehaviourSample) -> Verdict {
        if let Some(anomaly) = self.anomaly(sample) {
            return Verdict::Anomalous(anomaly);
        }
        if sample.shape() != self.shape() {
            return Verdict::Unknown(Unknown::OtherShape);
        }
        if !self.is_enrolled() {
            return Verdict::Unknown(Unknown::NotEnrolled);
        }
        let compared = Model::fit(&self.samples).and_then(|model| model.likelihood(sample));
        compared.map_or(Verdict::Unknown(Unknown::OtherShape), Verdict::Compared)
    }

    fn anomaly(&self, sample: &BehaviourSample) -> Option<Anomaly> {
        let is_replayed = self
            .samples
            .iter()
            .any(|stored| sample.is_replay_of(stored));
        match is_replayed {
            true => Some(Anomaly::Replayed),
            false => sample.anomaly(),
        }
    }
}
