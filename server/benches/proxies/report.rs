//! The report: medians and ratios.

use crate::common::Result;
use std::{fmt::Write, time::Duration};

/// The figures of one round at one port.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// Requests per second.
    throughput: f64,
    /// The median latency, in microseconds.
    p50: f64,
    /// Latchkey's CPU microseconds per request.
    latchkey: f64,
    /// The proxy's CPU microseconds per request.
    proxy: f64,
}

/// A proxy with and without authorization, over all rounds.
pub(crate) struct Line {
    name: String,
    connections: usize,
    /// Without and with authorization.
    rounds: Vec<(Figures, Figures)>,
}

impl Figures {
    /// By the latency of each response in nanoseconds, and the time and CPU time of all.
    pub(crate) fn of(
        mut latencies: Vec<u32>,
        time: Duration,
        latchkey: Duration,
        proxy: Duration,
    ) -> Result<Self> {
        if latencies.is_empty() {
            return Err("there was no response".into());
        }
        latencies.sort_unstable();
        let count = latencies.len() as f64;
        Ok(Self {
            throughput: count / time.as_secs_f64(),
            p50: f64::from(latencies[latencies.len() / 2]) / 1000.0,
            latchkey: latchkey.as_secs_f64() * 1e6 / count,
            proxy: proxy.as_secs_f64() * 1e6 / count,
        })
    }
}

impl Line {
    pub(crate) fn new(name: &str, connections: usize) -> Self {
        Self {
            name: name.to_owned(),
            connections,
            rounds: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, plain: Figures, authorized: Figures) {
        self.rounds.push((plain, authorized));
    }

    fn median(&self, figure: impl Fn(&Figures, &Figures) -> f64) -> f64 {
        let mut values: Vec<_> = self
            .rounds
            .iter()
            .map(|(plain, authorized)| figure(plain, authorized))
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A line per proxy and number of connections: medians over the rounds, and of their ratios.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = format!(
        "{:<26} {:>5}  {:>7} {:>7} {:>6}   {:>8} {:>8} {:>7}   {:>7} {:>7} {:>8}\n",
        "", "", "p50 µs", "", "", "req/s", "", "", "proxy's", "cpu µs", "Latchkey's"
    );
    let _ = writeln!(
        text,
        "{:<26} {:>5}  {:>7} {:>7} {:>6}   {:>8} {:>8} {:>7}   {:>7} {:>7} {:>8}",
        "proxy", "conns", "plain", "auth", "×", "plain", "auth", "×", "plain", "auth", "cpu µs"
    );
    for line in lines {
        let _ = writeln!(
            text,
            "{:<26} {:>5}  {:>7.0} {:>7.0} {:>6.2}   {:>8.0} {:>8.0} {:>7.2}   {:>7.1} {:>7.1} {:>8.1}",
            line.name,
            line.connections,
            line.median(|plain, _| plain.p50),
            line.median(|_, authorized| authorized.p50),
            line.median(|plain, authorized| authorized.p50 / plain.p50),
            line.median(|plain, _| plain.throughput),
            line.median(|_, authorized| authorized.throughput),
            line.median(|plain, authorized| authorized.throughput / plain.throughput),
            line.median(|plain, _| plain.proxy),
            line.median(|_, authorized| authorized.proxy),
            line.median(|_, authorized| authorized.latchkey),
        );
    }
    text
}
