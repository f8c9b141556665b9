//! The browser tests: Playwright in `end2end`, against the server with the site inside.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{chromium, npm, process, proxies, test_counts::Counts, workspace::Workspace};

/// What the tests need beside the server.
pub(crate) struct Ready {
    chromium: PathBuf,
    /// `PATH`, with the proxies.
    path: OsString,
}

/// Sees to it that Node's packages, a Chromium and the proxies are there.
pub(crate) fn prepare(workspace: &Workspace) -> Result<Ready> {
    let end2end = workspace.end2end();
    ensure!(
        end2end.join("package.json").is_file(),
        "there are no browser tests: {} is missing",
        end2end.join("package.json").display()
    );
    npm::install(&end2end)?;
    let chromium = chromium::find(&end2end)?;
    let path = proxies::prepare(workspace)?;
    println!("  Chromium is {}", chromium.display());
    Ok(Ready { chromium, path })
}

/// Runs the tests. The suite starts and stops the server itself, on free ports, with fresh data.
/// Returns the counted tests and whether Playwright succeeded.
pub(crate) fn run(
    workspace: &Workspace,
    binary: &Path,
    ready: &Ready,
    args: &[String],
) -> Result<(Counts, bool)> {
    let end2end = workspace.end2end();
    let report = workspace.target().join("xtask/playwright.json");
    // The report of an earlier run must not speak for this one.
    if report.exists() {
        fs::remove_file(&report)?;
    }
    // What a build wrote goes to the disk first: gigabytes on their way delay every transaction of the servers under
    // test, for seconds on a slow disk. Where there is no `sync`, that may happen.
    process::succeeds(&mut Command::new("sync"));
    let mut playwright = Command::new("npx");
    process::forget_settings(&mut playwright);
    playwright
        .current_dir(&end2end)
        .args(["--no-install", "playwright", "test", "--reporter=list,json"])
        .args(args)
        .env("LATCHKEY_BIN", binary)
        .env("CHROMIUM", &ready.chromium)
        .env("PATH", &ready.path)
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        // Older Playwrights know only this name for it.
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    let status = playwright
        .status()
        .context("could not start `npx playwright test`")?;
    let counts = match fs::read_to_string(&report) {
        Ok(report) => Counts::from_playwright(&report)?,
        Err(_) if !status.success() => Counts::default(),
        Err(error) => return Err(error).context("Playwright left no report"),
    };
    Ok((counts, status.success()))
}
