//! The mail server that tests send to.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::{pip, workspace::Workspace};

/// The variable that tells the tests where the packages of the server are.
pub(crate) const VARIABLE: &str = "TEST_SMTP_PACKAGES";

/// Installs aiosmtpd from PyPI. Returns the value of [`VARIABLE`].
pub(crate) fn prepare(workspace: &Workspace) -> Result<PathBuf> {
    let packages = workspace.target().join("xtask/smtp");
    ensure!(
        pip::install(&workspace.root().join("xtask/smtp.txt"), &packages)?,
        "aiosmtpd could not be installed: that takes Python 3 with pip (Debian: `apt-get install python3-pip`), and PyPI once"
    );
    Ok(packages)
}
