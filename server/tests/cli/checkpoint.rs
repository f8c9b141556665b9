//! Checkpoints and exports of the audit log, and how they detect tampering.

use crate::{
    harness::{CliSandbox, Output},
    server::Server,
};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use std::{
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
};

fn sql(sandbox: &CliSandbox, statement: &str) {
    let file = sandbox.path().join("data/latchkey.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let url = format!("sqlite://{}", file.display());
        let db = Database::connect(url).await.unwrap();
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    });
}

/// Truncates the log after an entry and moves the head back, as an attacker with access to the database would.
fn cut(sandbox: &CliSandbox, seq: u32) {
    sql(
        sandbox,
        &format!(
            "DELETE FROM audit_events WHERE seq > {seq}; \
             UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_events WHERE seq = {seq})"
        ),
    );
}

/// A desk whose log has an entry for each service.
fn with_services(names: &[&str]) -> CliSandbox {
    let sandbox = CliSandbox::new();
    for name in names {
        sandbox.json(&["service", "add", name]);
    }
    sandbox
}

/// A verdict that is bad news, as JSON.
fn refused(sandbox: &CliSandbox, arguments: &[&str]) -> Value {
    let output = sandbox.run(&[arguments, &["--json"]].concat());
    assert_eq!(output.code, 1, "{output:?}");
    serde_json::from_str(&output.out).unwrap()
}

fn text(sandbox: &CliSandbox, name: &str) -> String {
    std::fs::read_to_string(sandbox.path().join(name)).unwrap()
}

#[test]
fn audit_13_a_truncated_log_contradicts_a_checkpoint_kept_elsewhere() {
    let sandbox = with_services(&["a", "b", "c"]);
    let made = sandbox.json(&["audit", "checkpoint", "kept"]);
    assert_eq!((&made["seq"], made["time"].is_string()), (&json!(3), true));
    let report = sandbox.json(&["audit", "verify", "--against", "kept"]);
    assert_eq!(
        report,
        json!({"intact": true, "entries": 3, "against": {"fit": 1, "outside": 0, "faults": []}})
    );

    cut(&sandbox, 2);
    let report = sandbox.json(&["audit", "verify"]);
    assert_eq!(report, json!({"intact": true, "entries": 2}));
    let report = refused(&sandbox, &["audit", "verify", "--against", "kept"]);
    assert_eq!(
        (&report["intact"], &report["against"]["faults"]),
        (
            &json!(false),
            &json!([{"line": 1, "seq": 3, "problem": "truncated"}])
        )
    );
    let output = sandbox.run(&["audit", "verify", "--against", "kept"]);
    assert!(
        output
            .out
            .contains("line 1: the checkpoint of entry 3 is beyond the end")
    );

    // The same length again, with other entries.
    sandbox.json(&["service", "add", "d"]);
    let report = refused(&sandbox, &["audit", "verify", "--against", "kept"]);
    assert_eq!(report["against"]["faults"][0]["problem"], "rewritten");
}

