//! Mutation tests of what decides: `cargo mutants` changes one expression at a time, and a test must fail.

use std::process::ExitCode;

use anyhow::Result;

use crate::{process, tools::CARGO_MUTANTS, workspace::Workspace};

/// All of the domain and the parsers, and what the engine decides.
const FILES: &[&str] = &[
    "domain/src/**/*.rs",
    "parsers/src/**/*.rs",
    "engine/src/access/forward.rs",
    "engine/src/access/identity_token.rs",
    "engine/src/access/verify.rs",
    "engine/src/cache/bounded_cache.rs",
    "engine/src/cache/compact_time.rs",
    "engine/src/cache/negative_cache.rs",
    "engine/src/cache/service_index.rs",
    "engine/src/identity/authentication.rs",
    "engine/src/keys/device_cookie.rs",
    "engine/src/keys/rotating_secret.rs",
    "engine/src/throttle/*.rs",
    "engine/src/tokens/*.rs",
    "engine/src/unit_of_work/authority.rs",
];

/// Fails if a change survives; the arguments go to `cargo mutants`. Results are in `target/xtask/mutants.out`.
pub(crate) fn mutants(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let output = workspace.target().join("xtask");
    let mut mutants = workspace.program(CARGO_MUTANTS.ensure(workspace)?);
    mutants
        .args(["mutants", "--workspace", "--output"])
        .arg(output);
    for file in FILES {
        mutants.args(["--file", file]);
    }
    mutants.args(args);
    process::run(&mut mutants)?;
    Ok(ExitCode::SUCCESS)
}
