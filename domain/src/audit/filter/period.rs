//! Days and times as people write them.

use super::FilterFault;
use time::{
    Date, OffsetDateTime, PrimitiveDateTime, Time, format_description::well_known::Rfc3339,
};

/// The first second of what a text names, and the first after it: a day, a minute or a second, in UTC unless it says otherwise.
pub(super) fn period(text: &str) -> Result<(OffsetDateTime, OffsetDateTime), FilterFault> {
    let span = |start: OffsetDateTime, seconds: i64| {
        let end = start.checked_add(time::Duration::seconds(seconds));
        end.map(|end| (start, end)).ok_or(FilterFault::Time)
    };
    if let Some(day) = date(text) {
        return span(day.midnight().assume_utc(), 86_400);
    }
    let (local, zone) = split_zone(text);
    let (day, clock) = local.split_once(['T', ' ']).ok_or(FilterFault::Time)?;
    let (hour, rest) = clock.split_once(':').ok_or(FilterFault::Time)?;
    let (minute, second) = match rest.split_once(':') {
        Some((minute, second)) => (minute, Some(second)),
        None => (rest, None),
    };
    let two = |text: &str| -> Option<u8> {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| text.parse().ok())?
    };
    let part = |text: &str| two(text).ok_or(FilterFault::Time);
    let second_value = second.map(part).transpose()?.unwrap_or_default();
    let time =
        Time::from_hms(part(hour)?, part(minute)?, second_value).map_err(|_| FilterFault::Time)?;
    let day = date(day).ok_or(FilterFault::Time)?;
    let start = match zone {
        "" | "Z" | "z" => PrimitiveDateTime::new(day, time).assume_utc(),
        zone => OffsetDateTime::parse(
            &format!("{day}T{hour}:{minute}:{second_value:02}{zone}"),
            &Rfc3339,
        )
        .map_err(|_| FilterFault::Time)?
        .to_offset(time::UtcOffset::UTC),
    };
    span(start, if second.is_some() { 1 } else { 60 })
}

/// A time and its zone: `Z`, `+02:00` or nothing.
fn split_zone(text: &str) -> (&str, &str) {
    let clock = text.find(['T', ' ']).unwrap_or(text.len());
    let zone = text[clock..].find(['Z', 'z', '+', '-']);
    text.split_at(zone.map_or(text.len(), |zone| clock + zone))
}

fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.try_into().ok()?;
    let is_number =
        |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(year, 4) || !is_number(month, 2) || !is_number(day, 2) {
        return None;
    }
    let month = month.parse::<u8>().ok()?.try_into().ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
