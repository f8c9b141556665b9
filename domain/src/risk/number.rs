//! Numbers that a score is computed from. Each is checked where it enters, so that nothing behind it has to.

use super::behaviour;
use serde::{Deserialize, Serialize};

/// A number is not one that can be: not a number, infinite, or out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number out of its range")]
pub struct OutOfRange;

/// How adverse a signal is, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Strength(f64);

impl Strength {
    /// Not at all.
    pub const NONE: Self = Self(0.0);
    /// Somewhat.
    pub const HALF: Self = Self(0.5);
    /// Fully.
    pub const FULL: Self = Self(1.0);

    /// All or nothing.
    #[must_use]
    pub const fn of(is_adverse: bool) -> Self {
        match is_adverse {
            true => Self::FULL,
            false => Self::NONE,
        }
    }

    /// The strength of which a weight gives so many points: all of them at most, and none of nothing.
    #[must_use]
    pub fn share(points: u8, weight: u8) -> Self {
        match weight {
            0 => Self::NONE,
            _ => Self((f64::from(points) / f64::from(weight)).min(1.0)),
        }
    }

    /// The points of a weight that it gives, rounded.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 255: a strength is at most 1"
    )]
    pub fn points(self, weight: u8) -> u8 {
        (self.0 * f64::from(weight)).round() as u8
    }

    /// The larger of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

/// How likely it is that a behaviour is the user's, from 0 (somebody else's) to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Likelihood(f64);

impl Likelihood {
    /// One of this value.
    ///
    /// # Errors
    /// [`OutOfRange`], also for what is not a number.
    pub fn new(value: f64) -> Result<Self, OutOfRange> {
        match (0.0..=1.0).contains(&value) {
            true => Ok(Self(value)),
            false => Err(OutOfRange),
        }
    }

    /// The value.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// An even chance says nothing; less is adverse.
    #[must_use]
    pub fn adversity(self) -> Strength {
        Strength((1.0 - 2.0 * self.0).clamp(0.0, 1.0))
    }
}

/// What the matchers of behaviour found: neither certain nor impossible.
impl From<behaviour::likelihood::Likelihood> for Likelihood {
    fn from(found: behaviour::likelihood::Likelihood) -> Self {
        Self(f64::from(1.0 - found.suspicion()).clamp(0.0, 1.0))
    }
}

/// How many sign-ins of a user failed lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failures(u32);

impl Failures {
    /// More than are ever counted.
    pub const MOST: u64 = 1_000_000;

    /// So many.
    ///
    /// # Errors
    /// [`OutOfRange`] for more than [`Failures::MOST`]: a count that cannot be is no evidence.
    pub fn new(count: u64) -> Result<Self, OutOfRange> {
        match count <= Self::MOST {
            true => u32::try_from(count).map(Self).map_err(|_| OutOfRange),
            false => Err(OutOfRange),
        }
    }

    /// A few are typing errors.
    #[must_use]
    pub const fn adversity(self) -> Strength {
        match self.0 {
            0..5 => Strength::NONE,
            5..10 => Strength::HALF,
            10.. => Strength::FULL,
        }
    }
}
