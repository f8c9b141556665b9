//! Programs that the checks need, each in one version, installed below `target/xtask` when they are first needed.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::{pip, process, workspace::Workspace};

/// A program of crates.io.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
    /// Options of `cargo install` that choose features.
    features: &'static [&'static str],
}

const fn tool(name: &'static str, version: &'static str) -> CargoTool {
    CargoTool {
        name,
        version,
        features: &[],
    }
}

/// Licences, banned crates, sources, known vulnerabilities.
pub(crate) const CARGO_DENY: CargoTool = tool("cargo-deny", "0.20.2");
/// Unused dependencies.
pub(crate) const CARGO_MACHETE: CargoTool = tool("cargo-machete", "0.9.2");
/// Mutation tests.
pub(crate) const CARGO_MUTANTS: CargoTool = tool("cargo-mutants", "27.1.0");
/// Fuzz tests.
pub(crate) const CARGO_FUZZ: CargoTool = tool("cargo-fuzz", "0.13.2");
/// The book; without its web server and its watcher.
pub(crate) const MDBOOK: CargoTool = CargoTool {
    features: &["--no-default-features", "--features", "search"],
    ..tool("mdbook", "0.5.4")
};

impl CargoTool {
    /// Where the program is; builds it first if it is not there.
    pub(crate) fn ensure(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self {
            name,
            version,
            features,
        } = self;
        let tools = workspace.target().join("xtask/tools");
        let root = tools.join(format!("{name}-{version}"));
        let program = root
            .join("bin")
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            return Ok(program);
        }
        println!("  cargo installs {name} {version}.");
        let mut cargo = workspace.cargo(&["install", "--quiet", "--locked", "--debug", "--root"]);
        cargo
            .arg(&root)
            .args(*features)
            .arg(format!("{name}@{version}"))
            // Built to be there soon: none of them runs for long. What they have in common is compiled once.
            .env("CARGO_TARGET_DIR", tools.join("build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        process::run(&mut cargo).with_context(|| {
            format!("cargo could not install {name}; it has to download it once from crates.io")
        })?;
        ensure!(
            program.is_file(),
            "cargo installed {name}, but there is no {}",
            program.display()
        );
        Ok(program)
    }
}

/// Where the program `name` of `xtask/tools.txt` is; installs all of that list first if they are not there.
pub(crate) fn python_tool(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let directory = workspace.target().join("xtask/python");
    let list = workspace.root().join("xtask/tools.txt");
    ensure!(
        pip::install(&list, &directory)?,
        "{name} could not be installed: that takes Python 3 with pip (Debian: `apt-get install python3-pip`), and \
         PyPI once"
    );
    Ok(directory.join("bin").join(name))
}
