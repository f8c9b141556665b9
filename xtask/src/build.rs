//! From the sources to one file: wasm, style sheet, site, server.

use std::{ffi::OsString, path::PathBuf, process::Command};

use anyhow::{Result, ensure};

use crate::{
    compress::Compressor,
    css, process,
    profile::Profile,
    site::{Site, Written},
    step::{note, step},
    toolchain, wasm,
    workspace::Workspace,
};

/// What a build has made.
#[derive(Debug)]
pub(crate) struct Built {
    /// The server with the site inside: the one file to deploy.
    pub(crate) binary: PathBuf,
    /// What the site weighs.
    pub(crate) site: Written,
}

/// Builds everything and prints each step with its time.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Built> {
    let written = site(workspace, profile)?;
    let binary = step("server", || server(workspace, profile))?;

    let Written { wasm, js, css } = &written;
    note("sizes", &format!("wasm {wasm}, js {js}, css {css}"));
    note("ready", &binary.display());
    Ok(Built {
        binary,
        site: written,
    })
}

/// Builds the site that the server is compiled with.
fn site(workspace: &Workspace, profile: Profile) -> Result<Written> {
    toolchain::ensure_wasm(workspace)?;

    let compiled = step("wasm", || wasm::compile(workspace, profile))?;
    let bound = wasm::bind(workspace, profile, &compiled)?;
    let style = step("css", || {
        css::bundle(&workspace.root().join("style/main.css"))
    })?;

    step("compress", || {
        let site = Site::assemble(bound, style, &workspace.root().join("style/assets"))?;
        let mut compressor = Compressor::open(workspace, profile)?;
        let written = site.write(&site_dir(workspace, profile), &mut compressor)?;
        compressor.evict_unused()?;
        Ok(written)
    })
}

/// Builds and runs a benchmark of the server; `path` is where it finds programs.
pub(crate) fn benchmark(
    workspace: &Workspace,
    name: &str,
    args: &[String],
    path: Option<OsString>,
) -> Result<()> {
    site(workspace, Profile::Release)?;
    let mut cargo = benchmark_command(workspace, name);
    cargo.args(args);
    if let Some(path) = path {
        cargo.env("PATH", path);
    }
    process::run(&mut cargo)
}

/// The measured server has the baseline compiled in (the feature `bench`), so it is built in a target directory of its
/// own: `target/release/latchkey` is the file that people deploy.
fn benchmark_command(workspace: &Workspace, name: &str) -> Command {
    let mut cargo = workspace.cargo(&["bench", "--package", "latchkey", "--features", "bench"]);
    cargo
        .arg("--target-dir")
        .arg(workspace.target().join("bench"))
        .args(["--bench", name, "--"])
        .env("LATCHKEY_SITE_DIR", site_dir(workspace, Profile::Release));
    cargo
}

fn site_dir(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.target().join(profile.site_dir())
}

fn server(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let (cargo_profile, directory) = profile.server_profile();
    let mut args = vec!["build", "--bin", "latchkey", "--profile", cargo_profile];
    args.extend(match profile {
        Profile::Release | Profile::Quick => ["--package", "latchkey"].as_slice(),
        // With the features that lints and tests chose: nothing is compiled a second time.
        Profile::Dev => &["--workspace"],
    });
    let mut cargo = workspace.cargo(&args);
    process::run(cargo.env("LATCHKEY_SITE_DIR", site_dir(workspace, profile)))?;
    let file = format!("latchkey{}", std::env::consts::EXE_SUFFIX);
    let binary = workspace.target().join(directory).join(file);
    ensure!(
        binary.is_file(),
        "Cargo built the server, but not to {}. If a target is set in a Cargo configuration or in \
         CARGO_BUILD_TARGET, take it out for this command",
        binary.display()
    );
    Ok(binary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn audit_41_a_benchmark_does_not_replace_the_file_to_deploy() {
        let workspace = Workspace::find().unwrap();
        let command = benchmark_command(&workspace, "verify");
        let mut args = command.get_args().skip_while(|arg| *arg != "--target-dir");
        let target = args.nth(1).map(Path::new);
        assert_eq!(target, Some(&*workspace.target().join("bench")));
    }
}
