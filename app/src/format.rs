//! Times, numbers and names as text, in the language of the page.

use crate::messages::{Key, Message, m};
use latchkey_domain::name::DisplayName;
use time::{Date, Month, OffsetDateTime, Weekday};

/// A duration, rounded up: `40 seconds`, `2 minutes`, `1 hour`.
#[must_use]
pub fn span(duration: std::time::Duration) -> Message {
    let seconds = duration.as_secs().max(1);
    match seconds {
        0..=90 => m::count_seconds(seconds),
        91..=5400 => m::count_minutes(seconds.div_ceil(60)),
        5401..=172_800 => m::count_hours(seconds.div_ceil(3600)),
        _ => m::count_days(seconds.div_ceil(86_400)),
    }
}

/// A duration in its largest whole unit: `7 days`, `12 hours`, `90 minutes`.
#[must_use]
pub fn whole(duration: std::time::Duration) -> Message {
    match duration.as_secs() {
        seconds if seconds >= 86_400 && seconds % 86_400 == 0 => m::count_days(seconds / 86_400),
        seconds if seconds >= 3600 && seconds % 3600 == 0 => m::count_hours(seconds / 3600),
        seconds if seconds >= 60 && seconds % 60 == 0 => m::count_minutes(seconds / 60),
        seconds => m::count_seconds(seconds),
    }
}

/// The first name of a user, to greet them with.
#[must_use]
pub fn first_name(name: &DisplayName) -> String {
    let name = name.as_str();
    name.split(' ').next().unwrap_or(name).to_owned()
}

