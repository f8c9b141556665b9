//! `latchkey client …` and `latchkey service tokens`

use crate::harness::CliSandbox;

#[test]
fn a_client_secret_is_shown_once_and_rotated() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    let service = sandbox.json(&[
        "service", "tokens", "photos", "--scope", "read", "--scope", "write", "--policy",
        "one_shot",
    ]);
    let tokens = &service["access_tokens"];
    assert_eq!(
        (&tokens["scopes"], &tokens["policy"]),
        (&"read write".into(), &"one_shot".into())
    );
    let added = sandbox.json(&[
        "client",
        "add",
        "Backup",
        "--audience",
        "photos",
        "--scope",
        "read",
    ]);
    let secret = added["client_secret"].as_str().unwrap();
    assert!(
        secret.starts_with("lkc_"),
        "secret scanners know the prefix"
    );
    let id = added["client_id"].as_str().unwrap();
    let shown = sandbox.run(&["client", "show", "Backup", "--json"]).out;
    assert!(shown.contains(id) && !shown.contains(secret));
    let shown = sandbox.json(&["client", "show", id]);
    assert_eq!(shown["name"], "Backup");
    assert_eq!(shown["audiences"][0], "photos");
    assert_eq!(shown["grant_types"][0], "client_credentials");
    let rotated = sandbox.json(&["client", "rotate-secret", "Backup", "--overlap", "1h"]);
    assert_eq!(rotated["client_id"], id);
    assert_ne!(rotated["client_secret"], secret);
    let secrets = sandbox.json(&["client", "show", id])["secrets"].take();
    assert_eq!(secrets.as_array().unwrap().len(), 2);
    assert_eq!(sandbox.json(&["client", "list"])["items"][0]["id"], id);
    sandbox.json(&["client", "delete", "Backup", "--yes"]);
    assert!(
        sandbox.json(&["client", "list"])["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(sandbox.run(&["client", "show", id]).code, 1);
}

#[test]
fn a_public_client_has_no_secret_and_mistakes_are_explained() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos"]);
    let public = ["client", "add", "App", "--public", "--audience", "photos"];
    let added = sandbox.json(&public);
    assert_eq!(
        added.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["client_id"]
    );
    for (arguments, code, told) in [
        (
            &["client", "add", "App", "--audience", "photos"][..],
            1,
            "a client called App already",
        ),
        (
            &["client", "add", "B", "--audience", "wiki"],
            1,
            "no service “wiki”",
        ),
        (&["client", "add", "B"], 2, "--audience"),
        (
            &[
                "client",
                "add",
                "B",
                "--audience",
                "photos",
                "--grant",
                "password",
            ],
            2,
            "client_credentials",
        ),
        (
            &[
                "client",
                "add",
                "B",
                "--audience",
                "photos",
                "--public",
                "--grant",
                "client_credentials",
            ],
            1,
            "no secret",
        ),
        (
            &[
                "client",
                "add",
                "B",
                "--audience",
                "photos",
                "--redirect-uri",
                "http://example.com/",
            ],
            1,
            "not a redirect URI",
        ),
        (&["client", "rotate-secret", "App"], 1, "no secret"),
        (
            &["service", "tokens", "photos", "--scope", "a\"b"],
            1,
            "printable",
        ),
    ] {
        let refused = sandbox.run(arguments);
        assert_eq!(refused.code, code, "{arguments:?} {}", refused.err);
        assert!(refused.err.contains(told), "{arguments:?} {}", refused.err);
    }
}
