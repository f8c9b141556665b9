//! Mutation tests of the domain: `cargo mutants` changes one expression at a time, and a test must fail.

use std::process::ExitCode;

use anyhow::Result;

use crate::{process, tools::CARGO_MUTANTS, workspace::Workspace};

/// Fails if a change survives; the arguments go to `cargo mutants`. Results are in `target/xtask/mutants.out`.
pub(crate) fn mutants(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let output = workspace.target().join("xtask");
    let mut mutants = workspace.program(CARGO_MUTANTS.ensure(workspace)?);
    mutants
        .args(["mutants", "--package", "latchkey-domain", "--output"])
        .arg(output)
        .args(args);
    process::run(&mut mutants)?;
    Ok(ExitCode::SUCCESS)
}
