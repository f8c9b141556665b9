//! Running what was built: as it will run in production, or with example data that is removed afterwards.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{build, interrupt::Interrupt, profile::Profile, sdk, workspace::Workspace};

/// Builds and serves; the arguments go to the server.
pub(crate) fn serve(workspace: &Workspace, debug: bool, args: &[String]) -> Result<ExitCode> {
    let profile = if debug { Profile::Dev } else { Profile::Quick };
    let built = build::build(workspace, profile)?;
    println!("\nCtrl-C stops the server.\n");
    run(server(workspace, &built.binary).args(args))
}

/// Builds and serves example data from a directory that is removed at the end.
pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let built = build::build(workspace, Profile::Quick)?;
    let data = tempfile::tempdir()?;
    println!(
        "\nExample data in {}, removed when Ctrl-C stops the server.\n",
        data.path().display()
    );
    let mut server = server(workspace, &built.binary);
    // Example data must never reach a real database, neither through a variable nor through a
    // latchkey.toml in the checkout.
    server
        .current_dir(data.path())
        .env_remove("LATCHKEY_DATABASE_URL")
        .env_remove("LATCHKEY_MASTER_KEY_FILE")
        .env("LATCHKEY_DATA_DIR", data.path());
    run(server.arg("--demo").args(args))
}

/// Builds, and plays the life of access tokens against a server of its own.
pub(crate) fn demo_tokens(workspace: &Workspace) -> Result<ExitCode> {
    let built = build::build(workspace, Profile::Quick)?;
    println!();
    // Ctrl-C ends the programs that are started here; then the server's data is removed.
    let _interrupt = Interrupt::catch()?;
    sdk::examples(workspace, &built.binary)?;
    Ok(ExitCode::SUCCESS)
}

/// `latchkey serve` in the workspace's root, so that `./data` is the same wherever one stands.
pub(crate) fn server(workspace: &Workspace, binary: &Path) -> Command {
    let mut server = Command::new(binary);
    server.arg("serve").current_dir(workspace.root());
    server
}

fn run(server: &mut Command) -> Result<ExitCode> {
    let interrupt = Interrupt::catch()?;
    let mut child = server.spawn().context("could not start the server")?;
    match interrupt.wait(&mut child)? {
        // The server has said itself what was wrong.
        Some(status) if !status.success() => Ok(ExitCode::FAILURE),
        Some(_) | None => Ok(ExitCode::SUCCESS),
    }
}
