//! A baseline as its user sees it.

use super::{
    assessment::is_usual_hour,
    baseline::{Baseline, Seen},
    place::Place,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime, Time};

/// Hours of the day, of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HourRange {
    /// The hour with which they begin.
    pub from: u8,
    /// The hour before which they end; 0 is midnight. It is less than `from` if midnight is in between.
    pub until: u8,
}

/// A baseline as its user sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaselineView {
    /// How many strong sign-ins taught it.
    pub sign_ins: u32,
    /// When the first of them was; `None` without any, or if an older version learnt it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// Whether it says anything yet.
    pub is_mature: bool,
    /// Countries and operators, the most usual first.
    pub places: Vec<Place>,
    /// Networks in CIDR notation, the most usual first.
    pub networks: Vec<String>,
    /// Other networks from which a device returns unasked for a week, because it authenticated there.
    pub vouched_networks: Vec<String>,
    /// How many devices are known.
    pub devices: usize,
    /// The hours that are not unusual; `None` while they say nothing: too few, or all over the day.
    pub hours: Option<Vec<HourRange>>,
    /// The mean hour of UTC.
    pub mean_hour: Option<f32>,
    /// How much hours differ: 1 for always the same one, 0 for all over the day.
    pub regularity: Option<f32>,
}

impl Baseline {
    /// As its user sees it now: what counts so little that it is as good as forgotten is not shown.
    #[must_use]
    pub fn view(&self, now: OffsetDateTime) -> BaselineView {
        let mean = self.hours.mean();
        let networks: Vec<_> = (self.by_weight(&self.networks, now))
            .map(ToString::to_string)
            .collect();
        BaselineView {
            sign_ins: self.sign_ins,
            since: self.begun_at(),
            is_mature: self.is_mature(),
            places: self.by_weight(&self.places, now).copied().collect(),
            vouched_networks: self.vouched_networks(&networks, now),
            networks,
            devices: self.by_weight(&self.devices, now).count(),
            hours: self.usual_hours(now),
            mean_hour: mean.map(|(hour, _)| hour),
            regularity: mean.map(|(_, resultant)| resultant),
        }
    }

    /// What still counts at `now`, the most usual first.
    fn by_weight<'a, T>(
        &self,
        seen: &'a [Seen<T>],
        now: OffsetDateTime,
    ) -> impl Iterator<Item = &'a T> + use<'a, T> {
        let mut counted: Vec<_> = self.counted(seen, now).collect();
        counted.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        counted.into_iter().map(|seen| &seen.item)
    }

    fn vouched_networks(&self, usual: &[String], now: OffsetDateTime) -> Vec<String> {
        let live = (self.vouched.iter()).filter(|vouched| now.unix_timestamp() < vouched.until);
        let mut networks: Vec<_> = live.map(|vouched| vouched.network.to_string()).collect();
        networks.retain(|network| !usual.contains(network));
        networks.sort_unstable();
        networks.dedup();
        networks
    }

    /// The hours at which a sign-in now gets no points for its time, by the same rule as the assessment.
    fn usual_hours(&self, now: OffsetDateTime) -> Option<Vec<HourRange>> {
        let midnight = now
            .to_offset(time::UtcOffset::UTC)
            .replace_time(Time::MIDNIGHT);
        let is_usual: Vec<bool> = (0..24_i64)
            .map(|hour| {
                // Only the time of day is compared; how much habits count is that of now.
                let middle = midnight + Duration::minutes(hour * 60 + 30);
                Some(is_usual_hour(self.density_at(middle, now)?))
            })
            .collect::<Option<_>>()?;
        Some(ranges(&is_usual))
    }
}

/// The runs of a day's hours, around midnight too.
fn ranges(is_usual: &[bool]) -> Vec<HourRange> {
    let usual = |hour: u8| is_usual.get(usize::from(hour % 24)) == Some(&true);
    let starts = (0..24_u8).filter(|hour| usual(*hour) && !usual(hour + 23));
    let found: Vec<_> = starts
        .map(|from| HourRange {
            from,
            until: (from..from + 24).find(|hour| !usual(*hour)).unwrap_or(from) % 24,
        })
        .collect();
    match found.is_empty() && usual(0) {
        true => vec![HourRange { from: 0, until: 0 }],
        false => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_runs_around_midnight() {
        let day = |usual: &[u8]| {
            let hours: Vec<_> = (0..24).map(|hour| usual.contains(&hour)).collect();
            let ranges = ranges(&hours);
            ranges
                .iter()
                .map(|range| (range.from, range.until))
                .collect::<Vec<_>>()
        };
        assert_eq!(day(&[]), []);
        assert_eq!(day(&[8, 9, 10]), [(8, 11)]);
        assert_eq!(day(&[22, 23, 0, 1]), [(22, 2)]);
        assert_eq!(day(&[23]), [(23, 0)]);
        assert_eq!(day(&[0, 5, 23]), [(5, 6), (23, 1)]);
        assert_eq!(day(&(0..24).collect::<Vec<_>>()), [(0, 0)]);
    }
}
