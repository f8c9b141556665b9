//! `latchkey serve`

use crate::harness::Desk;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Stdio},
};

fn free() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

struct Server {
    child: Child,
    lines: Vec<String>,
    public: String,
    internal: String,
}

fn start(desk: &Desk, more: &[&str]) -> Server {
    let (public, internal) = (free(), free());
    let arguments = [
        "serve",
        "--public-addr",
        &public,
        "--internal-addr",
        &internal,
    ];
    let mut child = desk
        .command(&[&arguments, more].concat())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    // The setup link is the last thing that is printed at a first start.
    while !lines.iter().any(|line: &String| {
        line.starts_with("Set up Latchkey: ") || line.starts_with("Sample data is shown.")
    }) {
        let mut line = String::new();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended: {lines:?}");
        lines.push(line.trim_end().to_owned());
    }
    Server {
        child,
        lines,
        public,
        internal,
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    // Printed a moment before the listeners accept; the backlog holds the connection until then.
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: localhost:3000\r\nAccept: text/html\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_first_start_prints_addresses_and_a_setup_link_that_opens() {
    let desk = Desk::new();
    let server = start(&desk, &[]);
    let all = server.lines.join("\n");
    assert!(
        all.contains(&server.public)
            && all.contains(&server.internal)
            && all.contains("http://localhost:3000/"),
        "{all}"
    );
    let link = server
        .lines
        .iter()
        .find_map(|line| line.strip_prefix("Set up Latchkey: "))
        .unwrap();
    let path = link.strip_prefix("http://localhost:3000").unwrap();
    assert!(get(&server.public, path).starts_with("HTTP/1.1 200 "));
    assert!(get(&server.internal, "/healthz").starts_with("HTTP/1.1 200 "));
    assert!(
        get(&server.internal, "/login").starts_with("HTTP/1.1 404 "),
        "no pages inside"
    );
    assert!(
        get(&server.public, "/healthz").starts_with("HTTP/1.1 404 "),
        "no health outside"
    );
    assert!(
        get(&server.public, "/verify/photos").starts_with("HTTP/1.1 404 "),
        "no verify outside"
    );
}

#[cfg(unix)]
#[test]
fn the_data_directory_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let _server = start(&desk, &[]);
    for name in ["data", "data/master.key"] {
        assert_eq!(
            std::fs::metadata(desk.path().join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o077,
            0,
            "{name}"
        );
    }
}

#[test]
fn a_taken_port_is_one_clear_message() {
    let desk = Desk::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = desk.run(&[
        "serve",
        "--public-addr",
        &address,
        "--internal-addr",
        &free(),
    ]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains(&address) && said.err.contains("`public_addr` (LATCHKEY_PUBLIC_ADDR)"),
        "{}",
        said.err
    );
    assert_eq!(said.err.lines().count(), 1);
    assert!(!desk.path().join("data").exists(), "nothing was touched");
}

#[test]
fn commands_work_beside_a_running_server() {
    let desk = Desk::new();
    let _server = start(&desk, &[]);
    desk.json(&["user", "add", "ada@example.com"]);
    assert_eq!(
        desk.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[cfg(unix)]
#[test]
fn sigterm_stops_it_cleanly() {
    let desk = Desk::new();
    let mut server = start(&desk, &[]);
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_demo_fills_an_empty_directory_and_no_other() {
    let desk = Desk::new();
    {
        let server = start(&desk, &["--demo"]);
        let all = server.lines.join("\n");
        assert!(all.contains("/enrol/"), "{all}");
    }
    assert!(
        desk.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len()
            >= 12
    );
    assert_eq!(
        desk.json(&["service", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    let again = start(&desk, &["--demo"]);
    drop(again);

    let desk = Desk::new();
    desk.json(&["user", "add", "ada@example.com"]);
    let said = desk.run(&[
        "serve",
        "--demo",
        "--public-addr",
        &free(),
        "--internal-addr",
        &free(),
    ]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("is not empty"), "{}", said.err);
}
