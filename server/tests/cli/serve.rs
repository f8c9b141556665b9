//! `latchkey serve`

use crate::{
    harness::Desk,
    server::{Server, free},
};
use std::net::TcpListener;

#[test]
fn a_first_start_prints_addresses_and_a_setup_link_that_opens() {
    let desk = Desk::new();
    let server = Server::start(&desk, &[]);
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
    let desk = Desk::new();
    let _server = Server::start(&desk, &[]);
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
    let _server = Server::start(&desk, &[]);
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
    let mut server = Server::start(&desk, &[]);
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
        let server = Server::start(&desk, &["--demo"]);
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
    let again = Server::start(&desk, &["--demo"]);
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
