//! `latchkey serve` on temporary data, for programs that use it: the tests of the SDKs, and the demo of tokens.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    http::{self, Response},
    interrupt::STOP_LIMIT,
    process::{self, POLL},
};

/// A first start migrates the database; slow on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The server; dropping it stops it and removes its data.
#[derive(Debug)]
pub(crate) struct TestServer {
    binary: PathBuf,
    /// Its data, its output and its clock.
    dir: TempDir,
    child: Child,
    /// The ports of both listeners.
    public_port: u16,
    internal_port: u16,
}

impl TestServer {
    /// Starts a server on free ports, whose clock differs from the system's by so many seconds, and waits until it serves. Release
    /// builds have no clock of their own.
    pub(crate) fn start(binary: &Path, clock: i64) -> Result<Self> {
        Self::start_with(binary, clock, &[])
    }

    /// The same with settings of its own.
    pub(crate) fn start_with(binary: &Path, clock: i64, settings: &[(&str, &str)]) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        set_clock(dir.path(), clock)?;
        let log = |name: &str| File::create(dir.path().join(name));
        let mut serve = command(binary, dir.path());
        let child = serve
            .args(["serve", "--json"])
            .envs([
                ("LATCHKEY_PUBLIC_ADDR", "127.0.0.1:0"),
                ("LATCHKEY_INTERNAL_ADDR", "127.0.0.1:0"),
                ("LATCHKEY_PUBLIC_URL", "http://localhost:0"),
            ])
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(log("stdout")?)
            .stderr(log("stderr")?)
            .spawn()
            .context("could not start the server")?;
        let mut server = Self {
            binary: binary.to_owned(),
            dir,
            child,
            public_port: 0,
            internal_port: 0,
        };
        let said = server.wait_until_it_serves()?;
        server.public_port = port(&said, "public_addr")?;
        server.internal_port = port(&said, "internal_addr")?;
        Ok(server)
    }

    /// The address that users and clients know; the issuer of its tokens.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.public_port)
    }

    /// The address of the internal listener.
    pub(crate) fn internal_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.internal_port)
    }

    /// Posts a form to the public listener.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Response> {
        http::post(self.public_port, path, form)
    }

    /// What a `GET` of the public listener answers.
    pub(crate) fn get(&self, path: &str) -> Result<Response> {
        http::get(self.public_port, path)
    }

    /// A token of a client for itself.
    pub(crate) fn access_token(&self, id: &str, secret: &str) -> Result<String> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
        ];
        // The server reads four times a second what commands have changed.
        for _ in 0..100 {
            let response = self.post("/oauth/token", &form)?;
            let issued: Value = serde_json::from_str(&response.body)?;
            if let Some(token) = issued["access_token"].as_str() {
                return Ok(token.to_owned());
            }
            thread::sleep(POLL);
        }
        bail!("the server gave no access token")
    }

    /// Runs a command beside the server and returns what it prints as JSON.
    pub(crate) fn cli(&self, args: &[&str]) -> Result<Value> {
        let mut command = command(&self.binary, self.dir.path());
        let printed = process::output(command.arg("--json").args(args))?;
        Ok(serde_json::from_str(&printed)?)
    }

    /// From now on the server's clock differs from the system's by so many seconds.
    pub(crate) fn set_clock(&self, seconds: i64) -> Result<()> {
        set_clock(self.dir.path(), seconds)
    }

    /// Tells a program where the server is (`LATCHKEY_URL`, `LATCHKEY_INTERNAL_URL`), how to run its command line
    /// (`LATCHKEY_BIN` and its settings), and how to stop it (`LATCHKEY_PID`).
    pub(crate) fn describe_to(&self, program: &mut Command) {
        program
            .env("LATCHKEY_URL", self.url())
            .env("LATCHKEY_INTERNAL_URL", self.internal_url())
            .env("LATCHKEY_BIN", &self.binary)
            .env("LATCHKEY_PID", self.child.id().to_string());
        configure(program, self.dir.path());
    }

    fn wait_until_it_serves(&mut self) -> Result<Value> {
        let start = Instant::now();
        let written = |name: &str| fs::read_to_string(self.dir.path().join(name));
        while start.elapsed() < START_LIMIT {
            // It prints this line when both listeners are there.
            if let Ok(said) = serde_json::from_str(&written("stdout")?) {
                return Ok(said);
            }
            if self.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(POLL);
        }
        bail!("the server did not start:\n{}", written("stderr")?)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Err(failure) = process::stop(&mut self.child, STOP_LIMIT) {
            eprintln!("the server could not be stopped: {failure:#}");
        }
    }
}

fn port(said: &Value, name: &str) -> Result<u16> {
    let address = said[name].as_str().and_then(|text| text.rsplit_once(':'));
    let (_, port) = address.with_context(|| format!("the server has not said its {name}"))?;
    Ok(port.parse()?)
}

fn command(binary: &Path, dir: &Path) -> Command {
    let mut command = Command::new(binary);
    process::forget_settings(&mut command);
    // No latchkey.toml of the checkout is read.
    configure(command.current_dir(dir), dir);
    command
}

fn configure(program: &mut Command, dir: &Path) {
    program
        .env("LATCHKEY_DATA_DIR", dir.join("data"))
        .env("LATCHKEY_TEST_CLOCK", dir.join("clock"));
}

fn set_clock(dir: &Path, seconds: i64) -> Result<()> {
    // Renamed, so that no one reads a partial number.
    let next = dir.join("next-clock");
    fs::write(&next, seconds.to_string())?;
    Ok(fs::rename(next, dir.join("clock"))?)
}
