//! `latchkey audit …`, as long as nobody tampers; see `checkpoint.rs` for the rest

use crate::{harness::CliSandbox, server::Server};

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

#[test]
fn the_list_has_the_filters_of_the_page_and_goes_on_after_a_cursor() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    for name in ["photos", "wiki"] {
        sandbox.json(&["service", "add", name]);
    }
    let list = |arguments: &[&str]| sandbox.json(&[&["audit", "list"], arguments].concat());
    let seqs = |arguments: &[&str]| -> (Vec<i64>, Option<i64>) {
        let body = list(arguments);
        let items = body["items"].as_array().unwrap();
        let seqs = items.iter().map(|event| event["seq"].as_i64().unwrap());
        (seqs.collect(), body["next"].as_i64())
    };
    for (arguments, expected) in [
        (&["--service", "photos"][..], &[2][..]),
        (&["--kind", "service"], &[3, 2]),
        (&["--action", "user.added"], &[1]),
        (&["--user", "ada@example.com"], &[1]),
        (&["--device", "01937f4e-0000-7000-8000-000000000000"], &[]),
        (&["--outcome", "refused"], &[]),
        (&["--network", "192.0.2.0/24"], &[]),
        (&["--since", "2020-01-01", "--until", "2020-01-02"], &[]),
        (&["--since", "2020-01-01", "--sort", "time"], &[1, 2, 3]),
    ] {
        assert_eq!(seqs(arguments).0, expected, "{arguments:?}");
    }
    assert_eq!(seqs(&["--limit", "2"]), (vec![3, 2], Some(2)));
    assert_eq!(seqs(&["--limit", "2", "--cursor", "2"]), (vec![1], None));
    let first = &list(&["--limit", "1"])["items"][0];
    assert!(first["device"].is_null() && first["session"].is_null() && first["client"].is_null());
    let csv = sandbox.run(&["audit", "list", "--csv", "--kind", "service"]);
    let lines: Vec<_> = csv.out.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].ends_with("changes,device,device_name,session,client"),
        "{}",
        lines[0]
    );
    let table = sandbox.run(&["audit", "list", "--limit", "1"]);
    assert!(
        table.out.contains("--cursor 3 shows the next."),
        "{}",
        table.out
    );
    for (arguments, named) in [
        (&["--network", "nowhere"][..], "--network nowhere"),
        (&["--kind", "devices"], "--action devices"),
        (&["--kind", "device", "--filter", "user"], "are the same"),
        (&["--limit", "0"], "--limit"),
        (&["--limit", "2", "--page", "2"], "--page"),
        (&["--csv", "--json"], "--json"),
    ] {
        let refused = sandbox.run(&[&["audit", "list"], arguments].concat());
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.out);
        assert!(refused.err.contains(named), "{}", refused.err);
    }
}

#[test]
fn two_servers_remove_old_entries_at_once_and_go_on_serving() {
    let sandbox = CliSandbox::new();
    sandbox.write("clock", "0");
    let clock = ("LATCHKEY_TEST_CLOCK", "clock");
    for number in 0..12 {
        let added = sandbox.run_in(&[clock], &["service", "add", &format!("s{number}")]);
        assert_eq!(added.code, 0, "{}", added.err);
    }
    sandbox.write("clock", "5184000");
    let kept = ("LATCHKEY_AUDIT_RETENTION", "30d");
    let servers = std::thread::scope(|scope| {
        let start = |log| Server::start_in(&sandbox, &[clock, kept], log);
        let both = ["one.log", "two.log"].map(|log| scope.spawn(move || start(log)));
        both.map(|server| server.join().unwrap())
    });
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let verify = || {
        let output = sandbox.run_in(&[clock], &["audit", "verify", "--json"]);
        assert_eq!(output.code, 0, "{} {}", output.out, output.err);
        serde_json::from_str::<serde_json::Value>(&output.out).unwrap()
    };
    let report = loop {
        let report = verify();
        if report["pruned"].is_object() {
            break report;
        }
        assert!(std::time::Instant::now() < deadline, "nothing was removed");
    };
    assert_eq!(report["intact"], true);
    assert_eq!(report["pruned"]["entries"], 12);
    assert!(
        report["entries"].as_u64().unwrap() < 12,
        "what was removed is not verified: {report}"
    );
    let text = sandbox.run_in(&[clock], &["audit", "verify"]).out;
    assert!(
        text.contains("Pruned until ") && text.contains(": 12 entries by tombstone"),
        "{text}"
    );
    let left = sandbox.run_in(&[clock], &["audit", "list", "--kind", "service", "--json"]);
    assert!(left.out.contains("\"items\":[]"), "{}", left.out);
    for server in &servers {
        assert!(server.ask_public("/login").starts_with("HTTP/1.1 200"));
    }
    let added = sandbox.run_in(&[clock], &["service", "add", "later"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert_eq!(verify()["intact"], true);
}
