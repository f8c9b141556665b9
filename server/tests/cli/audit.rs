//! Checkpoints of the audit log, exports of it, and what tells that somebody tampered with it.

use crate::{
    harness::{Desk, Said},
    server::Server,
};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use std::{
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    process::Stdio,
    time::{Duration, Instant},
};

fn sql(desk: &Desk, statement: &str) {
    let file = desk.path().join("data/latchkey.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let url = format!("sqlite://{}", file.display());
        let db = Database::connect(url).await.unwrap();
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    });
}

/// Cuts the log after an entry and moves the head back, as somebody who can write the database would.
fn cut(desk: &Desk, seq: u32) {
    sql(
        desk,
        &format!(
            "DELETE FROM audit_events WHERE seq > {seq}; \
             UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_events WHERE seq = {seq})"
        ),
    );
}

/// A desk whose log has an entry for each service.
fn with_services(names: &[&str]) -> Desk {
    let desk = Desk::new();
    for name in names {
        desk.json(&["service", "add", name]);
    }
    desk
}

/// A verdict that is bad news, as JSON.
fn refused(desk: &Desk, arguments: &[&str]) -> Value {
    let said = desk.run(&[arguments, &["--json"]].concat());
    assert_eq!(said.code, 1, "{said:?}");
    serde_json::from_str(&said.out).unwrap()
}

fn text(desk: &Desk, name: &str) -> String {
    std::fs::read_to_string(desk.path().join(name)).unwrap()
}

#[test]
fn audit_13_a_truncated_log_verifies_but_not_against_a_checkpoint_kept_elsewhere() {
    let desk = with_services(&["a", "b", "c"]);
    let made = desk.json(&["audit", "checkpoint", "kept"]);
    assert_eq!((&made["seq"], made["time"].is_string()), (&json!(3), true));
    let report = desk.json(&["audit", "verify", "--against", "kept"]);
    assert_eq!(
        report,
        json!({"intact": true, "entries": 3, "against": {"fit": 1, "outside": 0, "faults": []}})
    );

    cut(&desk, 2);
    let report = desk.json(&["audit", "verify"]);
    assert_eq!(report, json!({"intact": true, "entries": 2}));
    let report = refused(&desk, &["audit", "verify", "--against", "kept"]);
    assert_eq!(
        (&report["intact"], &report["against"]["faults"]),
        (
            &json!(false),
            &json!([{"line": 1, "seq": 3, "problem": "truncated"}])
        )
    );
    let said = desk.run(&["audit", "verify", "--against", "kept"]);
    assert!(
        said.out
            .contains("line 1: the checkpoint of entry 3 is beyond the end")
    );

    // The same length again, with other entries.
    desk.json(&["service", "add", "d"]);
    let report = refused(&desk, &["audit", "verify", "--against", "kept"]);
    assert_eq!(report["against"]["faults"][0]["problem"], "rewritten");
}

