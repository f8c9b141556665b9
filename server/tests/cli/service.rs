//! `latchkey service …` and `latchkey grant …`

use crate::harness::CliSandbox;

#[test]
fn a_service_token_is_shown_once_and_users_get_access_by_grants() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let added = sandbox.json(&[
        "service",
        "add",
        "photos",
        "--host",
        "photos.example.com",
        "--host",
        "p.example.com:8443",
    ]);
    assert_eq!(added["name"], "photos");
    let first = added["token"].as_str().unwrap().to_owned();
    let rotated = sandbox.json(&["service", "rotate-token", "photos", "--overlap", "1h"]);
    assert_eq!(rotated["name"], "photos");
    assert_ne!(rotated["token"], first.as_str());
    let shown = sandbox.run(&["service", "show", "photos", "--json"]).out;
    assert!(!shown.contains(&first), "a token is shown once");

    let grant = sandbox.json(&[
        "grant",
        "add",
        "ada@example.com",
        "photos",
        "--scope",
        "read:email",
        "--scope",
        "read:username",
        "--expires",
        "30d",
    ]);
    assert_eq!(
        (&grant["email"], &grant["user"]),
        (&"ada@example.com".into(), &"ada".into())
    );
    assert_eq!(grant["scopes"], "read:username read:email");
    assert!(grant["expires_at"].is_string());
    assert_eq!(
        sandbox.json(&["grant", "list", "--service", "photos"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        sandbox.json(&["grant", "list", "--user", "ada@example.com"])["items"][0]["service"],
        "photos"
    );
    sandbox.json(&["grant", "remove", "ada@example.com", "photos"]);
    assert_eq!(
        sandbox.json(&["grant", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    sandbox.json(&["service", "delete", "photos"]);
    assert_eq!(
        sandbox.json(&["service", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn rules_are_set_shown_replaced_and_rejected_with_their_line() {
    let sandbox = CliSandbox::new();
    sandbox.json(&[
        "service",
        "add",
        "photos",
        "--host",
        "*.apps.example.com",
        "--rule",
        "public GET /assets/*",
    ]);
    assert_eq!(
        sandbox.json(&["service", "show", "photos"])["rules"],
        "public GET /assets/*"
    );
    let changed = sandbox.json(&[
        "service",
        "rules",
        "photos",
        "--rule",
        "admins /a/*",
        "--rule",
        "nobody /b",
    ]);
    assert_eq!(changed["rules"], "admins /a/*\nnobody /b");
    let former = sandbox.json(&["service", "rules", "photos", "--rule", "people /a"]);
    assert_eq!(former["rules"], "users /a", "the word of earlier versions");
    assert_eq!(changed["hosts"][0], "*.apps.example.com");
    let output = sandbox.run(&[
        "service",
        "rules",
        "photos",
        "--rule",
        "nobody /b",
        "--rule",
        "all /",
    ]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains("Line 2: `all` is not an audience"),
        "{}",
        output.err
    );
    assert_eq!(sandbox.json(&["service", "rules", "photos"])["rules"], "");
}

#[test]
fn a_service_asks_for_more_of_unusual_devices() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    let risk = ["service", "risk", "photos"];
    let all = [
        "--passkey-from",
        "medium",
        "--device-bound-from",
        "high",
        "--header",
    ];
    let set = sandbox.json(&[&risk[..], &all].concat());
    assert_eq!(set["risk"]["passkey_from"], "medium");
    assert_eq!(set["risk"]["device_bound_from"], "high");
    assert_eq!(set["risk"]["tells_level"], true);
    let shown = sandbox.run(&["service", "show", "photos"]).out;
    assert!(shown.contains("from medium: a passkey\n"), "{shown}");
    let events = sandbox.json(&["audit", "list"]);
    let changes = events["items"][0]["changes"].to_string();
    assert!(changes.contains("passkey_from"), "{changes}");
    let none = sandbox.run(&risk);
    assert!(none.out.contains("nothing more"), "{}", none.out);
    let low = sandbox.run(&[&risk[..], &["--passkey-from", "low"]].concat());
    assert_eq!(low.code, 2);
}
