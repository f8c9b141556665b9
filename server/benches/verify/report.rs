//! Ratios, and what they rest on.

use crate::{Outcome, server::Sample};
use std::fmt::{self, Write};

/// What is asked.
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

/// A situation beside its bare twin, over all rounds.
pub(crate) struct Pair {
    situation: Situation,
    connections: usize,
    bare: Vec<Figures>,
    verify: Vec<Figures>,
}

/// Of one round.
#[derive(Clone, Copy)]
struct Figures {
    /// Requests a second.
    throughput: f64,
    /// Microseconds of the server's processor a request.
    processor: f64,
    /// Microseconds: half, all but one in 100, all but one in 1000 were faster.
    p50: f64,
    p99: f64,
    p999: f64,
}

impl Figures {
    fn of(mut sample: Sample) -> Outcome<Self> {
        if sample.requests == 0 {
            return Err("nothing was answered".into());
        }
        sample.latencies.sort_unstable();
        let at = |share: f64| {
            let place = (sample.requests as f64 * share) as usize;
            f64::from(sample.latencies[place.min(sample.requests - 1)]) / 1000.0
        };
        Ok(Self {
            throughput: sample.requests as f64 / sample.seconds,
            processor: sample.processor.as_secs_f64() * 1e6 / sample.requests as f64,
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
        })
    }
}

impl Pair {
    pub(crate) fn new(situation: Situation, connections: usize) -> Self {
        Self {
            situation,
            connections,
            bare: Vec::new(),
            verify: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, bare: Sample, verify: Sample) -> Outcome<()> {
        self.bare.push(Figures::of(bare)?);
        self.verify.push(Figures::of(verify)?);
        Ok(())
    }

    /// The median over the rounds of verify by bare.
    fn ratio(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        let rounds = self.verify.iter().zip(&self.bare);
        median(rounds.map(|(verify, bare)| figure(verify) / figure(bare)))
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A line a situation: verify's medians, then the ratios to the bare route.
pub(crate) fn table(pairs: &[Pair]) -> String {
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
    for pair in pairs {
        let of = |figure: fn(&Figures) -> f64| median(pair.verify.iter().map(figure));
        let _ = writeln!(
            text,
            "{:<15} {:>5}  {:>8.0} {:>7.1} {:>7.0} {:>7.0} {:>7.0}   {:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2}",
            pair.situation,
            pair.connections,
            of(|figures| figures.throughput),
            of(|figures| figures.processor),
            of(|figures| figures.p50),
            of(|figures| figures.p99),
            of(|figures| figures.p999),
            pair.ratio(|figures| figures.throughput),
            pair.ratio(|figures| figures.processor),
            pair.ratio(|figures| figures.p50),
            pair.ratio(|figures| figures.p99),
            pair.ratio(|figures| figures.p999),
        );
    }
    text
}

/// What the devices weigh.
pub(crate) fn memory(empty: f64, full: f64, devices: usize) -> String {
    const MEGABYTE: f64 = 1024.0 * 1024.0;
    format!(
        "memory: {:.1} MB with one device seen, {:.1} MB with {devices}: {:.0} bytes a device, {:.0} beyond the first 30 MB",
        empty / MEGABYTE,
        full / MEGABYTE,
        (full - empty) / devices as f64,
        (full - 30.0 * MEGABYTE).max(0.0) / devices as f64,
    )
}
