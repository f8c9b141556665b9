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

/// An address that was free a moment ago.
pub(crate) fn free() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

impl Server {
    pub(crate) fn start(sandbox: &CliSandbox, more: &[&str]) -> Self {
        let (public, internal) = (free(), free());
        let command = sandbox.command(&[&arguments(&public, &internal), more].concat());
        Self::spawn(command, public, internal)
    }

    /// One whose log goes to a file on the desk.
    #[cfg(unix)]
    pub(crate) fn start_logged(sandbox: &CliSandbox, file: &str) -> Self {
        let (public, internal) = (free(), free());
        let log = std::fs::File::create(sandbox.path().join(file)).unwrap();
        let mut command = sandbox.command(&arguments(&public, &internal));
        command.stderr(log);
        Self::spawn(command, public, internal)
    }

    /// One whose greeting goes elsewhere.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_unheard(sandbox: &CliSandbox, out: Stdio) -> Self {
        let (public, internal) = (free(), free());
        let mut command = sandbox.command(&arguments(&public, &internal));
        let mut child = command.stdout(out).spawn().unwrap();
        while TcpStream::connect(&internal).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended");
            std::thread::yield_now();
        }
        Self {
            child,
            lines: Vec::new(),
            public,
            internal,
        }
    }

    /// One that a shell starts after `first`; `$0` is the program.
    pub(crate) fn start_after(sandbox: &CliSandbox, first: &str) -> Self {
        let (public, internal) = (free(), free());
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--map-root-user", "sh", "-c"])
            .arg(format!("{first} && exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_latchkey"))
            .args(arguments(&public, &internal))
            .current_dir(sandbox.path())
            .stdin(Stdio::null());
        Self::spawn(command, public, internal)
    }

    fn spawn(mut command: Command, public: String, internal: String) -> Self {
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
        Self {
            child,
            lines,
            public,
            internal,
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

fn arguments<'a>(public: &'a str, internal: &'a str) -> [&'a str; 5] {
    [
        "serve",
        "--public-addr",
        public,
        "--internal-addr",
        internal,
    ]
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

/// The name under which a listener on this machine is asked.
pub(crate) fn host(address: &str) -> String {
    address.replace("127.0.0.1", "localhost")
}

/// Sends bytes, and reads until the other side closes.
pub(crate) fn converse(address: &str, forwarded_request: &str) -> String {
    let mut connection = say(address, forwarded_request);
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
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
