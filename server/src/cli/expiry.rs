//! When something expires, as operators type it: `30d`, `2026-12-31`, `2026-12-31T18:00:00Z`.

use crate::config::duration;
use std::str::FromStr;
use time::{
    Date, Duration, OffsetDateTime, Time, format_description::well_known::Rfc3339,
    macros::format_description,
};

/// When something expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// This long from now.
    After(Duration),
    /// At this time.
    At(OffsetDateTime),
}

impl FromStr for Expiry {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(duration) = duration::parse(text) {
            return Ok(Self::After(duration));
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::At(time));
        }
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"))
            .ok()
            .and_then(Date::next_day);
        // The named day is included: it ends at the following midnight.
        day.map(|day| Self::At(day.with_time(Time::MIDNIGHT).assume_utc()))
            .ok_or("write 30d, 2026-12-31 or 2026-12-31T18:00:00Z")
    }
}

impl Expiry {
    pub(super) fn from(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::After(duration) => now.saturating_add(duration),
            Self::At(time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn durations_days_and_times_are_parsed() {
        for (text, expiry) in [
            ("90m", Expiry::After(Duration::minutes(90))),
            ("30d", Expiry::After(Duration::days(30))),
            ("1h 30m", Expiry::After(Duration::minutes(90))),
            ("2026-12-31", Expiry::At(datetime!(2027-01-01 0:00 UTC))),
            (
                "2026-12-31T18:00:00Z",
                Expiry::At(datetime!(2026-12-31 18:00 UTC)),
            ),
        ] {
            assert_eq!(text.parse(), Ok(expiry), "{text}");
        }
        for text in [
            "",
            "d",
            "5",
            "-5d",
            "5ü",
            "99999999999999999999d",
            "2026-13-01",
            "tomorrow",
        ] {
            assert!(text.parse::<Expiry>().is_err(), "{text}");
        }
    }
}
