//! Where an address is, as far as a file says.

use super::number::OutOfRange;
use serde::{Deserialize, Serialize};
use std::{fmt, str};

/// The mean radius of the earth.
const EARTH_KM: f64 = 6371.0;

/// Half of the way around the earth: a place that may be anywhere.
const MAX_RADIUS_KM: u16 = 20_038;

/// A country (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Country([u8; 2]);

impl Country {
    /// Reads two letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        let upper = letters.map(|letter| letter.to_ascii_uppercase());
        (upper.iter().all(u8::is_ascii_uppercase)).then_some(Self(upper))
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A point on the earth and how far from it something may be. In hundredths of a degree, which is about a kilometre: nobody
/// needs to know better where a user was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Coordinates {
    latitude: i16,
    longitude: i16,
    radius_km: u16,
}

impl Coordinates {
    /// A point, in degrees, and a radius in kilometres.
    ///
    /// # Errors
    /// [`OutOfRange`], also for what is not a number.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 18,000 hundredths of a degree"
    )]
    pub fn new(latitude: f64, longitude: f64, radius_km: u32) -> Result<Self, OutOfRange> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(OutOfRange);
        }
        let radius_km = u16::try_from(radius_km)
            .ok()
            .filter(|radius| *radius <= MAX_RADIUS_KM)
            .ok_or(OutOfRange)?;
        Ok(Self {
            latitude: (latitude * 100.0).round() as i16,
            longitude: (longitude * 100.0).round() as i16,
            radius_km,
        })
    }

    /// The latitude in degrees, north of the equator.
    #[must_use]
    pub fn latitude(&self) -> f64 {
        f64::from(self.latitude) / 100.0
    }

    /// The longitude in degrees, east of Greenwich.
    #[must_use]
    pub fn longitude(&self) -> f64 {
        f64::from(self.longitude) / 100.0
    }

    /// The great-circle distance in kilometres (haversine formula), less how far from their points both may be.
    #[must_use]
    pub fn distance_km(&self, other: &Self) -> f64 {
        let degrees = |hundredths: i16| (f64::from(hundredths) / 100.0).to_radians();
        let (here, there) = (degrees(self.latitude), degrees(other.latitude));
        let half = |angle: f64| (angle / 2.0).sin().powi(2);
        let haversine = half(there - here)
            + here.cos() * there.cos() * half(degrees(other.longitude) - degrees(self.longitude));
        let distance = 2.0 * EARTH_KM * haversine.clamp(0.0, 1.0).sqrt().asin();
        (distance - f64::from(self.radius_km) - f64::from(other.radius_km)).max(0.0)
    }

    /// Latitude (north is positive) and longitude (east is positive), in degrees.
    #[must_use]
    pub fn degrees(&self) -> (f64, f64) {
        let degrees = |hundredths: i16| f64::from(hundredths) / 100.0;
        (degrees(self.latitude), degrees(self.longitude))
    }

    /// The hours by which the sun is ahead of UTC there, to whole hours: near enough to the time zone to show hours in.
    #[must_use]
    pub fn solar_offset_hours(&self) -> i8 {
        let hours = (f64::from(self.longitude) / 1500.0).round();
        // From −12 to 12.
        #[expect(clippy::cast_possible_truncation, reason = "from -12 to 12")]
        let hours = hours as i8;
        hours
    }
}

/// Where an address is. A file may say any of it, or nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Place {
    /// The country.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// The point.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<Coordinates>,
    /// The number of the network's operator (autonomous system, RFC 1930).
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<u32>,
}

/// How two places compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nearness {
    /// They may be one.
    Same,
    /// Some hours away.
    Near,
    /// Further.
    Far,
}

/// Nearer is the same town or its surroundings; addresses of one customer move as far from day to day.
const SAME_KM: f64 = 100.0;

/// Nearer is a region.
const NEAR_KM: f64 = 400.0;

impl Place {
    /// Whether anything is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self != Self::default()
    }

    /// By the most exact that both say; `None` if they say nothing of the same kind.
    pub(super) fn nearness(&self, other: &Self) -> Option<Nearness> {
        if let (Some(here), Some(there)) = (&self.coordinates, &other.coordinates) {
            return Some(match here.distance_km(there) {
                distance if distance <= SAME_KM => Nearness::Same,
                distance if distance <= NEAR_KM => Nearness::Near,
                _ => Nearness::Far,
            });
        }
        let equal = |is_equal| match is_equal {
            true => Nearness::Same,
            false => Nearness::Far,
        };
        if let (Some(here), Some(there)) = (self.country, other.country) {
            return Some(equal(here == there));
        }
        let (here, there) = (self.operator?, other.operator?);
        Some(equal(here == there))
    }

    /// Whether both say the same, apart from how far the points are from each other.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        self.country == other.country
            && self.operator == other.operator
            && match (&self.coordinates, &other.coordinates) {
                (Some(_), Some(_)) => self.nearness(other) == Some(Nearness::Same),
                (here, there) => here.is_none() && there.is_none(),
            }
    }
}
