//! Checks with tools that are not Rust's own; [`tools`] installs them.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    npm, process,
    report::Checked,
    sdk,
    tools::{self, CARGO_DENY, CARGO_MACHETE},
    workspace::Workspace,
};

/// How long fetching the list of known vulnerabilities may take.
const FETCH_LIMIT: Duration = Duration::from_secs(60);

/// English spelling, in code, documents and tests.
pub(crate) fn spelling(workspace: &Workspace) -> Result<()> {
    let mut typos = workspace.program(tools::python_tool(workspace, "typos")?);
    typos.args(["--config", "xtask/typos.toml", "--format", "brief"]);
    process::run(&mut typos)
        .context("correct these words; a word that is right goes into xtask/typos.toml")
}

/// Licences, banned crates and where crates come from (`deny.toml`); unused dependencies.
pub(crate) fn dependencies(workspace: &Workspace) -> Result<()> {
    let mut deny = workspace.program(CARGO_DENY.ensure(workspace)?);
    deny.args(["--log-level", "error", "--workspace", "check"])
        .args(["licenses", "bans", "sources"]);
    process::run(&mut deny)?;
    let mut machete = workspace.program(CARGO_MACHETE.ensure(workspace)?);
    // By name, because it would search `target` too.
    process::run(machete.args(workspace.crates()?).arg("sdk/rust"))
}

/// Known vulnerabilities, where their list can be had.
pub(crate) fn advisories(workspace: &Workspace) -> Result<Checked> {
    let deny = CARGO_DENY.ensure(workspace)?;
    let mut fetch = workspace.program(&deny);
    fetch.args(["fetch", "db"]);
    if !process::run_for(&mut fetch, FETCH_LIMIT)? {
        println!(
            "  SKIPPED: the advisory database (github.com/RustSec/advisory-db) cannot be reached, \
             so known vulnerabilities were not looked for."
        );
        return Ok(Checked::Skipped);
    }
    let mut check = workspace.program(&deny);
    check
        .args(["--log-level", "error", "--workspace", "check"])
        .args(["--disable-fetch", "advisories"]);
    process::run(&mut check)?;
    Ok(Checked::Passed)
}

/// The types of the browser tests.
pub(crate) fn typescript(workspace: &Workspace) -> Result<()> {
    npm::install(&workspace.end2end())?;
    let mut tsc = Command::new("npx");
    tsc.current_dir(workspace.end2end())
        .args(["--no-install", "tsc", "--noEmit"]);
    process::run(&mut tsc)
}

/// Files and headings that documents link to, inside of the repository.
pub(crate) fn links(workspace: &Workspace) -> Result<()> {
    let mut check = workspace.program(tools::python_tool(workspace, "mdrefcheck")?);
    check.args(["docs", "fuzz"]).args(workspace.documents()?);
    // By name, because the packages of npm have documents too.
    check.args(sdk::DOCUMENTS);
    process::run(&mut check)
}
