//! Packages of Debian and its kin, where we may install them.

use std::{process::Command, time::Duration};

use anyhow::Result;

use crate::process;

/// Debian's Chromium is some 100 MB with what it needs.
const LIMIT: Duration = Duration::from_secs(600);

/// `apt-get install`, as root or with a sudo that asks nothing; whether it was done.
pub(crate) fn install(packages: &[&str]) -> Result<bool> {
    if process::on_path("apt-get").is_none() {
        return Ok(false);
    }
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let prefix: &[&str] = match is_root {
        true => &["env"],
        false if process::succeeds(Command::new("sudo").args(["-n", "true"])) => {
            &["sudo", "-n", "env"]
        }
        false => return Ok(false),
    };
    let apt = |args: &[&str]| {
        let mut command = Command::new(prefix[0]);
        command
            .args(&prefix[1..])
            // At this run level no daemon is started that a package brings.
            .args(["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get"])
            .args(args);
        process::run_for(&mut command, LIMIT)
    };
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    Ok(apt(&["update"])? && apt(&install)?)
}
