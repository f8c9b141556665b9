//! How many points each factor has.

use super::factor::Factor;
use std::{fmt, str::FromStr};
use strum::IntoEnumIterator;

/// The highest score, and the most points of one factor.
pub const MAX_POINTS: u8 = 100;

/// How many points each factor has. One without points is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights([u8; Factor::COUNT]);

/// Why a text does not say how many points a factor has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// It is not `factor=points`.
    #[error("not a factor with its points")]
    Unreadable,
    /// There is no such factor.
    #[error("not a factor")]
    UnknownFactor,
    /// Points are whole numbers up to [`MAX_POINTS`].
    #[error("not a number of points")]
    Points,
}

impl Default for Weights {
    fn default() -> Self {
        Self::NONE.with_all(Factor::default_points)
    }
}

impl Weights {
    /// All switched off.
    pub const NONE: Self = Self([0; Factor::COUNT]);

    fn with_all(mut self, points: impl Fn(Factor) -> u8) -> Self {
        for factor in Factor::iter() {
            self.0[factor as usize] = points(factor).min(MAX_POINTS);
        }
        self
    }

    /// The same with other points for one factor, [`MAX_POINTS`] at most.
    #[must_use]
    pub fn with(mut self, factor: Factor, points: u8) -> Self {
        self.0[factor as usize] = points.min(MAX_POINTS);
        self
    }

    /// The points of a factor.
    #[must_use]
    pub const fn of(&self, factor: Factor) -> u8 {
        self.0[factor as usize]
    }

    /// What the configuration has to say for these: each factor that differs from its default, as `factor=points`.
    #[must_use]
    pub fn to_list(&self) -> Vec<String> {
        Factor::iter()
            .filter(|factor| self.of(*factor) != factor.default_points())
            .map(|factor| format!("{}={}", factor.as_str(), self.of(factor)))
            .collect()
    }

    /// The same with what a list of `factor=points` says; what it does not name stays.
    ///
    /// # Errors
    /// [`WeightError`], with the entry.
    pub fn with_list<'a>(
        self,
        list: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (WeightError, String)> {
        let mut weights = self;
        for entry in list {
            let (factor, points) =
                parse_entry(entry).map_err(|cause| (cause, entry.chars().take(80).collect()))?;
            weights = weights.with(factor, points);
        }
        Ok(weights)
    }
}

fn parse_entry(entry: &str) -> Result<(Factor, u8), WeightError> {
    let (factor, points) = entry.split_once('=').ok_or(WeightError::Unreadable)?;
    let factor = Factor::from_str(factor.trim()).map_err(|_| WeightError::UnknownFactor)?;
    let points: u8 = points.trim().parse().map_err(|_| WeightError::Points)?;
    match points <= MAX_POINTS {
        true => Ok((factor, points)),
        false => Err(WeightError::Points),
    }
}

/// A list of `factor=points`, separated by commas.
impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, factor) in Factor::iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}={}", factor.as_str(), self.of(factor))?;
        }
        Ok(())
    }
}
