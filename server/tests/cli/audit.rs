//! `latchkey audit …`, as long as nobody tampers; see `checkpoint.rs` for the rest

use crate::harness::CliSandbox;

#[test]
fn the_audit_log_is_listed_and_its_chain_verifies() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["migrate"]);
    sandbox.json(&["user", "add", "ada@example.com"]);
    let report = sandbox.json(&["audit", "verify"]);
    assert_eq!(report["intact"], true);
    let newest = sandbox.json(&["audit", "list"])["items"][0].clone();
    assert_eq!(
        (newest["action"].as_str(), newest["actor"].as_str()),
        (Some("user.added"), Some("operator"))
    );
}

#[test]
fn the_audit_log_is_exported_completely_with_its_chain() {
    let sandbox = CliSandbox::new();
    for name in ["photos", "wiki"] {
        sandbox.json(&["service", "add", name]);
    }
    let lines = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let output = sandbox.run(arguments);
        output
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let all = lines(&["audit", "export"]);
    assert_eq!(all[0]["action"], "service.added");
    assert_eq!(all[0]["changes"][0]["field"], "requirement");
    assert_eq!(all[0]["hash"], all[1]["prev_hash"]);
    assert!(all[2]["checkpoint"].is_string() && all.len() == 3);
    let later = lines(&["audit", "export", "--after", "1"]);
    assert!(later[0]["checkpoint"].is_string() && later.len() == 3);
    assert_eq!(later[1], all[1]);
}

#[test]
fn a_filtered_copy_has_what_is_filtered_and_says_that_it_is_not_signed() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    for name in ["photos", "wiki"] {
        sandbox.json(&["service", "add", name]);
    }
    let run = |arguments: &[&str]| sandbox.run(&[&["audit", "export"], arguments].concat());
    let photos = run(&["--service", "photos"]);
    assert_eq!(photos.out.lines().count(), 1);
    assert!(photos.out.contains("\"target_name\":\"photos\"") && !photos.out.contains("\"hash\""));
    let csv = run(&[
        "--format",
        "csv",
        "--action",
        "service",
        "--since",
        "2020-01-01",
        "--outcome",
        "done",
    ]);
    let lines: Vec<_> = csv.out.lines().collect();
    assert!(
        lines.len() == 3 && lines[0].starts_with("seq,time,"),
        "{lines:?}"
    );
    assert!(run(&["--format", "csv"]).err.contains("not signed"));
    assert_eq!(run(&["--user", "ada@example.com"]).out.lines().count(), 1);
    for (arguments, named) in [
        (&["--network", "nowhere"][..], "--network nowhere"),
        (&["--since", "soon"], "--since soon"),
        (&["--action", "devices"], "--action devices"),
        (
            &["--since", "2026-11-22", "--until", "2026-11-21"],
            "--until 2026-11-21",
        ),
    ] {
        let refused = run(arguments);
        assert_eq!(refused.code, 2, "{arguments:?}");
        assert!(refused.err.contains(named), "{}", refused.err);
    }
}

#[test]
fn old_entries_are_removed_with_a_copy_and_the_log_still_verifies() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let kept = sandbox.run(&["audit", "checkpoint", "kept"]);
    assert_eq!(kept.code, 0);
    sandbox.json(&["service", "add", "photos"]);
    let refused = sandbox.run(&["audit", "prune", "--before", "2020-01-01"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--yes"), "{}", refused.err);
    for (before, named) in [("soon", "Enter a day"), ("9000-01-01", "has passed")] {
        let refused = sandbox.run(&["audit", "prune", "--yes", "--before", before]);
        assert!(
            refused.code == 2 && refused.err.contains(named),
            "{}",
            refused.err
        );
    }
    assert_eq!(
        sandbox.run(&["audit", "prune", "--yes"]).code,
        2,
        "they are kept for ever"
    );
    let nothing = sandbox.json(&["audit", "prune", "--yes", "--before", "2020-01-01"]);
    assert_eq!(nothing, "nothing");
    let newest = sandbox.json(&["audit", "list"])["items"][0]["time"].clone();
    let before = newest.as_str().unwrap().to_owned();
    let removed = sandbox.run(&["audit", "prune", "--before", &before, "--export", "copy"]);
    assert_eq!(removed.code, 0, "{}", removed.err);
    let copy = std::fs::read_to_string(sandbox.path().join("copy")).unwrap();
    assert!(copy.lines().count() >= 3 && copy.contains("checkpoint"));
    let again = sandbox.run(&[
        "audit",
        "prune",
        "--yes",
        "--before",
        "2020-01-01",
        "--export",
        "copy",
    ]);
    assert_ne!(again.code, 0, "an existing file is not overwritten");
    let report = sandbox.run(&["audit", "verify", "--against", "kept"]);
    assert_eq!(report.code, 0, "{}", report.out);
}
