//! `latchkey migrate`

use super::{Context, failure::Failure};
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Migrated {
    migrated: bool,
}

/// Opening the database migrates it; this command does it at a time that the operator chooses.
pub(super) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    context.engine().await?;
    context
        .output
        .print("The database is up to date.", &Migrated { migrated: true })
}
