//! Errors and usage errors, as people and scripts read them.

use crate::harness::CliSandbox;

#[test]
fn errors_have_a_code_and_a_message() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let output = sandbox.run(&["user", "add", "ADA@example.com", "--json"]);
    assert_eq!((output.code, output.out.as_str()), (1, ""));
    assert_eq!(output.error(), "conflict");
    let output = sandbox.run(&["user", "show", "nobody@example.com"]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.starts_with("error: there is no such "),
        "{}",
        output.err
    );
    for arguments in [
        &["user"][..],
        &["user", "add"],
        &["nonsense"],
        &["user", "role", "ada@example.com", "King"],
        &["device", "revoke", "7"],
        &["grant", "add", "a@b.c", "x", "--scope", "read:everything"],
    ] {
        assert_eq!(sandbox.run(arguments).code, 2, "{arguments:?}");
    }
    let output = sandbox.run(&["user", "role", "ada@example.com", "King", "--json"]);
    assert_eq!(output.error(), "usage");
    let output = sandbox.run(&["user", "role", "ada@example.com", "king", "--json"]);
    assert_eq!((output.code, output.error().as_str()), (1, "bad_input"));
}

#[test]
fn an_unknown_column_status_or_page_is_a_usage_error() {
    let sandbox = CliSandbox::new();
    for (arguments, known) in [
        (
            &["user", "list", "--sort", "mail"][..],
            "email, name, created",
        ),
        (&["user", "list", "--filter", "admins"], "admin"),
        (&["device", "list", "--sort", "foo"], "last_seen"),
        (
            &["service", "list", "--filter", "foo"],
            "this list has none",
        ),
        (
            &["grant", "list", "--sort", "name"],
            "email, service, created",
        ),
        (&["audit", "list", "--filter", "nonsense"], "device.revoked"),
        (&["user", "list", "--page", "0"], "1..=10000"),
    ] {
        let output = sandbox.run(arguments);
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{output:?}");
        assert!(output.err.contains(known), "{output:?}");
    }
    for arguments in [
        &["user", "list", "--sort", "last_seen", "--filter", "invited"][..],
        &["audit", "list", "--sort", "time", "--filter", "device"],
        &["audit", "list", "--filter", "device.revoked"],
    ] {
        assert_eq!(sandbox.run(arguments).code, 0, "{arguments:?}");
    }
}

#[test]
fn audit_40_a_command_in_another_directory_says_that_it_creates_a_latchkey() {
    for command in [
        &["user", "list"][..],
        &["device", "list"],
        &["passkey", "list", "ada@example.com"],
        &["service", "list"],
        &["grant", "list"],
        &["key", "list"],
        &["audit", "list"],
    ] {
        let sandbox = CliSandbox::new();
        let said = "There was no Latchkey in ";
        let first = sandbox.run(command).err;
        assert!(first.contains(said), "{command:?}: {first}");
        let second = sandbox.run(command).err;
        assert!(!second.contains(said), "{command:?}: {second}");
    }
}
