//! Where things are: the checkout's root, Cargo's target directory, Cargo itself.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{process, profile::Profile};

/// The checkout and its target directory, as Cargo sees them.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks Cargo, so that `CARGO_TARGET_DIR` and a user's Cargo configuration are honoured.
    pub(crate) fn find() -> Result<Self> {
        let mut metadata = undescribed(cargo());
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let json =
            process::output(&mut metadata).context("could not ask Cargo about this workspace")?;
        let metadata: serde_json::Value = serde_json::from_str(&json)?;
        let path = |key: &str| -> Result<PathBuf> {
            let value = metadata[key].as_str();
            value
                .map(PathBuf::from)
                .with_context(|| format!("`cargo metadata` names no {key}"))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
        })
    }

    /// The checkout's root: where `Cargo.toml` with `[workspace]` is.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target directory.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// What this build may keep between runs; throwing it away costs only time.
    pub(crate) fn cache(&self, profile: Profile) -> PathBuf {
        self.target.join("xtask").join(profile.cache_name())
    }

    /// The directory of the browser tests.
    pub(crate) fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// The directory of the fuzz targets, a workspace of its own.
    pub(crate) fn fuzz(&self) -> PathBuf {
        self.root.join("fuzz")
    }

    /// The names of the directories in the root that hold a crate.
    pub(crate) fn crates(&self) -> Result<Vec<String>> {
        self.names(|path| path.join("Cargo.toml").is_file())
    }

    /// The names of the documents in the root.
    pub(crate) fn documents(&self) -> Result<Vec<String>> {
        self.names(|path| path.extension().is_some_and(|extension| extension == "md"))
    }

    fn names(&self, is_wanted: impl Fn(&Path) -> bool) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && is_wanted(&entry.path())
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// A `cargo` that works in the workspace's root.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut cargo = self.program(cargo());
        cargo.args(args);
        cargo
    }

    /// A program that works in the workspace's root.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = undescribed(program);
        command.current_dir(&self.root);
        command
    }
}

/// `cargo run` describes this crate in the environment. Build scripts that watch these variables would run again each
/// time one changes between xtask and the command line.
fn undescribed(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let describes_this_crate = name.to_str().is_some_and(|name| {
            [
                "CARGO_PKG_",
                "CARGO_MANIFEST_",
                "CARGO_BIN_",
                "CARGO_CRATE_",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        });
        if describes_this_crate {
            command.env_remove(name);
        }
    }
    command
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
