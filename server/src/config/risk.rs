//! How unusual sign-ins are assessed.

use super::{error::ConfigError, values::Values};
use latchkey_domain::risk::{MAX_POINTS, Mode, WeightError, Weights};
use latchkey_engine::{RiskMode, RiskSettings};
use std::path::PathBuf;

/// How unusual sign-ins are assessed.
#[derive(Debug, Clone)]
pub struct Risk {
    /// For the engine.
    pub settings: RiskSettings,
}

impl Risk {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        Ok(Self {
            settings: RiskSettings {
                mode: mode(values)?,
                behaviour: behaviour(values)?,
                weights: weights(values)?,
                location_file: values.path("risk.location_file"),
                block_lists: (values.list("risk.block_lists").iter())
                    .map(PathBuf::from)
                    .collect(),
            },
        })
    }
}

fn mode(values: &Values) -> Result<RiskMode, ConfigError> {
    let text = values.text("risk.mode");
    match (text, text.parse::<Mode>()) {
        ("auto", _) => Ok(RiskMode::Automatic),
        (_, Ok(mode)) => Ok(RiskMode::Fixed(mode)),
        (_, Err(_)) => Err(values.refuse(
            "risk.mode",
            text,
            "that is not a mode",
            "write off, shadow, enforce or auto",
        )),
    }
}

fn behaviour(values: &Values) -> Result<bool, ConfigError> {
    const NAME: &str = "risk.behaviour";
    match values.text(NAME) {
        "true" => Ok(true),
        "false" => Ok(false),
        text => Err(values.refuse(NAME, text, "it is on or off", "write true or false")),
    }
}

fn weights(values: &Values) -> Result<Weights, ConfigError> {
    const NAME: &str = "risk.weights";
    let list = values.list(NAME);
    (Weights::default().with_list(list.iter().map(String::as_str))).map_err(|(cause, entry)| {
        let problem = match cause {
            WeightError::Unreadable => "that is not a factor with its points",
            WeightError::UnknownFactor => "there is no such factor",
            WeightError::Points => "that is not a number of points",
        };
        let remedy = format!(
            "write factor=points, with points from 0 to {MAX_POINTS}; the defaults are {}",
            Weights::default()
        );
        values.refuse(NAME, &entry, problem, &remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::risk::Factor;

    fn read(name: &'static str, text: &str) -> Result<RiskSettings, String> {
        let mut values = Values::defaults();
        values.put_flag(name, "--flag", text);
        let risk = Risk::read(&values).map_err(|cause| cause.to_string());
        risk.map(|risk| risk.settings)
    }

    #[test]
    fn scores_are_only_recorded_at_first_unless_somebody_says_otherwise() {
        let default = Risk::read(&Values::defaults()).unwrap().settings;
        assert_eq!(default.mode, RiskMode::Automatic);
        assert_eq!(default.weights, Weights::default());
        assert!(!default.behaviour);
        assert!(default.location_file.is_none() && default.block_lists.is_empty());
        for (text, mode) in [
            ("auto", RiskMode::Automatic),
            ("off", RiskMode::Fixed(Mode::Off)),
            ("shadow", RiskMode::Fixed(Mode::Shadow)),
            ("enforce", RiskMode::Fixed(Mode::Enforce)),
        ] {
            assert_eq!(read("risk.mode", text).unwrap().mode, mode);
        }
        for text in ["", "on", "Enforce"] {
            let error = read("risk.mode", text).unwrap_err();
            assert!(error.contains("off, shadow, enforce or auto"), "{error}");
        }
    }

    #[test]
    fn audit_53_behaviour_is_compared_only_where_somebody_says_so() {
        assert!(read("risk.behaviour", "true").unwrap().behaviour);
        for text in ["", "yes", "1", "True"] {
            let error = read("risk.behaviour", text).unwrap_err();
            assert!(error.contains("true or false"), "{error}");
        }
    }

    #[test]
    fn each_factor_has_points_or_is_switched_off() {
        let weights = read("risk.weights", "new_device=40, automation=0")
            .unwrap()
            .weights;
        assert_eq!(weights.of(Factor::NewDevice), 40);
        assert_eq!(weights.of(Factor::Automation), 0);
        assert_eq!(weights.of(Factor::UnusualLocation), 30);
        for text in [
            "new_device",
            "new_devices=1",
            "new_device=101",
            "new_device=-1",
            "new_device=NaN",
        ] {
            let error = read("risk.weights", text).unwrap_err();
            assert!(error.contains("factor=points"), "{error}");
        }
    }
}
