//! Packages of npm, as a lock file lists them.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest one still looked after when the tests were written (`engines` in their package.json).
const OLDEST_NODE: u32 = 20;

/// Sees to it that the packages of a directory are there.
pub(crate) fn install(directory: &Path) -> Result<()> {
    check_node()?;
    let lock = directory.join("package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    // npm writes this file last, so it also tells a finished installation from a broken one.
    let installed = modified(&directory.join("node_modules/.package-lock.json"));
    let wanted = modified(&lock).or_else(|| modified(&directory.join("package.json")));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    let command = if lock.is_file() { "ci" } else { "install" };
    let mut npm = Command::new("npm");
    npm.current_dir(directory)
        .args([command, "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(&mut npm).context(
        "npm could not install the tests' packages; it has to download them once, so this machine needs the \
         internet or a configured npm registry",
    )
}

fn check_node() -> Result<()> {
    let advice = format!(
        "these tests need Node.js {OLDEST_NODE} or newer, with npm. Install it \
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_parsed_from_nodes_output() {
        assert_eq!(node_version("v20.20.2\n"), Some(20));
        assert_eq!(node_version("nonsense"), None);
    }
}