#[test]
fn audit_13_checkpoints_are_read_from_a_pipe_and_only_our_own_count() {
    let desk = with_services(&["a"]);
    let other = with_services(&["a"]);
    let against = |text: &str| {
        let mut command = desk.command(&["audit", "verify", "--against", "-", "--json"]);
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
        Said::of(&child.wait_with_output().unwrap())
    };
    let printed = desk.run(&["audit", "checkpoint", "-"]).out;
    assert!(!desk.path().join("-").exists());
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
fn audit_13_a_checkpoint_file_is_appended_to_for_its_owner_only_and_no_link_is_followed() {
    let desk = with_services(&["a"]);
    desk.json(&["audit", "checkpoint", "kept"]);
    let mode = std::fs::metadata(desk.path().join("kept"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // Whatever was there stays, also half a line.
    desk.write("kept", &format!("{}eyJhbGc", text(&desk, "kept")));
    desk.json(&["audit", "checkpoint", "kept"]);
    let lines = text(&desk, "kept");
    let lines: Vec<_> = lines.lines().collect();
    assert!(lines.len() == 3 && lines[1] == "eyJhbGc", "{lines:?}");

    desk.write("victim", "precious");
    for target in ["victim", "nowhere"] {
        symlink(
            desk.path().join(target),
            desk.path().join(format!("to-{target}")),
        )
        .unwrap();
        let said = desk.run(&["audit", "checkpoint", &format!("to-{target}")]);
        assert!(
            said.code == 1 && said.err.contains("symbolic link"),
            "{said:?}"
        );
    }
    assert_eq!(text(&desk, "victim"), "precious");
    assert!(!desk.path().join("nowhere").exists());
    assert_eq!(desk.run(&["audit", "checkpoint", "/dev/null"]).code, 1);
    assert_eq!(desk.run(&["audit", "checkpoint", "data"]).code, 1);
}

#[test]
fn audit_13_an_export_is_verified_elsewhere_with_the_public_key_alone() {
    let desk = with_services(&["a", "b", "c"]);
    let elsewhere = Desk::new();
    elsewhere.write("keys", &desk.run(&["audit", "keys"]).out);
    elsewhere.write("log", &desk.run(&["audit", "export"]).out);
    elsewhere.write("part", &desk.run(&["audit", "export", "--after", "1"]).out);
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

    desk.json(&["service", "add", "d"]);
    elsewhere.write("late", &desk.run(&["audit", "checkpoint"]).out);
    let report = refused(&elsewhere, &with(&["log", "--against", "late"]));
    assert_eq!(report["against"]["faults"][0]["problem"], "truncated");
    elsewhere.write("log", &desk.run(&["audit", "export"]).out);
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
fn audit_13_a_broken_log_is_exported_whole_but_nothing_of_it_is_signed() {
    let desk = with_services(&["a", "b"]);
    sql(
        &desk,
        "UPDATE audit_events SET target_name = 'x' WHERE seq = 1",
    );
    let said = desk.run(&["audit", "export"]);
    assert_eq!((said.code, said.out.lines().count()), (1, 2), "{said:?}");
    assert!(said.err.contains("broken at entry 1"), "{said:?}");
    let said = desk.run(&["audit", "checkpoint", "kept"]);
    assert!(
        said.code == 1 && !desk.path().join("kept").exists(),
        "{said:?}"
    );
    // An entry that was exported once and is not there any more.
    let said = desk.run(&["audit", "export", "--after", "9"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
}

/// Waits until the file has so many lines.
fn lines_of(desk: &Desk, name: &str, wanted: usize) -> usize {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let text = std::fs::read_to_string(desk.path().join(name)).unwrap_or_default();
        let lines = text.lines().count();
        if lines >= wanted || Instant::now() > until {
            return lines;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn audit_13_a_server_makes_checkpoints_by_itself_until_the_log_contradicts_them() {
    let desk = with_services(&["a", "b"]);
    desk.write("latchkey.toml", "[audit]\ncheckpoint_file = \"kept\"\n");
    drop(Server::start(&desk, &[]));
    // Stopped at once, it may not have come to it.
    let server = Server::start(&desk, &[]);
    assert!(lines_of(&desk, "kept", 1) >= 1);
    drop(server);
    desk.json(&["audit", "verify", "--against", "kept"]);
    let newest: Value = desk.json(&["audit", "checkpoint", "kept"]);

    cut(&desk, 1);
    let before = text(&desk, "kept");
    let server = Server::start_logged(&desk, "stderr");
    let until = Instant::now() + Duration::from_secs(10);
    while !text(&desk, "stderr").contains("no checkpoint of the audit log was made") {
        assert!(Instant::now() < until, "{}", text(&desk, "stderr"));
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(server);
    assert_eq!(text(&desk, "kept"), before);
    assert!(newest["seq"].as_i64() > Some(1));
}

#[test]
fn audit_13_a_checkpoint_goes_to_the_systems_log_at_the_default_level() {
    let desk = with_services(&["a"]);
    let server = Server::start_logged(&desk, "stderr");
    let until = Instant::now() + Duration::from_secs(10);
    let line = loop {
        let log = text(&desk, "stderr");
        match log.lines().find(|line| line.contains("checkpoint=eyJ")) {
            Some(line) if log.ends_with('\n') => break line.to_owned(),
            _ => assert!(Instant::now() < until, "{log}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    drop(server);
    desk.write("from-log", &line);
    desk.json(&["audit", "verify", "--against", "from-log"]);
}
