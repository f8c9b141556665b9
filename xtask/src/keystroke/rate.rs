//! Error rates.

use std::fmt;

/// Error rates of people.
#[derive(Debug)]
pub(super) struct Rates(Vec<f64>);

/// Their mean and spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub(super) mean: f64,
    /// The standard deviation over people.
    pub(super) deviation: f64,
    worst: f64,
}

impl FromIterator<f64> for Rates {
    fn from_iter<I: IntoIterator<Item = f64>>(rates: I) -> Self {
        Self(rates.into_iter().collect())
    }
}

impl Rates {
    pub(super) fn summary(&self) -> Option<Summary> {
        if self.0.is_empty() {
            return None;
        }
        let count = self.0.len() as f64;
        let mean = self.0.iter().sum::<f64>() / count;
        let variance = self.0.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / count;
        Some(Summary {
            mean,
            deviation: variance.sqrt(),
            worst: self.0.iter().copied().fold(0.0, f64::max),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            mean,
            deviation,
            worst,
        } = self;
        write!(f, "{mean:.4} ± {deviation:.3} ({worst:.3})")
    }
}

/// Where false rejects and false accepts are equal. Between two thresholds the rates are interpolated, as Killourhy and Maxion do; `None`
/// without distances of either kind.
pub(super) fn equal_error_rate(genuine: &[f64], impostors: &[f64]) -> Option<f64> {
    if genuine.is_empty() || impostors.is_empty() {
        return None;
    }
    let mut all: Vec<(f64, bool)> = genuine
        .iter()
        .map(|distance| (*distance, true))
        .chain(impostors.iter().map(|distance| (*distance, false)))
        .collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut rejects, mut accepts) = (1.0, 0.0);
    let (genuine_step, impostor_step) = (1.0 / genuine.len() as f64, 1.0 / impostors.len() as f64);
    // A threshold accepts equal distances together.
    for equal in all.chunk_by(|one, next| one.0.total_cmp(&next.0).is_eq()) {
        let (rejects_before, accepts_before) = (rejects, accepts);
        for (_, is_genuine) in equal {
            match is_genuine {
                true => rejects -= genuine_step,
                false => accepts += impostor_step,
            }
        }
        if accepts >= rejects {
            let before: f64 = rejects_before - accepts_before;
            let after: f64 = rejects - accepts;
            let part = before / (before - after);
            return Some((rejects_before + part * (rejects - rejects_before)).clamp(0.0, 1.0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(genuine: &[f64], impostors: &[f64]) -> f64 {
        equal_error_rate(genuine, impostors).unwrap()
    }

    #[test]
    fn the_rates_meet() {
        // Apart, swapped, alike.
        assert!(rate(&[1.0, 2.0], &[3.0, 4.0]).abs() < 1e-9);
        assert!((rate(&[3.0, 4.0], &[1.0, 2.0]) - 1.0).abs() < 1e-9);
        assert!((rate(&[1.0, 1.0], &[1.0, 1.0]) - 0.5).abs() < 1e-9);
        // One of four genuine is above one of four impostors.
        assert!((rate(&[1.0, 2.0, 3.0, 6.0], &[5.0, 7.0, 8.0, 9.0]) - 0.25).abs() < 1e-9);
        // Rejects 0.5 → 0 while accepts stay at 0.2: they meet at 0.2.
        assert!((rate(&[1.0, 3.0], &[2.0, 4.0, 5.0, 6.0, 7.0]) - 0.2).abs() < 1e-9);
        assert_eq!(equal_error_rate(&[], &[1.0]), None);
    }

    #[test]
    fn the_spread_is_over_people() {
        let summary = Rates(vec![0.0, 0.1, 0.2]).summary().unwrap();
        assert!((summary.mean - 0.1).abs() < 1e-9 && (summary.worst - 0.2).abs() < 1e-9);
        assert!((summary.deviation - 0.0816).abs() < 1e-4);
        assert_eq!(Rates(Vec::new()).summary(), None);
    }
}
