//! A measured number beside the number it must not exceed.

use std::fmt;

/// One line of the benchmark.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) limit: f64,
    /// `None` where this system does not tell.
    pub(crate) measured: Option<f64>,
}

impl Budget {
    /// Whether it is kept. What could not be measured is not held against anybody.
    pub(crate) fn kept(&self) -> bool {
        self.measured.is_none_or(|measured| measured <= self.limit)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            unit,
            limit,
            measured,
        } = self;
        write!(f, "  {name:<36}")?;
        match measured {
            Some(measured) => write!(f, "{measured:>8.1} {unit:<2}")?,
            None => write!(f, "{:>11}", "not known")?,
        }
        write!(
            f,
            "   of {limit:>4.0} {unit:<2}   {}",
            if self.kept() { "ok" } else { "TOO MUCH" }
        )
    }
}

/// The middle one of the values.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_equal_to_its_limit_is_within_the_budget() {
        let budget = |measured| Budget {
            name: "memory",
            unit: "MB",
            limit: 40.0,
            measured,
        };
        assert!(budget(Some(40.0)).kept());
        assert!(!budget(Some(40.1)).kept());
        assert!(budget(None).kept());
    }

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(vec![9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(Vec::new()), None);
    }
}