#[test]
fn audit_13_checkpoints_are_read_from_a_pipe_and_only_own_ones_are_accepted() {
    let sandbox = with_services(&["a"]);
    let other = with_services(&["a"]);
    let against = |text: &str| {
        let mut command = sandbox.command(&["audit", "verify", "--against", "-", "--json"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        Output::of(&child.wait_with_output().unwrap())
    };
    let printed = sandbox.run(&["audit", "checkpoint", "-"]).out;
    assert!(!sandbox.path().join("-").exists());
    assert_eq!(against(&printed).code, 0);
    let theirs = against(&other.run(&["audit", "checkpoint"]).out);
    assert!(
        theirs.code == 1 && theirs.out.contains("unknown_key"),
        "{theirs:?}"
    );
    let none = against("\n# nothing\n");
    assert!(
        none.code == 1 && none.err.contains("has no checkpoint in it"),
        "{none:?}"
    );
}

#[test]
fn audit_13_a_checkpoint_file_is_private_to_its_owner_and_symlinks_are_not_followed() {
    let sandbox = with_services(&["a"]);
    sandbox.json(&["audit", "checkpoint", "kept"]);
    let mode = std::fs::metadata(sandbox.path().join("kept"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // Whatever was there stays, also half a line.
    sandbox.write("kept", &format!("{}eyJhbGc", text(&sandbox, "kept")));
    sandbox.json(&["audit", "checkpoint", "kept"]);
    let lines = text(&sandbox, "kept");
    let lines: Vec<_> = lines.lines().collect();
    assert!(lines.len() == 3 && lines[1] == "eyJhbGc", "{lines:?}");

    sandbox.write("victim", "precious");
    for target in ["victim", "nowhere"] {
        symlink(
            sandbox.path().join(target),
            sandbox.path().join(format!("to-{target}")),
        )
        .unwrap();
        let output = sandbox.run(&["audit", "checkpoint", &format!("to-{target}")]);
        assert!(
            output.code == 1 && output.err.contains("symbolic link"),
            "{output:?}"
        );
    }
    assert_eq!(text(&sandbox, "victim"), "precious");
    assert!(!sandbox.path().join("nowhere").exists());
    assert_eq!(sandbox.run(&["audit", "checkpoint", "/dev/null"]).code, 1);
    assert_eq!(sandbox.run(&["audit", "checkpoint", "data"]).code, 1);
}

#[test]
fn audit_13_an_export_is_verified_elsewhere_with_the_public_key_alone() {
    let sandbox = with_services(&["a", "b", "c"]);
    let elsewhere = CliSandbox::new();
    elsewhere.write("keys", &sandbox.run(&["audit", "keys"]).out);
    elsewhere.write("log", &sandbox.run(&["audit", "export"]).out);
    elsewhere.write(
        "part",
        &sandbox.run(&["audit", "export", "--after", "1"]).out,
    );
    let verify = ["audit", "verify", "--key", "keys", "--export"];
    let with = |more: &[&'static str]| [&verify[..], more].concat();
    assert_eq!(
        elsewhere.json(&with(&["log"])),
        json!({"intact": true, "entries": 3})
    );
    assert_eq!(
        elsewhere.json(&with(&["part", "--after", "1"]))["entries"],
        2
    );
    assert_eq!(refused(&elsewhere, &with(&["part"]))["intact"], false);
    assert!(!elsewhere.path().join("data").exists(), "nothing is made");

    let export = text(&elsewhere, "log");
    let lines: Vec<_> = export.lines().collect();
    for tampered in [
        vec![lines[0], lines[2], lines[3]],
        vec![lines[1], lines[0], lines[2], lines[3]],
        vec![lines[0], lines[1], lines[1], lines[2], lines[3]],
        vec![lines[0], lines[1], lines[3]],
        vec![lines[0], lines[1], lines[2]],
        vec![
            lines[0],
            &lines[1].replace("\"b\"", "\"x\""),
            lines[2],
            lines[3],
        ],
    ] {
        elsewhere.write("tampered", &tampered.join("\n"));
        let report = refused(&elsewhere, &with(&["tampered"]));
        assert!(
            report["intact"] == false && report["fault"].is_string(),
            "{report}"
        );
    }

    sandbox.json(&["service", "add", "d"]);
    elsewhere.write("late", &sandbox.run(&["audit", "checkpoint"]).out);
    let report = refused(&elsewhere, &with(&["log", "--against", "late"]));
    assert_eq!(report["against"]["faults"][0]["problem"], "truncated");
    elsewhere.write("log", &sandbox.run(&["audit", "export"]).out);
    let report = elsewhere.json(&with(&["log", "--against", "late"]));
    assert_eq!(report["against"]["fit"], 1);

    assert_eq!(
        elsewhere.run(&["audit", "verify", "--export", "log"]).code,
        2
    );
    let both = ["audit", "verify", "--key", "-", "--export", "-"];
    assert_eq!(elsewhere.run(&both).code, 2);
}

#[test]
fn audit_13_a_broken_log_is_exported_completely_but_unsigned() {
    let sandbox = with_services(&["a", "b"]);
    sql(
        &sandbox,
        "UPDATE audit_events SET target_name = 'x' WHERE seq = 1",
    );
    let output = sandbox.run(&["audit", "export"]);
    assert_eq!(
        (output.code, output.out.lines().count()),
        (1, 2),
        "{output:?}"
    );
    assert!(output.err.contains("broken at entry 1"), "{output:?}");
    let output = sandbox.run(&["audit", "checkpoint", "kept"]);
    assert!(
        output.code == 1 && !sandbox.path().join("kept").exists(),
        "{output:?}"
    );
    // An entry that was exported once and is not there any more.
    let output = sandbox.run(&["audit", "export", "--after", "9"]);
    assert_eq!((output.code, output.out.as_str()), (1, ""), "{output:?}");
}

#[test]
fn audit_13_an_event_that_another_program_wrote_beside_the_chain_is_reported() {
    let sandbox = with_services(&["a"]);
    let intact = sandbox.json(&["audit", "verify"]);
    assert_eq!(intact["unsealed"], Value::Null, "{intact}");
    sql(
        &sandbox,
        "INSERT INTO audit_unsealed (event_id, time, actor, actor_name, action, target, target_name, detail, tag) \
         VALUES (x'01020304050607080910111213141516', 1, 'operator', 'operator', 'user.added', '', 'eve', '', x'00')",
    );
    let report = refused(&sandbox, &["audit", "verify"]);
    assert_eq!(report["unsealed"], json!({ "waiting": 0, "rejected": 1 }));
    assert_eq!(report["entries"], json!(1), "{report}");
    let output = sandbox.run(&["audit", "verify"]);
    assert!(
        output.out.contains("1 event is beside the chain"),
        "{output:?}"
    );
    let doctor = sandbox.run(&["doctor", "--json"]);
    assert!(
        doctor.code == 1 && doctor.out.contains("unsealed_events_rejected"),
        "{doctor:?}"
    );
}

#[test]
fn audit_13_the_server_makes_checkpoints_until_the_log_contradicts_them() {
    let sandbox = with_services(&["a", "b"]);
    sandbox.write("latchkey.toml", "[audit]\ncheckpoint_file = \"kept\"\n");
    drop(Server::start(&sandbox, &[]));
    // Stopped at once, it may not have come to it.
    let server = Server::start(&sandbox, &[]);
    sandbox.wait_for_text("kept", "\n");
    drop(server);
    sandbox.json(&["audit", "verify", "--against", "kept"]);
    let newest: Value = sandbox.json(&["audit", "checkpoint", "kept"]);

    cut(&sandbox, 1);
    let before = text(&sandbox, "kept");
    let server = Server::start_logged(&sandbox, "stderr");
    sandbox.wait_for_text("stderr", "no checkpoint of the audit log was made");
    drop(server);
    assert_eq!(text(&sandbox, "kept"), before);
    assert!(newest["seq"].as_i64() > Some(1));
}

#[test]
fn audit_13_checkpoints_are_logged_at_the_default_level() {
    let sandbox = with_services(&["a"]);
    let server = Server::start_logged(&sandbox, "stderr");
    let log = sandbox.wait_for_text("stderr", "checkpoint=eyJ");
    let line = log.lines().find(|line| line.contains("checkpoint=eyJ"));
    drop(server);
    sandbox.write("from-log", line.unwrap());
    sandbox.json(&["audit", "verify", "--against", "from-log"]);
}
