//! Recovery of access.

use super::{duration, error::ConfigError, values::Values};
use latchkey_domain::identity::recovery::{MAX_COOLING_OFF, MIN_COOLING_OFF};
use time::Duration;

/// Recovery of access.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    /// How long a device in recovery waits before it may add a passkey.
    pub cooling_off: Duration,
}

impl Recovery {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        const NAME: &str = "recovery.cooling_off";
        let text = values.text(NAME);
        let refuse = |problem: &str| {
            let remedy = "write a duration from 1h to 30d, like 24h; without any, a recovery code would be worth as much as a passkey";
            Err(values.refuse(NAME, text, problem, remedy))
        };
        match duration::parse(text) {
            Err(_) => refuse("that is not a duration"),
            Ok(time) if time < MIN_COOLING_OFF || time > MAX_COOLING_OFF => {
                refuse("that is too short or too long")
            }
            Ok(cooling_off) => Ok(Self { cooling_off }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF;

    #[test]
    fn audit_46_a_recovery_always_waits() {
        let read = |text: &str| {
            let mut values = Values::defaults();
            values.put_flag("recovery.cooling_off", "--flag", text);
            Recovery::read(&values).map(|recovery| recovery.cooling_off)
        };
        let default = Recovery::read(&Values::defaults()).unwrap();
        assert_eq!(default.cooling_off, DEFAULT_COOLING_OFF);
        assert_eq!(read("1h").unwrap(), Duration::HOUR);
        assert_eq!(read("30d").unwrap(), Duration::days(30));
        for text in ["", "0", "0s", "59m", "31d", "off", "-1h"] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains("from 1h to 30d"), "{error}");
        }
    }
}
