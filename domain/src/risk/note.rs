//! An assessment as the audit log keeps it, in one line of words.

use super::{
    assessment::{Assessment, Level, Reason},
    challenge::{Demand, Mode},
    factor::Factor,
};
use std::{fmt, str::FromStr};

/// An assessment, and what came of it: `70 high enforce passkey unusual_location:30 new_device:25 unusual_time:15`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskNote {
    /// The score with its reasons.
    pub assessment: Assessment,
    /// Whether it had an effect.
    pub mode: Mode,
    /// What it asked for, or would have.
    pub demand: Demand,
}

/// The text is not a note of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the note of an assessment")]
pub struct NoteError;

impl RiskNote {
    /// The field of an entry's changes that has it.
    pub const FIELD: &'static str = "risk";

    /// What is asked for: nothing unless scores have an effect.
    #[must_use]
    pub const fn enforced(&self) -> Demand {
        match self.mode {
            Mode::Enforce => self.demand,
            Mode::Off | Mode::Shadow => Demand::Nothing,
        }
    }
}

impl fmt::Display for RiskNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Assessment {
            score,
            level,
            reasons,
        } = &self.assessment;
        let (level, mode) = (level.as_str(), self.mode.as_str());
        write!(f, "{score} {level} {mode} {}", self.demand.as_str())?;
        for Reason { factor, points } in reasons {
            write!(f, " {}:{points}", factor.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for RiskNote {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or(NoteError);
        let score: u8 = next()?.parse().map_err(|_| NoteError)?;
        let level: Level = next()?.parse().map_err(|_| NoteError)?;
        let mode: Mode = next()?.parse().map_err(|_| NoteError)?;
        let demand: Demand = next()?.parse().map_err(|_| NoteError)?;
        let reasons = words.map(|word| {
            let (factor, points) = word.split_once(':').ok_or(NoteError)?;
            Ok(Reason {
                factor: factor.parse::<Factor>().map_err(|_| NoteError)?,
                points: points.parse().map_err(|_| NoteError)?,
            })
        });
        Ok(Self {
            assessment: Assessment {
                score,
                level,
                reasons: reasons.collect::<Result<_, NoteError>>()?,
            },
            mode,
            demand,
        })
    }
}
