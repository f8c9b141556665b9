//! What happens when a result cannot be written.

use crate::{
    harness::{CliSandbox, Output},
    server::{ANY, Server},
    setup::Setup,
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

/// A full pipe without a reader.
fn stopped() -> (impl Sized, Stdio) {
    let (reader, mut writer) = pipe().unwrap();
    writer.write_all(&[b'.'; 64 * 1024]).unwrap();
    (reader, writer.into())
}

fn run_into(sandbox: &CliSandbox, arguments: &[&str], out: Stdio) -> Output {
    let mut command = sandbox.command(arguments);
    Output::of(&command.stdout(out).output().unwrap())
}

/// A service, and a user with a link.
fn with_service_and_user() -> (CliSandbox, Value) {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    let ada = sandbox.json(&["user", "add", "ada@example.com"]);
    (sandbox, ada)
}

/// Everything that could have changed.
fn state(sandbox: &CliSandbox) -> [Value; 4] {
    [
        &["service", "show", "photos"][..],
        &["service", "list"],
        &["user", "list"],
        &["audit", "list"],
    ]
    .map(|arguments| sandbox.json(arguments))
}

#[test]
fn field_9_a_secret_that_cannot_be_printed_is_not_committed() {
    let (sandbox, ada) = with_service_and_user();
    let before = state(&sandbox);
    for arguments in REVEALING {
        let output = run_into(&sandbox, arguments, full());
        assert_eq!(output.code, 3, "{arguments:?}: {output:?}");
        assert_eq!(
            output.err,
            "error: cannot write to standard output: No space left on device (os error 28). Nothing was changed.\n"
        );
        let output = run_into(&sandbox, &[arguments, &["--json"]].concat(), full());
        let error: Value = serde_json::from_str(&output.err).unwrap();
        assert_eq!((output.code, error["error"].as_str()), (3, Some("output")));
        let output = run_into(&sandbox, arguments, closed());
        assert_eq!(
            output.code, 3,
            "nobody has read it: {arguments:?}: {output:?}"
        );
        assert!(output.err.contains("Broken pipe"), "{output:?}");
    }
    assert_eq!(state(&sandbox), before);
    // The link from before is still good.
    let server = Server::start(&sandbox, &[]);
    let link = ada["enrolment_url"].as_str().unwrap();
    let path = link.strip_prefix("http://localhost:3000").unwrap();
    let page = server.ask_public(path);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
}

#[test]
fn field_9_a_terminal_that_does_not_read_a_secret_times_out() {
    let (sandbox, _) = with_service_and_user();
    let before = state(&sandbox);
    let (_reader, out) = stopped();
    let output = run_into(&sandbox, &["service", "add", "wiki"], out);
    assert_eq!(output.code, 3, "{output:?}");
    assert!(output.err.contains("timed out. Nothing"), "{output:?}");
    assert_eq!(state(&sandbox), before);
}

#[test]
fn field_9_output_that_cannot_be_written_is_an_error_and_a_closed_pipe_is_not() {
    let (sandbox, _) = with_service_and_user();
    for arguments in LOOKING {
        let output = run_into(&sandbox, arguments, full());
        assert_eq!(output.code, 3, "{arguments:?}: {output:?}");
        assert!(
            output
                .err
                .contains("cannot write to standard output: No space"),
            "{arguments:?}: {output:?}"
        );
        let output = run_into(&sandbox, arguments, closed());
        assert_eq!(
            (output.code, output.err.as_str()),
            (0, ""),
            "{arguments:?}: {output:?}"
        );
    }
    let output = run_into(&sandbox, &["user", "disable", "ada@example.com"], full());
    assert_eq!(output.code, 3);
    assert!(
        output.err.contains("If this was a change, it was made."),
        "{output:?}"
    );
    let ada = sandbox.json(&["user", "show", "ada@example.com"]);
    assert_eq!(ada["user"]["status"], "disabled");
}

#[test]
fn field_9_a_setup_link_that_cannot_be_printed_is_not_committed() {
    for more in [&[][..], &["--demo"]] {
        let sandbox = CliSandbox::new();
        let serve = ["serve", "--public-addr", ANY, "--internal-addr", ANY];
        let output = run_into(&sandbox, &[&serve, more].concat(), full());
        assert_eq!(output.code, 3, "{output:?}");
        assert!(output.err.contains("Nothing was changed."), "{output:?}");
        for made in ["setup.linked", "user.invited"] {
            let events = sandbox.json(&["audit", "list", "--filter", made]);
            assert_eq!(events["items"], Value::Array(Vec::new()), "{more:?}");
        }
    }
}

#[test]
fn field_9_a_server_that_cannot_print_its_addresses_serves_nevertheless() {
    // There is an administrator, so no setup link is printed.
    let setup = Setup::new();
    let server = Server::start(&setup.sandbox, &[]);
    setup.signed_in(&server);
    drop(server);
    setup
        .sandbox
        .json(&["user", "role", "ada@example.com", "admin"]);
    let server = Server::start_unheard(&setup.sandbox, full());
    assert!(server.ask_inside("/healthz").starts_with("HTTP/1.1 200"));
}
