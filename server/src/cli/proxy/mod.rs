//! `latchkey proxy …`

mod doctor;
mod snippet;

use super::{Context, failure::Failure};
use clap::Subcommand;
use std::process::ExitCode;

/// Reverse proxies.
#[derive(Subcommand)]
pub(super) enum Proxy {
    /// Print ready configuration for a service; put its token in
    Snippet(snippet::Snippet),
    /// Look for what is wrong with a service behind its proxy, by asking it
    Doctor(Box<doctor::Doctor>),
}

impl Proxy {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Snippet(snippet) => snippet.run(context).await,
            Self::Doctor(doctor) => doctor.run(context).await,
        }
    }
}
