//! A Chromium for the browser tests: the one that is there, otherwise one that can be had.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Result, bail};

use crate::{apt, process};

const ON_PATH: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Without the open internet Playwright would try for many minutes.
const PLAYWRIGHT_LIMIT: Duration = Duration::from_secs(240);

/// In this order: `CHROMIUM`, the system's, Playwright's own if it is there already, Playwright's
/// own downloaded, the distribution's package.
pub(crate) fn find(end2end: &Path) -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM").filter(|chosen| !chosen.is_empty()) {
        let chosen = PathBuf::from(chosen);
        // Somebody's explicit choice is never silently replaced.
        if !starts(&chosen) {
            bail!("CHROMIUM is {}, but that does not start", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(found) = on_path().or_else(|| playwrights(end2end)) {
        return Ok(found);
    }

    println!("  No Chromium here; Playwright downloads its own.");
    let mut install = Command::new("npx");
    install
        .current_dir(end2end)
        .args(["--no-install", "playwright", "install", "chromium"]);
    if process::run_for(&mut install, PLAYWRIGHT_LIMIT)?
        && let Some(found) = playwrights(end2end)
    {
        return Ok(found);
    }

    println!("  That did not work; trying the distribution's package.");
    // Without a font of its own a page has no letters.
    if apt::install(&["chromium", "fonts-liberation"])?
        && let Some(found) = on_path()
    {
        return Ok(found);
    }
    bail!(
        "the browser tests need a Chromium and none could be found or installed. Install one \
         (Debian: `apt-get install chromium`; others: `npx playwright install --with-deps \
         chromium` in end2end), or say where one is: CHROMIUM=/path/to/chromium"
    )
}

fn on_path() -> Option<PathBuf> {
    ON_PATH
        .iter()
        .filter_map(|name| process::on_path(name))
        .find(|path| starts(path))
}

/// Where Playwright keeps its own, if it has one that starts.
fn playwrights(end2end: &Path) -> Option<PathBuf> {
    let script = "console.log(require('@playwright/test').chromium.executablePath())";
    let mut node = Command::new("node");
    let said = process::output(node.current_dir(end2end).args(["-e", script])).ok()?;
    let path = PathBuf::from(said.trim());
    starts(&path).then_some(path)
}

/// Some distributions put a stand-in under the name that only says what to install, and a
/// downloaded browser may lack the system's libraries.
fn starts(path: &Path) -> bool {
    process::is_program(path) && process::succeeds(Command::new(path).arg("--version"))
}