/// The name of a service as a heading: `photo-gallery` is `Photo gallery`.
#[must_use]
pub fn title(name: &str) -> String {
    let spaced = name.replace('-', " ");
    let mut letters = spaced.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A time relative to `now`: `just now`, `18 minutes ago`, `yesterday`, `in 3 days`.
#[must_use]
pub fn relative(at: OffsetDateTime, now: OffsetDateTime) -> Message {
    let seconds = (now - at).whole_seconds();
    let days = (now.date() - at.date()).whole_days();
    let size = seconds.unsigned_abs();
    let (amount, is_past) = match (size, days) {
        (..60, _) => return m::JUST_NOW.into(),
        (60..3600, _) => (m::count_minutes(size / 60), seconds > 0),
        // From 12 hours on, `yesterday` is clearer than `14 hours ago`.
        (3600..43_200, _) | (_, 0) => (m::count_hours(size / 3600), seconds > 0),
        (_, 1) => return m::YESTERDAY.into(),
        (_, -1) => return m::TOMORROW.into(),
        (_, days) => (long(days.unsigned_abs()), days > 0),
    };
    if is_past {
        m::time_ago(amount)
    } else {
        m::time_ahead(amount)
    }
}

fn long(days: u64) -> Message {
    match days {
        ..14 => m::count_days(days),
        14..61 => m::count_weeks(days / 7),
        61..730 => m::count_months(days / 30),
        _ => m::count_years(days / 365),
    }
}

/// `Friday 21 November 2025, 09:14:02 UTC`.
#[must_use]
pub fn exact(at: OffsetDateTime) -> Message {
    let (hour, minute, second) = at.to_hms();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    m::time_exact(clock, date(at.date()), weekday(at.weekday()))
}

/// `21 November 2025`.
#[must_use]
pub fn date(date: Date) -> Message {
    let (year, month_of_year, day) = date.to_calendar_date();
    m::date(day.to_string(), month(month_of_year), year.to_string())
}

/// `21 November`, for days that are near.
#[must_use]
pub fn day_and_month(date: Date) -> Message {
    m::day_and_month(date.day().to_string(), month(date.month()))
}

/// `photos`, `photos and wiki`, `photos, wiki and 3 more`.
#[must_use]
pub fn listing(names: &[String], at_most: usize) -> String {
    let hidden = names.len().saturating_sub(at_most);
    let mut shown: Vec<String> = names.iter().take(at_most).cloned().collect();
    if hidden > 0 {
        shown.push(m::list_more(hidden).text());
    }
    let last = shown.pop();
    let list = shown
        .into_iter()
        .reduce(|list, next| m::list_comma(list, next).text());
    match (list, last) {
        (Some(list), Some(last)) => m::list_last(last, list).text(),
        (_, last) => last.unwrap_or_default(),
    }
}

/// A day relative to today: `Today`, `Yesterday`, `Wednesday 19 November`, with the year if it is another.
#[must_use]
pub fn day(day: Date, today: Date) -> Message {
    match (today - day).whole_days() {
        0 => m::TODAY.into(),
        1 => m::DAY_BEFORE.into(),
        _ => {
            let date = match day.year() == today.year() {
                true => day_and_month(day),
                false => date(day),
            };
            m::weekday_and_date(date, weekday(day.weekday()))
        }
    }
}

/// `09:14`.
#[must_use]
pub fn clock(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// RFC 3339 in UTC, to the second, for `datetime` attributes.
#[must_use]
pub fn rfc3339(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    let (year, month, day) = at.to_calendar_date();
    format!(
        "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z",
        u8::from(month)
    )
}

const fn weekday(day: Weekday) -> Key {
    match day {
        Weekday::Monday => m::MONDAY,
        Weekday::Tuesday => m::TUESDAY,
        Weekday::Wednesday => m::WEDNESDAY,
        Weekday::Thursday => m::THURSDAY,
        Weekday::Friday => m::FRIDAY,
        Weekday::Saturday => m::SATURDAY,
        Weekday::Sunday => m::SUNDAY,
    }
}

const fn month(month: Month) -> Key {
    match month {
        Month::January => m::JANUARY,
        Month::February => m::FEBRUARY,
        Month::March => m::MARCH,
        Month::April => m::APRIL,
        Month::May => m::MAY,
        Month::June => m::JUNE,
        Month::July => m::JULY,
        Month::August => m::AUGUST,
        Month::September => m::SEPTEMBER,
        Month::October => m::OCTOBER,
        Month::November => m::NOVEMBER,
        Month::December => m::DECEMBER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2025-11-21 09:14:02 UTC);

    #[test]
    fn times_are_relative_to_now() {
        for (ago, text) in [
            (Duration::ZERO, "just now"),
            (Duration::seconds(59), "just now"),
            (Duration::seconds(-20), "just now"),
            (Duration::seconds(60), "1 minute ago"),
            (Duration::minutes(18), "18 minutes ago"),
            (Duration::hours(2), "2 hours ago"),
            (Duration::hours(11), "11 hours ago"),
            (Duration::hours(13), "yesterday"),
            (Duration::hours(33), "yesterday"),
            (Duration::days(3), "3 days ago"),
            (Duration::days(20), "2 weeks ago"),
            (Duration::days(70), "2 months ago"),
            (Duration::days(800), "2 years ago"),
            (Duration::hours(-3), "in 3 hours"),
            (Duration::days(-1), "tomorrow"),
            (Duration::days(-5), "in 5 days"),
        ] {
            assert_eq!(relative(NOW - ago, NOW).text(), text, "{ago}");
        }
    }

    #[test]
    fn exact_times_name_their_zone() {
        assert_eq!(exact(NOW).text(), "Friday 21 November 2025, 09:14:02 UTC");
        assert_eq!(rfc3339(NOW), "2025-11-21T09:14:02Z");
        assert_eq!(clock(NOW), "09:14");
    }

    #[test]
    fn days_are_relative_to_today() {
        let today = NOW.date();
        assert_eq!(day(today, today).text(), "Today");
        assert_eq!(day(today - Duration::DAY, today).text(), "Yesterday");
        assert_eq!(
            day(today - Duration::days(2), today).text(),
            "Wednesday 19 November"
        );
        assert_eq!(
            day(today - Duration::days(365), today).text(),
            "Thursday 21 November 2024"
        );
    }

    #[test]
    fn lengths_are_in_their_largest_whole_unit() {
        for (seconds, text) in [
            (604_800, "7 days"),
            (86_400, "1 day"),
            (43_200, "12 hours"),
            (3600, "1 hour"),
            (5400, "90 minutes"),
            (61, "61 seconds"),
            (0, "0 seconds"),
        ] {
            assert_eq!(whole(std::time::Duration::from_secs(seconds)).text(), text);
        }
    }

    #[test]
    fn lists_end_with_and() {
        let names = ["photos", "wiki", "files"].map(str::to_owned);
        assert_eq!(listing(&names[..0], 2), "");
        assert_eq!(listing(&names[..1], 2), "photos");
        assert_eq!(listing(&names[..2], 2), "photos and wiki");
        assert_eq!(listing(&names, 3), "photos, wiki and files");
        assert_eq!(listing(&names, 2), "photos, wiki and 1 more");
    }

    #[test]
    fn waits_are_rounded_up() {
        for (seconds, text) in [
            (0, "1 second"),
            (40, "40 seconds"),
            (91, "2 minutes"),
            (3600, "60 minutes"),
            (7200, "2 hours"),
            (300_000, "4 days"),
        ] {
            assert_eq!(span(std::time::Duration::from_secs(seconds)).text(), text);
        }
    }
}
