//! Ratios, and what they rest on.

use crate::Outcome;
use std::{fmt::Write, time::Duration};

/// Of one round at one port.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    /// Requests a second.
    throughput: f64,
    /// Microseconds: half of the requests were faster.
    p50: f64,
    /// Microseconds of Latchkey's processor a request.
    latchkey: f64,
    /// Microseconds of the proxy's processor a request.
    proxy: f64,
}

/// A proxy that asks beside the same that does not, over all rounds.
pub(crate) struct Line {
    name: String,
    connections: usize,
    /// Without a question of Latchkey's, and with one.
    rounds: Vec<(Figures, Figures)>,
}

impl Figures {
    /// From nanoseconds of each answer, and what they took together.
    pub(crate) fn of(
        mut latencies: Vec<u32>,
        time: Duration,
        latchkey: Duration,
        proxy: Duration,
    ) -> Outcome<Self> {
        if latencies.is_empty() {
            return Err("nothing was answered".into());
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

    pub(crate) fn add(&mut self, forwarded: Figures, asked: Figures) {
        self.rounds.push((forwarded, asked));
    }

    fn median(&self, figure: impl Fn(&Figures, &Figures) -> f64) -> f64 {
        let mut values: Vec<_> = self
            .rounds
            .iter()
            .map(|(forwarded, asked)| figure(forwarded, asked))
            .collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// A line a proxy and number of connections: the medians of the rounds, and of their ratios.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text = format!(
        "{:<26} {:>5}  {:>7} {:>7} {:>6}   {:>8} {:>8} {:>7}   {:>7} {:>7} {:>8}\n",
        "", "", "p50 µs", "", "", "req/s", "", "", "proxy's", "cpu µs", "Latchkey's"
    );
    let _ = writeln!(
        text,
        "{:<26} {:>5}  {:>7} {:>7} {:>6}   {:>8} {:>8} {:>7}   {:>7} {:>7} {:>8}",
        "proxy",
        "conns",
        "plain",
        "asking",
        "×",
        "plain",
        "asking",
        "×",
        "plain",
        "asking",
        "cpu µs"
    );
    for line in lines {
        let _ = writeln!(
            text,
            "{:<26} {:>5}  {:>7.0} {:>7.0} {:>6.2}   {:>8.0} {:>8.0} {:>7.2}   {:>7.1} {:>7.1} {:>8.1}",
            line.name,
            line.connections,
            line.median(|plain, _| plain.p50),
            line.median(|_, asking| asking.p50),
            line.median(|plain, asking| asking.p50 / plain.p50),
            line.median(|plain, _| plain.throughput),
            line.median(|_, asking| asking.throughput),
            line.median(|plain, asking| asking.throughput / plain.throughput),
            line.median(|plain, _| plain.proxy),
            line.median(|_, asking| asking.proxy),
            line.median(|_, asking| asking.latchkey),
        );
    }
    text
}
