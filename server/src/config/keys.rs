//! Signing keys.

use super::{duration, error::ConfigError, values::Values};
use time::Duration;

/// How long a key can sign: shorter than a day gains nothing, because what it signs ends after fifteen minutes.
const LIFETIMES: std::ops::RangeInclusive<Duration> = Duration::DAY..=Duration::days(730);

/// Signing keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// For how long a key for tokens signs; `None` until somebody rotates it.
    pub rotation: Option<Duration>,
}

impl Keys {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        const NAME: &str = "keys.rotation";
        let text = values.text(NAME);
        if text == "off" {
            return Ok(Self { rotation: None });
        }
        match duration::parse(text) {
            Ok(rotation) if LIFETIMES.contains(&rotation) => Ok(Self {
                rotation: Some(rotation),
            }),
            found => Err(values.refuse(
                NAME,
                text,
                match found {
                    Ok(_) => "that is too short or too long",
                    Err(_) => "that is not a duration",
                },
                "write a duration from 1d to 730d, like 90d, or off",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_57_keys_for_tokens_replace_themselves_after_90_days_unless_a_setting_says_otherwise() {
        let rotation = |text: &str| {
            let mut values = Values::defaults();
            values.put_flag("keys.rotation", "--flag", text);
            Keys::read(&values).map(|keys| keys.rotation)
        };
        let default = Keys::read(&Values::defaults()).unwrap();
        assert_eq!(default.rotation, Some(Duration::days(90)));
        assert_eq!(rotation("30d").unwrap(), Some(Duration::days(30)));
        assert_eq!(rotation("off").unwrap(), None);
        for text in ["", "23h", "731d", "never", "-90d", "0"] {
            let error = rotation(text).unwrap_err().to_string();
            assert!(error.contains("from 1d to 730d"), "{error}");
        }
    }
}
