//! Running what was built: as it will run in production, or with example data thrown away after.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    build::{self, Flavour},
    interrupt::Interrupt,
    workspace::Workspace,
};

/// Builds and serves; every argument but `--debug` goes to the server.
pub(crate) fn serve(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let (ours, servers) = args.split_at(
        args.iter()
            .position(|arg| arg == "--")
            .unwrap_or(args.len()),
    );
    let flavour = match ours.iter().any(|arg| arg == "--debug") {
        true => Flavour::Dev,
        false => Flavour::Release,
    };
    let passed_on = ours
        .iter()
        .filter(|arg| *arg != "--debug")
        .chain(servers.iter().skip(1));
    let built = build::build(workspace, flavour)?;
    println!("\nCtrl-C stops the server.\n");
    run(server(workspace, &built.binary).args(passed_on))
}

/// Builds and serves example data from a directory that is removed at the end.
pub(crate) fn demo(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let built = build::build(workspace, Flavour::Release)?;
    let data = ThrowAway::create("latchkey-demo")?;
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

/// A directory under the system's temporary directory that only we may read and that goes with us.
#[derive(Debug)]
pub(crate) struct ThrowAway(PathBuf);

impl ThrowAway {
    /// Makes a fresh directory. One that exists already is never used: somebody else may have
    /// put it there to read, or to choose, our keys.
    pub(crate) fn create(name: &str) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let mut attempt = 0;
        loop {
            let path = env::temp_dir().join(format!("{name}-{}-{attempt}", std::process::id()));
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error)
                    if error.kind() == std::io::ErrorKind::AlreadyExists && attempt < 100 =>
                {
                    attempt += 1;
                }
                Err(error) => {
                    return Err(error)
                        .with_context(|| format!("could not create {}", path.display()));
                }
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!(
                "could not remove {}: {error}; remove it by hand",
                self.0.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throw_away_directory_is_new_and_goes() {
        let one = ThrowAway::create("latchkey-test").unwrap();
        let two = ThrowAway::create("latchkey-test").unwrap();
        assert_ne!(one.path(), two.path());
        let path = one.path().to_owned();
        assert!(path.is_dir());
        drop(one);
        assert!(!path.exists());
    }
}
