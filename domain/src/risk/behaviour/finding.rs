//! What all samples of one request say together.

use super::{likelihood::Likelihood, template::Verdict};
use crate::risk;

/// What all samples of one request say together. `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Finding {
    /// How likely the behaviour is the user's.
    pub likelihood: Option<risk::Likelihood>,
    /// Whether one of them comes from a program.
    pub is_synthetic: Option<bool>,
}

impl Finding {
    /// Fuses verdicts about different fields. An anomaly is its own signal and says nothing about whose behaviour it is; nor does it hide what
    /// the other fields say.
    #[must_use]
    pub fn of(verdicts: &[Verdict]) -> Self {
        let compared = verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Compared(likelihood) => Some(*likelihood),
            Verdict::Anomalous(_) | Verdict::Unknown(_) => None,
        });
        let is_anomalous = |verdict: &Verdict| matches!(verdict, Verdict::Anomalous(_));
        Self {
            likelihood: Likelihood::fused(compared).map(risk::Likelihood::from),
            is_synthetic: (!verdicts.is_empty()).then(|| verdicts.iter().any(is_anomalous)),
        }
    }
}
