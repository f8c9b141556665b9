//! fail2ban, whose tool tests use to check our filter.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// The variable that tells the tests where it was unpacked.
pub(crate) const VARIABLE: &str = "TEST_FAIL2BAN";

/// Unpacks Debian's package, without installing it: nothing of it is to run here. `None` where there is none.
pub(crate) fn prepare(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let own = workspace.target().join("xtask/fail2ban");
    let unpacked = own.join("root");
    if unpacked.join("usr/bin/fail2ban-regex").exists() {
        return Ok(Some(unpacked));
    }
    if process::on_path("apt-get").is_none() || process::on_path("dpkg").is_none() {
        return Ok(None);
    }
    fs::create_dir_all(&own)?;
    let download = || {
        let mut download = Command::new("apt-get");
        process::succeeds(download.args(["download", "fail2ban"]).current_dir(&own))
    };
    // The lists of packages may be old, or not there.
    if !download() {
        let _ = process::succeeds(Command::new("apt-get").arg("update"));
        if !download() {
            return Ok(None);
        }
    }
    for file in fs::read_dir(&own)? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            process::run(Command::new("dpkg").arg("-x").arg(&file).arg(&unpacked))?;
            fs::remove_file(file)?;
        }
    }
    Ok(Some(unpacked))
}
