//! From the sources to one file: wasm, style sheet, site, server.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

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
    toolchain::ensure_wasm(workspace)?;

    let compiled = step("wasm", || wasm::compile(workspace, profile))?;
    let bound = wasm::bind(workspace, profile, &compiled)?;
    let style = step("css", || {
        css::bundle(&workspace.root().join("style/main.css"))
    })?;

    let dir = workspace.target().join(profile.site_dir());
    let written = step("compress", || {
        let site = Site::assemble(bound, style, &workspace.root().join("style/assets"))?;
        let mut compressor = Compressor::open(workspace, profile)?;
        let written = site.write(&dir, &mut compressor)?;
        compressor.forget_unused()?;
        Ok(written)
    })?;

    let binary = step("server", || server(workspace, profile, &dir))?;

    let Written { wasm, js, css } = &written;
    note("sizes", &format!("wasm {wasm}, js {js}, css {css}"));
    note("ready", &binary.display());
    Ok(Built {
        binary,
        site: written,
    })
}

/// Runs a benchmark of the server, with its baseline compiled in (the feature `bench`), which leaves such a binary in
/// place of the one to deploy until the next build; `path` is where it finds programs.
pub(crate) fn benchmark(
    workspace: &Workspace,
    name: &str,
    args: &[String],
    path: Option<OsString>,
) -> Result<()> {
    let site = workspace.target().join(Profile::Release.site_dir());
    let mut cargo = workspace.cargo(&["bench", "--package", "latchkey", "--features", "bench"]);
    cargo
        .args(["--bench", name, "--"])
        .args(args)
        .env("LATCHKEY_SITE_DIR", site);
    if let Some(path) = path {
        cargo.env("PATH", path);
    }
    process::run(&mut cargo)
}

fn server(workspace: &Workspace, profile: Profile, site: &Path) -> Result<PathBuf> {
    let (cargo_profile, directory) = profile.server_profile();
    let mut args = vec!["build", "--bin", "latchkey", "--profile", cargo_profile];
    args.extend(match profile {
        Profile::Release | Profile::Quick => ["--package", "latchkey"].as_slice(),
        // With the features that lints and tests chose: nothing is compiled a second time.
        Profile::Dev => &["--workspace"],
    });
    let mut cargo = workspace.cargo(&args);
    process::run(cargo.env("LATCHKEY_SITE_DIR", site))?;
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
