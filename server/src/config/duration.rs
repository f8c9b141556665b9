//! Durations as operators type them: `90m`, `24h`, `30d`, `1h 30m`.

use time::Duration;

/// Parses a duration.
///
/// # Errors
/// What to write instead.
pub(crate) fn parse(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text)
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or("write a number and a unit, like 90m, 24h or 30d")
}
