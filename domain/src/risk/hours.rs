//! At which hours a user signs in: circular statistics, because 23:30 and 00:30 are an hour apart.
//!
//! The hours are those of UTC. All that is computed from them stays the same if each is moved by the same time, so the user's
//! time zone matters only where hours are shown. Summer time moves them by less than the width of the kernel.

use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;
use time::OffsetDateTime;

const BINS: usize = 24;

/// How narrow the kernel of von Mises is: an hour away counts three quarters, three hours away a tenth.
const CONCENTRATION: f64 = 8.0;

/// Below this mean resultant length, hours are spread over the day, and none is unusual.
const MIN_RESULTANT: f32 = 0.2;

/// Sign-ins by the hour of the day; each counts less the longer ago it was.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Hours([f32; BINS]);

/// The hour of a time, with its fraction, as an angle.
fn angle(at: OffsetDateTime) -> f64 {
    let seconds = at.unix_timestamp().rem_euclid(86_400);
    #[expect(clippy::cast_precision_loss, reason = "less than a day")]
    let fraction = seconds as f64 / 86_400.0;
    fraction * TAU
}

/// The middle of a bin as an angle.
#[expect(clippy::cast_precision_loss, reason = "less than 24")]
fn middle(bin: usize) -> f64 {
    (bin as f64 + 0.5) / BINS as f64 * TAU
}

fn kernel(distance: f64) -> f64 {
    (CONCENTRATION * (distance.cos() - 1.0)).exp()
}

impl Hours {
    /// Adds a sign-in.
    pub(super) fn add(&mut self, at: OffsetDateTime) {
        let bin = usize::from(at.to_offset(time::UtcOffset::UTC).hour());
        self.0[bin.min(BINS - 1)] += 1.0;
    }

    /// Lets all count less.
    pub(super) fn scale(&mut self, by: f32) {
        for count in &mut self.0 {
            *count = (*count * by).clamp(0.0, 1e6);
        }
    }

    /// Whether these are numbers that can be: a stored baseline is read back.
    pub(super) fn is_sound(&self) -> bool {
        self.0.iter().all(|count| (0.0..=1e6).contains(count))
    }

    /// How many sign-ins count.
    #[must_use]
    pub fn total(&self) -> f32 {
        self.0.iter().sum()
    }

    /// The mean direction as an hour of UTC, and the mean resultant length: 0 for hours all over the day, 1 for one hour. `None`
    /// without sign-ins.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    pub fn mean(&self) -> Option<(f32, f32)> {
        let total = f64::from(self.total());
        if total <= 0.0 {
            return None;
        }
        let sum = |part: fn(f64) -> f64| -> f64 {
            (self.0.iter().enumerate())
                .map(|(bin, count)| f64::from(*count) * part(middle(bin)))
                .sum()
        };
        let (sine, cosine) = (sum(f64::sin) / total, sum(f64::cos) / total);
        let hour = sine.atan2(cosine).rem_euclid(TAU) / TAU * 24.0;
        Some((hour as f32, sine.hypot(cosine) as f32))
    }

    /// How much of a day's density is at this time, where 1 is what an even day has; `None` if the hours say nothing: there are
    /// none, or they are all over the day.
    #[must_use]
    pub fn density(&self, at: OffsetDateTime) -> Option<f64> {
        let (_, resultant) = self.mean()?;
        if resultant < MIN_RESULTANT {
            return None;
        }
        let here = angle(at);
        let counted: f64 = (self.0.iter().enumerate())
            .map(|(bin, count)| f64::from(*count) * kernel(here - middle(bin)))
            .sum();
        let whole: f64 = (0..BINS).map(|bin| kernel(middle(bin))).sum();
        #[expect(clippy::cast_precision_loss, reason = "24")]
        let even = whole / BINS as f64;
        Some(counted / f64::from(self.total()) / even)
    }

    /// How many sign-ins count in each hour of UTC.
    #[must_use]
    pub const fn counts(&self) -> &[f32; BINS] {
        &self.0
    }
}
