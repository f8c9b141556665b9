//! `latchkey serve`

use crate::{
    harness::CliSandbox,
    server::{ANY, Server},
};
use std::net::TcpListener;

#[test]
fn a_first_start_prints_addresses_and_a_setup_link_that_opens() {
    let sandbox = CliSandbox::new();
    let server = Server::start(&sandbox, &[]);
    let all = server.lines.join("\n");
    // Without a public_url it is where the public listener waits.
    let origin = server.public.replace("127.0.0.1", "http://localhost");
    assert!(
        all.contains(&server.public)
            && all.contains(&server.internal)
            && all.contains(&format!("{origin}/")),
        "{all}"
    );
    let link = server
        .lines
        .iter()
        .find_map(|line| line.strip_prefix("Set up Latchkey: "))
        .unwrap();
    let path = link.strip_prefix(&origin).unwrap();
    assert!(server.ask_public(path).starts_with("HTTP/1.1 200 "));
    assert!(server.ask_inside("/healthz").starts_with("HTTP/1.1 200 "));
    assert!(
        server.ask_inside("/login").starts_with("HTTP/1.1 404 "),
        "no pages inside"
    );
    assert!(
        server.ask_public("/healthz").starts_with("HTTP/1.1 404 "),
        "no health outside"
    );
    assert!(
        server
            .ask_public("/verify/photos")
            .starts_with("HTTP/1.1 404 "),
        "no verify outside"
    );
}

#[cfg(unix)]
#[test]
fn the_data_directory_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = CliSandbox::new();
    let _server = Server::start(&sandbox, &[]);
    for name in ["data", "data/master.key"] {
        assert_eq!(
            std::fs::metadata(sandbox.path().join(name))
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
fn a_port_in_use_is_a_single_error_line() {
    let sandbox = CliSandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = sandbox.run(&["serve", "--public-addr", &address, "--internal-addr", ANY]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains(&address)
            && output.err.contains("`public_addr` (LATCHKEY_PUBLIC_ADDR)"),
        "{}",
        output.err
    );
    assert_eq!(output.err.lines().count(), 1);
    assert!(!sandbox.path().join("data").exists(), "nothing was touched");
}

#[test]
fn commands_work_beside_a_running_server() {
    let sandbox = CliSandbox::new();
    let _server = Server::start(&sandbox, &[]);
    sandbox.json(&["user", "add", "ada@example.com"]);
    assert_eq!(
        sandbox.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[cfg(unix)]
#[test]
fn sigterm_stops_it_cleanly() {
    let sandbox = CliSandbox::new();
    let mut server = Server::start(&sandbox, &[]);
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_demo_fills_only_an_empty_directory() {
    let sandbox = CliSandbox::new();
    {
        let server = Server::start(&sandbox, &["--demo"]);
        let all = server.lines.join("\n");
        assert!(all.contains("/enrol/"), "{all}");
    }
    assert!(
        sandbox.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len()
            >= 12
    );
    assert_eq!(
        sandbox.json(&["service", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    let again = Server::start(&sandbox, &["--demo"]);
    drop(again);

    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let output = sandbox.run(&[
        "serve",
        "--demo",
        "--public-addr",
        ANY,
        "--internal-addr",
        ANY,
        "--json",
    ]);
    assert_eq!((output.code, output.error().as_str()), (1, "not_empty"));
}
