//! A running server, and requests to it as bytes.

use crate::harness::{CliSandbox, Output};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) lines: Vec<String>,
    pub(crate) public: String,
    pub(crate) internal: String,
}

/// A free address, which the system chooses.
pub(crate) const ANY: &str = "127.0.0.1:0";

const SERVE: [&str; 5] = ["serve", "--public-addr", ANY, "--internal-addr", ANY];

impl Server {
    pub(crate) fn start(sandbox: &CliSandbox, more: &[&str]) -> Self {
        Self::spawn(sandbox.command(&[&SERVE, more].concat()))
    }

    /// One with these variables, whose log goes to a file in the sandbox.
    pub(crate) fn start_in(sandbox: &CliSandbox, environment: &[(&str, &str)], file: &str) -> Self {
        let log = std::fs::File::create(sandbox.path().join(file)).unwrap();
        let mut command = sandbox.command(&SERVE);
        command.envs(environment.iter().copied()).stderr(log);
        Self::spawn(command)
    }

    /// One whose log goes to a file in the sandbox.
    #[cfg(unix)]
    pub(crate) fn start_logged(sandbox: &CliSandbox, file: &str) -> Self {
        let log = std::fs::File::create(sandbox.path().join(file)).unwrap();
        let mut command = sandbox.command(&SERVE);
        command.stderr(log);
        Self::spawn(command)
    }

    /// One whose output is not read, so that its address must be known before.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_unheard(sandbox: &CliSandbox, out: Stdio) -> Self {
        let free = TcpListener::bind(ANY).unwrap();
        let internal = free.local_addr().unwrap().to_string();
        drop(free);
        let mut command =
            sandbox.command(&["serve", "--public-addr", ANY, "--internal-addr", &internal]);
        let mut child = command.stdout(out).spawn().unwrap();
        while TcpStream::connect(&internal).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended");
            std::thread::yield_now();
        }
        Self {
            child,
            lines: Vec::new(),
            public: String::new(),
            internal,
        }
    }

    /// One that a shell starts after `first`; `$0` is the program.
    pub(crate) fn start_after(sandbox: &CliSandbox, first: &str) -> Self {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--map-root-user", "sh", "-c"])
            .arg(format!("{first} && exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_latchkey"))
            .args(SERVE)
            .current_dir(sandbox.path())
            .stdin(Stdio::null());
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = Vec::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // The last thing that is printed at a first start.
        let is_last = |line: &String| {
            ["Set up Latchkey: ", "Sample data is shown."]
                .iter()
                .any(|start| line.starts_with(start))
        };
        while !lines.iter().any(is_last) {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended: {lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        let after = |start: &str, end: &str| {
            let line = lines
                .iter()
                .find_map(|line| line.split_once(start))
                .unwrap();
            line.1.trim_end_matches(end).to_owned()
        };
        Self {
            public: after("(listening on ", ")"),
            internal: after("for services: http://", ""),
            child,
            lines,
        }
    }

    /// Opens a page as a browser does.
    pub(crate) fn ask_public(&self, path: &str) -> String {
        ask(&self.public, path)
    }

    pub(crate) fn ask_inside(&self, path: &str) -> String {
        ask(&self.internal, path)
    }

    /// Runs a command where [`Server::start_after`] has put the server: on its disks.
    pub(crate) fn beside(&self, sandbox: &CliSandbox, arguments: &[&str]) -> Output {
        let output = Command::new("nsenter")
            .args(["--mount", "--user", "--preserve-credentials", "--target"])
            .arg(self.child.id().to_string())
            .arg(env!("CARGO_BIN_EXE_latchkey"))
            .args(arguments)
            .arg("--data-dir")
            .arg(sandbox.path().join("data"))
            .output()
            .unwrap();
        Output::of(&output)
    }

    /// Sends it a signal, by the name that kill(1) knows.
    pub(crate) fn signal(&self, name: &str) {
        let killed = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(address: &str, path: &str) -> String {
    converse(
        address,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
            host(address)
        ),
    )
}

/// The host name of a listener on this machine.
pub(crate) fn host(address: &str) -> String {
    address.replace("127.0.0.1", "localhost")
}

/// Sends bytes, and reads until the other side closes.
pub(crate) fn converse(address: &str, forwarded_request: &str) -> String {
    let mut connection = say(address, forwarded_request);
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    response
}

/// Sends bytes. The addresses are printed a moment before the listeners accept; the backlog holds the
/// connection until then.
pub(crate) fn say(address: &str, forwarded_request: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address).unwrap();
    connection
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    connection.write_all(forwarded_request.as_bytes()).unwrap();
    connection
}
