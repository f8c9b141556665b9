//! How many requests of programs are accepted.

use super::{duration, error::ConfigError, values::Values};
use crate::web::admission::ProgramQuota;
use std::time::Duration;

/// The windows that a limit can have, in seconds: up to an hour.
const WINDOWS: std::ops::RangeInclusive<u64> = 1..=3600;

/// How many requests of programs are accepted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of each program, for each of its users.
    pub program: ProgramQuota,
}

impl Limits {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let requests = number(values, "limits.program_requests")?;
        let burst = number(values, "limits.program_burst")?;
        if requests > 0 && burst == 0 {
            return Err(values.refuse(
                "limits.program_burst",
                "0",
                "no request would be accepted",
                "write at least 1, or switch the limit off with limits.program_requests = 0",
            ));
        }
        Ok(Self {
            program: ProgramQuota {
                requests,
                window: window(values)?,
                burst,
            },
        })
    }
}

fn number(values: &Values, name: &'static str) -> Result<u32, ConfigError> {
    let text = values.text(name);
    let number = text.parse().ok().filter(|number| *number <= 1_000_000);
    number.ok_or_else(|| {
        values.refuse(
            name,
            text,
            "that is not a number from 0 to 1000000",
            "write it like 60",
        )
    })
}

fn window(values: &Values) -> Result<Duration, ConfigError> {
    const NAME: &str = "limits.program_window";
    let text = values.text(NAME);
    let window = duration::parse(text).ok();
    let seconds = window.and_then(|window| u64::try_from(window.whole_seconds()).ok());
    let seconds = seconds.filter(|seconds| WINDOWS.contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| {
        values.refuse(
            NAME,
            text,
            "that is not a time from 1s to 1h",
            "write it like 10s",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, text: &str) -> Result<ProgramQuota, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag(name, "--flag", text);
        Limits::read(&values).map(|limits| limits.program)
    }

    #[test]
    fn a_program_has_sixty_requests_a_second_unless_the_settings_say_otherwise() {
        let usual = ProgramQuota {
            requests: 60,
            window: Duration::from_secs(1),
            burst: 120,
        };
        let quota = with("limits.program_requests", "60").unwrap();
        assert_eq!(quota, usual);
        let slower = with("limits.program_window", "10s").unwrap();
        assert_eq!(slower.window, Duration::from_secs(10));
        assert_eq!(with("limits.program_requests", "0").unwrap().requests, 0);
        for (name, text) in [
            ("limits.program_requests", "-1"),
            ("limits.program_requests", "1000001"),
            ("limits.program_requests", ""),
            ("limits.program_window", "0s"),
            ("limits.program_window", "2h"),
            ("limits.program_window", "ten"),
            ("limits.program_burst", "0"),
        ] {
            let error = with(name, text).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
