//! What happens when a result cannot be written.

use crate::{
    adversity::Setup,
    harness::{Desk, Said},
    server::{Server, free},
};
use serde_json::Value;
use std::{
    fs::OpenOptions,
    io::{Write, pipe},
    process::Stdio,
};

/// Everything that prints a secret, once.
const REVEALING: [&[&str]; 5] = [
    &["service", "add", "wiki"],
    &["service", "rotate-token", "photos", "--overlap", "0h"],
    &["user", "add", "grace@example.com"],
    &["user", "add", "grace@example.com", "--print-totp"],
    &["user", "invite", "ada@example.com"],
];

/// What can be looked up again.
const LOOKING: [&[&str]; 11] = [
    &["service", "list"],
    &["service", "show", "photos"],
    &["user", "show", "ada@example.com"],
    &["proxy", "snippet", "photos", "--for", "haproxy"],
    &["audit", "list"],
    &["audit", "keys"],
    &["audit", "checkpoint"],
    &["audit", "export"],
    &["doctor"],
    &["config", "help"],
    &["--help"],
];

/// A disk without room.
fn full() -> Stdio {
    let full = OpenOptions::new().write(true).open("/dev/full");
    full.unwrap().into()
}

/// A pipe whose reader has left.
fn closed() -> Stdio {
    let (_, writer) = pipe().unwrap();
    writer.into()
}

/// A pipe that nobody reads, with no room left.
fn stopped() -> (impl Sized, Stdio) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&[b'.'; 64 * 1024]).unwrap();
    (reader, writer.into())
}

fn run_into(desk: &Desk, arguments: &[&str], out: Stdio) -> Said {
    let mut command = desk.command(arguments);
    Said::of(&command.stdout(out).output().unwrap())
}

/// A service, and somebody with a link.
fn furnished() -> (Desk, Value) {
    let desk = Desk::new();
    desk.json(&["service", "add", "photos"]);
    let ada = desk.json(&["user", "add", "ada@example.com"]);
    (desk, ada)
}

/// Everything that could have changed.
fn state(desk: &Desk) -> [Value; 4] {
    [
        &["service", "show", "photos"][..],
        &["service", "list"],
        &["user", "list"],
        &["audit", "list"],
    ]
    .map(|arguments| desk.json(arguments))
}

#[test]
fn field_9_what_is_shown_once_and_cannot_be_printed_is_not_made() {
    let (desk, ada) = furnished();
    let before = state(&desk);
    for arguments in REVEALING {
        let said = run_into(&desk, arguments, full());
        assert_eq!(said.code, 3, "{arguments:?}: {said:?}");
        assert_eq!(
            said.err,
            "error: cannot write to standard output: No space left on device (os error 28). Nothing was changed.\n"
        );
        let said = run_into(&desk, &[arguments, &["--json"]].concat(), full());
        let error: Value = serde_json::from_str(&said.err).unwrap();
        assert_eq!((said.code, error["error"].as_str()), (3, Some("output")));
        let said = run_into(&desk, arguments, closed());
        assert_eq!(said.code, 3, "nobody has read it: {arguments:?}: {said:?}");
        assert!(said.err.contains("Broken pipe"), "{said:?}");
    }
    assert_eq!(state(&desk), before);
    // The link from before is still good.
    let server = Server::start(&desk, &[]);
    let link = ada["enrolment_url"].as_str().unwrap();
    let path = link.strip_prefix("http://localhost:3000").unwrap();
    let page = server.ask_public(path);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

#[test]
fn field_9_a_terminal_that_does_not_accept_a_secret_holds_up_nobody() {
    let (desk, _) = furnished();
    let before = state(&desk);
    let (_reader, out) = stopped();
    let said = run_into(&desk, &["service", "add", "wiki"], out);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("timed out. Nothing"), "{said:?}");
    assert_eq!(state(&desk), before);
}

#[test]
fn field_9_a_result_that_cannot_be_written_is_a_failure_and_an_early_end_of_reading_is_none() {
    let (desk, _) = furnished();
    for arguments in LOOKING {
        let said = run_into(&desk, arguments, full());
        assert_eq!(said.code, 3, "{arguments:?}: {said:?}");
        assert!(
            said.err
                .contains("cannot write to standard output: No space"),
            "{arguments:?}: {said:?}"
        );
        let said = run_into(&desk, arguments, closed());
        assert_eq!(
            (said.code, said.err.as_str()),
            (0, ""),
            "{arguments:?}: {said:?}"
        );
    }
    let said = run_into(&desk, &["user", "disable", "ada@example.com"], full());
    assert_eq!(said.code, 3);
    assert!(
        said.err.contains("If this was a change, it was made."),
        "{said:?}"
    );
    let ada = desk.json(&["user", "show", "ada@example.com"]);
    assert_eq!(ada["user"]["status"], "disabled");
}

#[test]
fn field_9_a_setup_link_that_cannot_be_printed_is_not_made() {
    for more in [&[][..], &["--demo"]] {
        let desk = Desk::new();
        let serve = [
            "serve",
            "--public-addr",
            &free(),
            "--internal-addr",
            &free(),
        ];
        let said = run_into(&desk, &[&serve, more].concat(), full());
        assert_eq!(said.code, 3, "{said:?}");
        assert!(said.err.contains("Nothing was changed."), "{said:?}");
        for made in ["setup.linked", "user.invited"] {
            let events = desk.json(&["audit", "list", "--filter", made]);
            assert_eq!(events["items"], Value::Array(Vec::new()), "{more:?}");
        }
    }
}

#[test]
fn field_9_a_server_whose_greeting_cannot_be_written_serves_nevertheless() {
    // Somebody administers, so there is no link in it.
    let setup = Setup::new();
    let server = Server::start(&setup.desk, &[]);
    setup.signed_in(&server);
    drop(server);
    setup
        .desk
        .json(&["user", "role", "ada@example.com", "admin"]);
    let server = Server::start_unheard(&setup.desk, full());
    assert!(server.ask_inside("/healthz").starts_with("HTTP/1.1 200"));
}
