//! `latchkey migrate`

use super::{Context, failure::Failure};
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Migrated {
    migrated: bool,
}

/// Opening the data migrates it; this is for those who want it done at a time of their choosing.
pub(super) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    context.engine().await?;
    context
        .output
        .say("The database is up to date.", &Migrated { migrated: true })
}
