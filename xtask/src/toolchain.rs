//! The parts of the Rust toolchain that an ordinary installation may lack.

use std::{env, path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{process, workspace::Workspace};

/// The browser's target triple.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Sees to it that code for the browser can be compiled.
pub(crate) fn ensure_wasm(workspace: &Workspace) -> Result<()> {
    if has_wasm(workspace) {
        return Ok(());
    }
    println!("  The Rust target {WASM} is missing; rustup adds it now.");
    if process::on_path("rustup").is_none() {
        bail!(
            "the Rust target {WASM} is missing and there is no rustup to add it.\n\
             Install Rust with rustup (https://rustup.rs), or install your distribution's \
             package of the standard library for {WASM}, then start again"
        );
    }
    if !rustup(workspace, &["target", "add", WASM]) || !has_wasm(workspace) {
        bail!(
            "rustup could not add the target {WASM}. It has to download it once: connect this \
             machine to the internet, run `rustup target add {WASM}` in this directory, then \
             start again"
        );
    }
    Ok(())
}

/// Sees to it that `cargo <subcommand>` is there; `component` is rustup's name for it.
pub(crate) fn ensure_component(
    workspace: &Workspace,
    subcommand: &str,
    component: &str,
) -> Result<()> {
    let is_there = || process::succeeds(&mut workspace.cargo(&[subcommand, "--version"]));
    if is_there() {
        return Ok(());
    }
    println!("  The Rust component {component} is missing; rustup adds it now.");
    if !rustup(workspace, &["component", "add", component]) || !is_there() {
        bail!(
            "the Rust component {component} is missing; run `rustup component add {component}` \
             in this directory, then start again"
        );
    }
    Ok(())
}

fn has_wasm(workspace: &Workspace) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut ask = Command::new(rustc);
    ask.current_dir(workspace.root())
        .args(["--print", "target-libdir", "--target", WASM]);
    // The directory's name says nothing; the compiled standard library must be in it.
    process::output(&mut ask).is_ok_and(|libdir| {
        Path::new(libdir.trim())
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some())
    })
}

fn rustup(workspace: &Workspace, args: &[&str]) -> bool {
    process::run(
        Command::new("rustup")
            .current_dir(workspace.root())
            .args(args),
    )
    .is_ok()
}
