//! The quick build, built and started again on every change.

use std::process::{Child, ExitCode};

use anyhow::{Context, Result};

use crate::{
    build,
    interrupt::{Interrupt, STOP_LIMIT},
    process,
    profile::Profile,
    serve,
    watch::Watch,
    workspace::Workspace,
};

/// Builds, serves, watches; until Ctrl-C. Every argument goes to the server.
pub(crate) fn dev(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let interrupt = Interrupt::catch()?;
    let mut server: Option<Child> = None;
    // Started before the first build: what changes during a build is built next.
    let watch = Watch::start(workspace)?;
    loop {
        match build::build(workspace, Profile::Dev) {
            _ if interrupt.raised() => break,
            Ok(built) => {
                stop(&mut server)?;
                let mut command = serve::server(workspace, &built.binary);
                server = Some(
                    command
                        .args(args)
                        .spawn()
                        .context("could not start the server")?,
                );
                println!("\nWatching the sources. Ctrl-C stops.\n");
            }
            // A mistake in a source file must not end the server that is running.
            Err(failure) => {
                let still = if server.is_some() {
                    " The last good build is still serving."
                } else {
                    ""
                };
                eprintln!("\n{failure:#}.{still} Waiting for the next change.\n");
            }
        }
        if !watch.wait(&interrupt) {
            break;
        }
        println!("\nA source changed; building again.");
    }
    stop(&mut server)?;
    Ok(ExitCode::SUCCESS)
}

fn stop(server: &mut Option<Child>) -> Result<()> {
    match server.take() {
        Some(mut child) => process::stop(&mut child, STOP_LIMIT),
        None => Ok(()),
    }
}
