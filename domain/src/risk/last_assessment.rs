//! The last assessment of a device, as services hear of it.

use super::{assessment::Level, challenge::Mode, note::RiskNote};
use time::OffsetDateTime;

/// The last assessment of a device that was not low, and had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastAssessment {
    /// How high it was.
    pub level: Level,
    /// When.
    pub at: OffsetDateTime,
}

impl LastAssessment {
    /// After a sign-in, which is what counts from then on. `None` is low, also where scores have no effect.
    #[must_use]
    pub fn of_sign_in(note: Option<&RiskNote>, at: OffsetDateTime) -> Option<Self> {
        let note = note.filter(|note| note.mode == Mode::Enforce)?;
        let level = note.assessment.level;
        (level > Level::Low).then_some(Self { level, at })
    }

    /// After a return without a sign-in, which never makes less of what was before: whoever stole the cookie could come back as its user would.
    #[must_use]
    pub fn of_return(before: Option<Self>, note: &RiskNote, at: OffsetDateTime) -> Option<Self> {
        let level = |one: Option<Self>| one.map_or(Level::Low, |one| one.level);
        let this = Self::of_sign_in(Some(note), at);
        match level(this) >= level(before) {
            true => this,
            false => before,
        }
    }
}

/// The strongest that was used on a device since its last assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Answer {
    /// No passkey.
    #[default]
    None,
    /// A passkey.
    Passkey,
    /// A passkey that cannot leave its authenticator (WebAuthn L3 §6.1.3).
    DeviceBoundPasskey,
}

/// How unusual a device was last, and what was done about it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRisk {
    /// The level of its last assessment.
    pub level: Level,
    /// What was used on it since.
    pub answer: Answer,
}

impl DeviceRisk {
    /// Nothing was unusual, or nothing is assessed.
    pub const NONE: Self = Self {
        level: Level::Low,
        answer: Answer::None,
    };
}

impl Default for DeviceRisk {
    fn default() -> Self {
        Self::NONE
    }
}
