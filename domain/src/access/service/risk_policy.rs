//! What a service makes of how unusual a device was last.

use crate::risk::{Answer, DeviceRisk, Level};
use serde::{Deserialize, Serialize};

/// What a service asks for by level, beside its [`Policy`](super::Policy) and beside what the level asks for everywhere. It can only
/// ask for more: a score weakens no policy, and a service does not open itself to a device that owes an authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RiskPolicy {
    /// Whether the service hears of the level, in `Latchkey-Risk`.
    pub tells_level: bool,
    /// From this level, a passkey has to be used after the assessment.
    pub passkey_from: Option<RaisedLevel>,
    /// From this level, one that cannot leave its authenticator.
    pub device_bound_from: Option<RaisedLevel>,
}

/// A level from which a service can ask for more: devices that are held open nothing anyway.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RaisedLevel {
    /// From 20.
    Medium,
    /// From 50.
    High,
}

impl RaisedLevel {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; an unknown one asks for more sooner.
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or(Self::Medium)
    }

    const fn level(self) -> Level {
        match self {
            Self::Medium => Level::Medium,
            Self::High => Level::High,
        }
    }
}

impl RiskPolicy {
    /// Whether what was used on a device since its last assessment is enough.
    #[must_use]
    pub fn is_satisfied_by(&self, risk: DeviceRisk) -> bool {
        let asks = |from: Option<RaisedLevel>| from.is_some_and(|from| from.level() <= risk.level);
        (!asks(self.passkey_from) || risk.answer >= Answer::Passkey)
            && (!asks(self.device_bound_from) || risk.answer == Answer::DeviceBoundPasskey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Held, High, Low, Medium};

    #[test]
    fn a_service_asks_for_more_from_its_level() {
        let policy = RiskPolicy {
            tells_level: false,
            passkey_from: Some(RaisedLevel::Medium),
            device_bound_from: Some(RaisedLevel::High),
        };
        for (level, least) in [
            (Low, Answer::None),
            (Medium, Answer::Passkey),
            (High, Answer::DeviceBoundPasskey),
            (Held, Answer::DeviceBoundPasskey),
        ] {
            for answer in [Answer::None, Answer::Passkey, Answer::DeviceBoundPasskey] {
                let is_satisfied = policy.is_satisfied_by(DeviceRisk { level, answer });
                assert_eq!(is_satisfied, answer >= least, "{level:?} {answer:?}");
                let any = RiskPolicy::default();
                assert!(any.is_satisfied_by(DeviceRisk { level, answer }));
            }
        }
        assert_eq!(RaisedLevel::from_word("low"), RaisedLevel::Medium);
    }
}
