//! Times as people type them: `90m`, `24h`, `30d`; `2026-12-31`, `2026-12-31T18:00:00Z`.

pub(super) use crate::config::span::Span;
use std::str::FromStr;
use time::{
    Date, Duration, OffsetDateTime, Time, format_description::well_known::Rfc3339,
    macros::format_description,
};

/// When something ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long from now.
    After(Duration),
    /// Then.
    At(OffsetDateTime),
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(Span(span)) = text.parse() {
            return Ok(Self::After(span));
        }
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::At(time));
        }
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"))
            .ok()
            .and_then(Date::next_day);
        // The day that is named is still in: the end is the midnight after it.
        day.map(|day| Self::At(day.with_time(Time::MIDNIGHT).assume_utc()))
            .ok_or("write 30d, 2026-12-31 or 2026-12-31T18:00:00Z")
    }
}

impl Moment {
    pub(super) fn from(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::After(span) => now.saturating_add(span),
            Self::At(time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn spans_and_moments_are_read_as_typed() {
        assert_eq!("90m".parse(), Ok(Span(Duration::minutes(90))));
        assert_eq!("30d".parse(), Ok(Moment::After(Duration::days(30))));
        assert_eq!(
            "2026-12-31".parse(),
            Ok(Moment::At(datetime!(2027-01-01 0:00 UTC)))
        );
        assert_eq!(
            "2026-12-31T18:00:00Z".parse(),
            Ok(Moment::At(datetime!(2026-12-31 18:00 UTC)))
        );
        for text in [
            "",
            "d",
            "5",
            "-5d",
            "5w",
            "5ü",
            "99999999999d",
            "2026-13-01",
            "tomorrow",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
