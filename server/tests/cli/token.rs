//! `latchkey token …`, `latchkey login` and `latchkey logout`, as far as they need no browser.

use crate::harness::{CliSandbox, Output};
use serde_json::json;
use std::{io::Write, process::Stdio};

fn introspect(sandbox: &CliSandbox, input: &str, arguments: &[&str]) -> Output {
    let mut child = sandbox
        .command(&[&["token", "introspect"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    Output::of(&child.wait_with_output().unwrap())
}

#[test]
fn the_operator_is_told_why_a_token_is_not_accepted() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    let found = introspect(&sandbox, "a.b.c\n", &[]);
    assert_eq!(found.code, 1, "{}", found.err);
    assert!(
        found.out.starts_with("It is not accepted."),
        "{}",
        found.out
    );
    let found = introspect(&sandbox, &"x".repeat(10_000), &["--json"]);
    assert_eq!(found.code, 1, "{}", found.err);
    let found: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(found, json!({"accepted": false, "fault": "too_long"}));
}

#[test]
fn programs_that_act_for_users_are_listed() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    for arguments in [
        &["token", "list"][..],
        &["token", "list", "--user", "ada@example.com"],
    ] {
        let listed = sandbox.json(arguments);
        assert_eq!(listed["items"], json!([]));
    }
    let unknown = "00000000-0000-0000-0000-000000000000";
    let refused = sandbox.run(&["token", "revoke", unknown, "--json"]);
    assert_eq!((refused.code, refused.error()), (1, "not_found".to_owned()));
}

#[test]
fn a_service_accepts_native_devices_if_it_says_so() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    for (arguments, native) in [(&["--native"][..], true), (&[], false)] {
        let changed = sandbox.json(&[&["service", "tokens", "photos"], arguments].concat());
        assert_eq!(changed["access_tokens"]["native"], native);
    }
    let listed = sandbox.json(&["client", "list"]);
    assert_eq!(listed["items"], json!([]));
    let refused = sandbox.run(&[
        "client",
        "delete",
        "Latchkey command line",
        "--yes",
        "--json",
    ]);
    assert_eq!((refused.code, refused.error()), (1, "conflict".to_owned()));
}

#[test]
fn a_terminal_needs_neither_data_nor_configuration() {
    let sandbox = CliSandbox::new();
    sandbox.write("latchkey.toml", "this is no configuration");
    let config = sandbox.path().join("config");
    let environment = [("XDG_CONFIG_HOME", config.to_str().unwrap())];
    for arguments in [&["token", "get", "--json"][..], &["logout", "--json"]] {
        let failed = sandbox.run_in(&environment, arguments);
        assert_eq!(
            (failed.code, failed.error()),
            (1, "not_logged_in".to_owned())
        );
    }
    let unreachable = ["login", "--server", "http://127.0.0.1:1", "--json"];
    let failed = sandbox.run_in(&environment, &unreachable);
    assert_eq!((failed.code, failed.error()), (1, "unreachable".to_owned()));
    // An address of a network for documentation: refused before anything is sent.
    let plain = ["login", "--server", "http://192.0.2.1", "--json"];
    let failed = sandbox.run_in(&environment, &plain);
    assert!(failed.err.contains("plain http"), "{}", failed.err);
    assert!(!config.join("latchkey").exists() && !sandbox.path().join("data").exists());
}
