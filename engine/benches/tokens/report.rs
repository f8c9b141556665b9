//! The report: medians of rounds.

use std::time::Duration;

/// How long calls took, in nanoseconds.
#[derive(Default)]
pub(crate) struct Latencies(Vec<u64>);

impl Latencies {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0
            .push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    pub(crate) fn of_all(all: impl Iterator<Item = Self>) -> Self {
        let mut all: Vec<_> = all.flat_map(|one| one.0).collect();
        all.sort_unstable();
        Self(all)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// In microseconds.
    fn percentile(&self, share: f64) -> f64 {
        let index = (self.0.len() as f64 * share) as usize;
        let found = self.0.get(index.min(self.0.len().saturating_sub(1)));
        found.map_or(f64::NAN, |nanoseconds| *nanoseconds as f64 / 1000.0)
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A line: the medians of both rates, and that of their ratios.
pub(crate) fn ratio(name: &str, rates: &[f64], raw_rates: &[f64]) {
    let of = |rates: &[f64]| median(rates.iter().copied());
    let ratios = rates.iter().zip(raw_rates).map(|(rate, raw)| rate / raw);
    println!(
        "{name:<44} {:>12.0} {:>12.0} {:>7.2}",
        of(rates),
        of(raw_rates),
        median(ratios)
    );
}

/// A line: how long callers waited, and how many were served.
pub(crate) fn waiting(name: &str, callers: usize, rounds: Vec<(Latencies, Duration)>) {
    let of = |share| {
        median(
            rounds
                .iter()
                .map(|(latencies, _)| latencies.percentile(share)),
        )
    };
    let rates = rounds
        .iter()
        .map(|(latencies, time)| latencies.count() as f64 / time.as_secs_f64());
    println!(
        "{name:<35} {callers:>11} {:>11.0} {:>11.0} {:>11.0}",
        of(0.5),
        of(0.99),
        median(rates)
    );
}
