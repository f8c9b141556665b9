//! The browser tests: Playwright in `end2end`, against the server with the site inside.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{chromium, process, proxies, test_counts::Counts, workspace::Workspace};

/// The oldest one still looked after when the suite was written (`engines` in its package.json).
const OLDEST_NODE: u32 = 20;

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
    install_packages(workspace)?;
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

fn check_node() -> Result<()> {
    let advice = format!(
        "the browser tests need Node.js {OLDEST_NODE} or newer, with npm. Install it \
         (Debian and Ubuntu: `apt-get install nodejs npm`; others: https://nodejs.org), then \
         start again. `cargo xtask test rust` needs neither"
    );
    for program in ["node", "npm", "npx"] {
        if process::on_path(program).is_none() {
            bail!("`{program}` is not there: {advice}");
        }
    }
    let said = process::output(Command::new("node").arg("--version"))?;
    match node_version(&said) {
        Some(version) if version < OLDEST_NODE => {
            bail!("this is Node.js {}: {advice}", said.trim())
        }
        _ => Ok(()),
    }
}

/// `v20.20.2` is 20.
fn node_version(said: &str) -> Option<u32> {
    said.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Sees to it that Node's packages are there.
pub(crate) fn install_packages(workspace: &Workspace) -> Result<()> {
    check_node()?;
    let end2end = workspace.end2end();
    let lock = end2end.join("package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    // npm writes this file last, so it also tells a finished installation from a broken one.
    let installed = modified(&end2end.join("node_modules/.package-lock.json"));
    let wanted = modified(&lock).or_else(|| modified(&end2end.join("package.json")));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    let command = if lock.is_file() { "ci" } else { "install" };
    let mut npm = Command::new("npm");
    npm.current_dir(&end2end)
        .args([command, "--no-audit", "--no-fund"]);
    process::run(&mut npm).context(
        "npm could not install the browser tests' packages; it has to download them once, so this \
         machine needs the internet or a configured npm registry",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_parsed_from_nodes_output() {
        assert_eq!(node_version("v20.20.2\n"), Some(20));
        assert_eq!(node_version("nonsense"), None);
    }
}
