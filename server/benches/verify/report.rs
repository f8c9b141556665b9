//! The report: ratios and medians.

use crate::common::{Result, server::Sample};
use std::fmt::{self, Write};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Situation {
    Granted,
    Forged,
    UnknownDevice,
    NoGrant,
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Granted => "granted",
            Self::Forged => "forged cookie",
            Self::UnknownDevice => "unknown device",
            Self::NoGrant => "no grant",
        })
    }
}

/// A situation and its baseline, over all rounds.
pub(crate) struct Comparison {
    situation: Situation,
    connections: usize,
    baseline: Vec<Figures>,
    verify: Vec<Figures>,
}

/// The figures of one round.
#[derive(Clone, Copy)]
struct Figures {
    /// Requests per second.
    throughput: f64,
    /// CPU microseconds per request.
    cpu: f64,
    /// Percentiles of the latency, in microseconds.
    p50: f64,
    p99: f64,
    p999: f64,
}

impl Figures {
    fn of(mut sample: Sample) -> Result<Self> {
        if sample.requests == 0 {
            return Err("there was no response".into());
        }
        sample.latencies.sort_unstable();
        let at = |share: f64| {
            let index = (sample.requests as f64 * share) as usize;
            f64::from(sample.latencies[index.min(sample.requests - 1)]) / 1000.0
        };
        Ok(Self {
            throughput: sample.requests as f64 / sample.seconds,
            cpu: sample.cpu.as_secs_f64() * 1e6 / sample.requests as f64,
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
        })
    }
}

impl Comparison {
    pub(crate) fn new(situation: Situation, connections: usize) -> Self {
        Self {
            situation,
            connections,
            baseline: Vec::new(),
            verify: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, baseline: Sample, verify: Sample) -> Result<()> {
        self.baseline.push(Figures::of(baseline)?);
        self.verify.push(Figures::of(verify)?);
        Ok(())
    }

    /// The median over the rounds of the ratio of verify to the baseline.
    fn ratio(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        let rounds = self.verify.iter().zip(&self.baseline);
        median(rounds.map(|(verify, baseline)| figure(verify) / figure(baseline)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A line per situation: the medians of verify, and the ratios to the baseline.
pub(crate) fn table(comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "{:<15} {:>5}  {:>8} {:>7} {:>7} {:>7} {:>7}   {:>7} {:>7} {:>6} {:>6} {:>6}\n",
        "situation",
        "conns",
        "req/s",
        "cpu µs",
        "p50 µs",
        "p99 µs",
        "p99.9",
        "× req/s",
        "× cpu",
        "× p50",
        "× p99",
        "×p99.9"
    );
    for comparison in comparisons {
        let of = |figure: fn(&Figures) -> f64| median(comparison.verify.iter().map(figure));
        let _ = writeln!(
            text,
            "{:<15} {:>5}  {:>8.0} {:>7.1} {:>7.0} {:>7.0} {:>7.0}   {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2}",
            comparison.situation,
            comparison.connections,
            of(|figures| figures.throughput),
            of(|figures| figures.cpu),
            of(|figures| figures.p50),
            of(|figures| figures.p99),
            of(|figures| figures.p999),
            comparison.ratio(|figures| figures.throughput),
            comparison.ratio(|figures| figures.cpu),
            comparison.ratio(|figures| figures.p50),
            comparison.ratio(|figures| figures.p99),
            comparison.ratio(|figures| figures.p999),
        );
    }
    text
}

/// The memory of the devices.
pub(crate) fn memory(empty: f64, full: f64, devices: usize) -> String {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    format!(
        "memory: {:.1} MB with one device used, {:.1} MB with {devices}: {:.0} bytes per device, {:.0} beyond the first 30 MB",
        empty / MEGABYTE,
        full / MEGABYTE,
        (full - empty) / devices as f64,
        (full - 30.0 * MEGABYTE).max(0.0) / devices as f64,
    )
}
