//! Real Redis and Valkey servers, each in a directory of its own, behind a socket there.

use std::{
    env,
    ffi::OsString,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Where `cargo xtask test` says which servers to run, as in `PATH`. Without it, those on `PATH` are used.
const PROGRAMS: &str = "TEST_REDIS_SERVERS";

const NAMES: [&str; 2] = ["valkey-server", "redis-server"];

/// A server that ends with the test.
pub(crate) struct RedisServer {
    program: PathBuf,
    arguments: Vec<OsString>,
    child: Child,
    dir: tempfile::TempDir,
}

/// The programs to test with.
pub(crate) fn programs() -> Vec<PathBuf> {
    if let Some(programs) = env::var_os(PROGRAMS) {
        return env::split_paths(&programs).collect();
    }
    let places = env::var_os("PATH").unwrap_or_default();
    let found = |name| env::split_paths(&places).map(move |place| place.join(name));
    let found = NAMES
        .into_iter()
        .filter_map(|name| found(name).find(|path| path.is_file()));
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        eprintln!(
            "SKIPPED: neither valkey-server nor redis-server is on PATH; `cargo xtask test rust` brings one."
        );
    }
    found
}

impl RedisServer {
    pub(crate) fn start(program: &Path, more: &[&str]) -> Self {
        println!("with {}", program.display());
        let dir = tempfile::tempdir().unwrap();
        let mut arguments: Vec<OsString> = ["--port", "0", "--loglevel", "warning", "--save", ""]
            .map(OsString::from)
            .into();
        arguments.extend(["--unixsocket".into(), dir.path().join("socket").into()]);
        arguments.extend(["--dir".into(), dir.path().into()]);
        arguments.extend(more.iter().map(OsString::from));
        let child = spawn(program, &arguments, dir.path());
        Self {
            program: program.to_owned(),
            arguments,
            child,
            dir,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// As if its machine had lost its power.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, with what it finds on its disk.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.program, &self.arguments, self.dir.path());
    }

    /// Sends it a signal, by the name that kill(1) knows.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(killed.unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(program: &Path, arguments: &[OsString], dir: &Path) -> Child {
    let socket = dir.join("socket");
    let _ = std::fs::remove_file(&socket);
    let mut server = Command::new(program);
    server
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut child = server.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while UnixStream::connect(&socket).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(Instant::now() < deadline, "no {}", socket.display());
        thread::sleep(Duration::from_millis(5));
    }
    child
}
