//! The arguments of both benchmarks.

use clap::Args;
use std::{num::ParseFloatError, time::Duration};

/// How long to measure.
#[derive(Args)]
pub(crate) struct Measurement {
    /// How long one measurement takes; short ones, so that other load on the machine affects few of them
    #[arg(long = "seconds", value_name = "SECONDS", default_value = "0.4", value_parser = seconds)]
    pub(crate) time: Duration,
    /// How many times each measurement is repeated
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// Passed by Cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn seconds(text: &str) -> Result<Duration, ParseFloatError> {
    text.parse().map(Duration::from_secs_f64)
}
