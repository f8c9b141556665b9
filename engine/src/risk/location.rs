//! Where addresses are, by a file in MaxMind's format: of cities, countries or network operators.

use super::watched_file::{Fault, WatchedFile};
use crate::Engine;
use latchkey_domain::risk::{Coordinates, Country, Place};
use maxminddb::{Reader, WithinOptions};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, Visitor},
};
use std::{fmt, net::IpAddr, path::PathBuf};

/// How far from its point an address may be if the file has a point and does not say.
const DEFAULT_RADIUS_KM: u32 = 50;

/// What files have, by MaxMind (GeoIP2, GeoLite2) and by others (ip-location-db).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record<'a> {
    #[serde(borrow)]
    country: Option<CountryRecord<'a>>,
    #[serde(borrow)]
    registered_country: Option<CountryRecord<'a>>,
    country_code: Option<&'a str>,
    location: Option<Location>,
    latitude: Option<Number>,
    longitude: Option<Number>,
    autonomous_system_number: Option<Number>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CountryRecord<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Option<Number>,
    longitude: Option<Number>,
    accuracy_radius: Option<Number>,
}

/// A number of any of the format's types: files differ in them, and the reader converts none.
#[derive(Debug, Clone, Copy)]
struct Number(f64);

impl Number {
    /// A whole number; `None` if it is none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range"
    )]
    fn whole(self) -> Option<u32> {
        let fits = (0.0..=f64::from(u32::MAX)).contains(&self.0) && self.0.fract() == 0.0;
        fits.then_some(self.0 as u32)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyNumber;
        impl Visitor<'_> for AnyNumber {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }

            #[expect(clippy::cast_precision_loss, reason = "what is kept is smaller")]
            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "what is kept is smaller")]
            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            // Of what is none, nothing is known.
            fn visit_str<E>(self, value: &str) -> Result<Number, E> {
                Ok(Number(value.parse().unwrap_or(f64::NAN)))
            }
        }
        deserializer.deserialize_any(AnyNumber)
    }
}

impl Record<'_> {
    /// What cannot be (a latitude of 400°) is unknown.
    fn place(&self) -> Place {
        let country = (self.country.as_ref())
            .or(self.registered_country.as_ref())
            .and_then(|country| country.iso_code)
            .or(self.country_code);
        let flat = Location {
            latitude: self.latitude,
            longitude: self.longitude,
            accuracy_radius: None,
        };
        let location = self.location.as_ref().unwrap_or(&flat);
        let coordinates = match (location.latitude, location.longitude) {
            (Some(latitude), Some(longitude)) => {
                let radius = location.accuracy_radius.and_then(Number::whole);
                let radius = radius.unwrap_or(DEFAULT_RADIUS_KM);
                Coordinates::new(latitude.0, longitude.0, radius).ok()
            }
            _ => None,
        };
        Place {
            country: country.and_then(Country::parse),
            coordinates,
            operator: self.autonomous_system_number.and_then(Number::whole),
        }
    }
}

/// The file, if there is one.
pub(super) struct Locations(Option<WatchedFile<Reader<Vec<u8>>>>);

/// Networks that are read when a file is: one with another structure is found out now, and not with a sign-in. (A file that ends too
/// early has no end that says what it is. The reader's own check refuses files for descriptions that nobody reads.)
const PROBED: usize = 10_000;

fn parse(bytes: Vec<u8>) -> Result<Reader<Vec<u8>>, Fault> {
    let reader = Reader::from_source(bytes)?;
    for network in reader.networks(WithinOptions::default())?.take(PROBED) {
        // What a record lacks, or has in another form, is unknown.
        let _ = network?.decode::<IgnoredAny>()?;
    }
    Ok(reader)
}

impl Locations {
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self(file.map(|path| WatchedFile::new(path, parse)))
    }

    /// Whether there is a file that can be read.
    pub(super) fn is_there(&self) -> bool {
        (self.0.as_ref()).is_some_and(|file| file.contents().is_some())
    }

    /// Where an address is; `None` if the file does not say, or there is none.
    pub(super) fn place(&self, ip: IpAddr) -> Option<Place> {
        let reader = self.0.as_ref()?.contents()?;
        let found = reader.lookup(ip.to_canonical()).ok()?;
        let record: Record<'_> = found.decode().ok()??;
        Some(record.place()).filter(Place::is_known)
    }

    pub(super) fn reload(&self) {
        if let Some(file) = &self.0 {
            file.reload();
        }
    }
}

impl Engine {
    /// The country in which an address is, as far as the installation has a file that says.
    #[must_use]
    pub fn country_of(&self, ip: &str) -> Option<Country> {
        self.inner.risk.locations.place(ip.parse().ok()?)?.country
    }
}

#[cfg(test)]
mod tests;
