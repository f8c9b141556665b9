//! Times, numbers and names as text.

use latchkey_domain::name::DisplayName;
use time::{Date, Month, OffsetDateTime, Weekday};

/// A duration, rounded up: `40 seconds`, `2 minutes`, `1 hour`.
#[must_use]
pub fn span(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs().max(1);
    match seconds {
        0..=90 => count(seconds, "second"),
        91..=5400 => count(seconds.div_ceil(60), "minute"),
        5401..=172_800 => count(seconds.div_ceil(3600), "hour"),
        _ => count(seconds.div_ceil(86_400), "day"),
    }
}

/// A duration in its largest whole unit: `7 days`, `12 hours`, `90 minutes`.
#[must_use]
pub fn whole(duration: std::time::Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 86_400 && seconds % 86_400 == 0 => count(seconds / 86_400, "day"),
        seconds if seconds >= 3600 && seconds % 3600 == 0 => count(seconds / 3600, "hour"),
        seconds if seconds >= 60 && seconds % 60 == 0 => count(seconds / 60, "minute"),
        seconds => count(seconds, "second"),
    }
}

/// `1 device`, `2 devices`, `0 devices`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
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
pub fn relative(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    let days = (now.date() - at.date()).whole_days();
    let size = seconds.unsigned_abs();
    if size < 60 {
        return "just now".to_owned();
    }
    let (amount, is_past) = match size {
        ..3600 => (count(size / 60, "minute"), seconds > 0),
        // From 12 hours on, `yesterday` is clearer than `14 hours ago`.
        3600..43_200 => (count(size / 3600, "hour"), seconds > 0),
        _ => match days {
            0 => (count(size / 3600, "hour"), seconds > 0),
            1 => return "yesterday".to_owned(),
            -1 => return "tomorrow".to_owned(),
            days => (long(days.unsigned_abs()), days > 0),
        },
    };
    if is_past {
        format!("{amount} ago")
    } else {
        format!("in {amount}")
    }
}

fn long(days: u64) -> String {
    match days {
        ..14 => count(days, "day"),
        14..61 => count(days / 7, "week"),
        61..730 => count(days / 30, "month"),
        _ => count(days / 365, "year"),
    }
}

/// `Friday 21 November 2025, 09:14:02 UTC`.
#[must_use]
pub fn exact(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!(
        "{} {}, {hour:02}:{minute:02}:{second:02} UTC",
        weekday(at.weekday()),
        date(at.date())
    )
}

/// `21 November 2025`.
#[must_use]
pub fn date(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date.month()), date.year())
}

/// `21 November`, for days that are near.
#[must_use]
pub fn day_and_month(date: Date) -> String {
    format!("{} {}", date.day(), month(date.month()))
}

/// `photos`, `photos and wiki`, `photos, wiki and 3 more`.
#[must_use]
pub fn listing(names: &[String], at_most: usize) -> String {
    let hidden = names.len().saturating_sub(at_most);
    let mut shown: Vec<String> = names.iter().take(at_most).cloned().collect();
    if hidden > 0 {
        shown.push(format!("{hidden} more"));
    }
    match shown.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// A day relative to today: `Today`, `Yesterday`, `Wednesday 19 November`, with the year if it is another.
#[must_use]
pub fn day(day: Date, today: Date) -> String {
    match (today - day).whole_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ if day.year() == today.year() => format!(
            "{} {} {}",
            weekday(day.weekday()),
            day.day(),
            month(day.month())
        ),
        _ => format!("{} {}", weekday(day.weekday()), date(day)),
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

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

const fn month(month: Month) -> &'static str {
    match month {
        Month::January => "January",
        Month::February => "February",
        Month::March => "March",
        Month::April => "April",
        Month::May => "May",
        Month::June => "June",
        Month::July => "July",
        Month::August => "August",
        Month::September => "September",
        Month::October => "October",
        Month::November => "November",
        Month::December => "December",
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
            assert_eq!(relative(NOW - ago, NOW), text, "{ago}");
        }
    }

    #[test]
    fn exact_times_name_their_zone() {
        assert_eq!(exact(NOW), "Friday 21 November 2025, 09:14:02 UTC");
        assert_eq!(rfc3339(NOW), "2025-11-21T09:14:02Z");
        assert_eq!(clock(NOW), "09:14");
    }

    #[test]
    fn days_are_relative_to_today() {
        let today = NOW.date();
        assert_eq!(day(today, today), "Today");
        assert_eq!(day(today - Duration::DAY, today), "Yesterday");
        assert_eq!(
            day(today - Duration::days(2), today),
            "Wednesday 19 November"
        );
        assert_eq!(
            day(today - Duration::days(365), today),
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
            assert_eq!(whole(std::time::Duration::from_secs(seconds)), text);
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
            assert_eq!(span(std::time::Duration::from_secs(seconds)), text);
        }
    }
}
