//! `latchkey risk …`

use crate::harness::CliSandbox;

#[test]
fn networks_are_blocked_and_allowed_for_a_while_and_listed() {
    let sandbox = CliSandbox::new();
    let blocked = sandbox.json(&["risk", "block", "198.51.100.9/24", "--for", "7d"]);
    assert_eq!(blocked["network"], "198.51.100.0/24");
    assert_eq!(blocked["verdict"], "block");
    assert!(blocked["expires_at"].is_string());
    let allowed = sandbox.json(&["risk", "allow", "2001:db8::/32"]);
    assert!(allowed["expires_at"].is_null());
    let list = sandbox.json(&["risk", "list"]);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    sandbox.json(&["risk", "remove", "2001:db8::/32"]);
    let gone = sandbox.run(&["risk", "remove", "2001:db8::/32"]);
    assert!(
        gone.code == 1 && gone.err.contains("nothing is said"),
        "{}",
        gone.err
    );
    for (network, why) in [
        ("example.com", "neither an address nor a network"),
        ("0.0.0.0/0", "too wide"),
    ] {
        let refused = sandbox.run(&["risk", "block", network]);
        assert!(
            refused.code != 0 && refused.err.contains(why),
            "{}",
            refused.err
        );
    }
    assert_eq!(
        sandbox
            .run(&["risk", "block", "192.0.2.1", "--for", "soon"])
            .code,
        2
    );
    let events = sandbox.json(&["audit", "list"]);
    assert!(events.to_string().contains("risk.network_added"));
}

#[test]
fn what_is_usual_for_a_user_is_shown_and_erased() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let risk = sandbox.json(&["risk", "show", "ada@example.com"]);
    assert_eq!(risk["mode"], "shadow");
    assert!(risk["enforced_from"].is_string());
    assert_eq!(risk["baseline"]["sign_ins"], 0);
    assert_eq!(risk["behaviour"]["is_on"], false);
    assert_eq!(risk["behaviour"]["templates"], serde_json::json!([]));
    let shown = sandbox.run(&["risk", "show", "ada@example.com"]).out;
    assert!(
        shown.contains("too few to call anything unusual"),
        "{shown}"
    );
    let forgotten = sandbox.json(&["risk", "forget", "ada@example.com", "--yes"]);
    assert_eq!(forgotten["forgotten"], true);
    for of in ["nobody@example.com", "1", "999"] {
        assert_eq!(sandbox.run(&["risk", "show", of]).code, 1, "{of}");
    }
    let refused = sandbox.run_in(
        &[("LATCHKEY_RISK_WEIGHTS", "new_device=900")],
        &["risk", "list"],
    );
    assert!(
        refused.code != 0 && refused.err.contains("factor=points"),
        "{}",
        refused.err
    );
}

#[test]
fn scores_are_replayed_with_other_weights() {
    let sandbox = CliSandbox::new();
    let weights = [
        "risk",
        "replay",
        "--weights",
        "unusual_time=0,new_device=60",
        "--days",
        "30",
    ];
    let replay = sandbox.json(&weights);
    assert_eq!(
        (&replay["days"], &replay["assessments"]),
        (&30.into(), &0.into())
    );
    assert_eq!(replay["is_complete"], true);
    let text = sandbox.run(&weights).out;
    for part in [
        "0 assessments since",
        "Asked for more: 0 users, 0 times",
        "weights = [\"new_device=60\", \"unusual_time=0\"]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let configured = [("LATCHKEY_RISK_WEIGHTS", "automation=0")];
    let text = sandbox
        .run_in(
            &configured,
            &["risk", "replay", "--weights", "automation=15"],
        )
        .out;
    assert!(text.contains("automation is switched off now"), "{text}");
    for refused in ["unusual_time", "time=1", "unusual_time=101"] {
        assert_eq!(
            sandbox.run(&["risk", "replay", "--weights", refused]).code,
            2,
            "{refused}"
        );
    }
    assert_eq!(
        sandbox
            .run(&[
                "risk",
                "replay",
                "--weights",
                "automation=1",
                "--days",
                "31"
            ])
            .code,
        2
    );
}
