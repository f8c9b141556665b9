//! Spans of time as people type them: `90m`, `24h`, `30d`.

use std::str::FromStr;
use time::Duration;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HELP: &str = "write a number and a unit, like 90m, 24h or 30d";
        let unit = text.chars().last().ok_or(HELP)?;
        let number = text
            .strip_suffix(unit)
            .and_then(|number| number.parse::<u32>().ok())
            .ok_or(HELP)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(HELP),
        };
        Ok(Self(Duration::seconds(i64::from(number) * seconds)))
    }
}
