//! Users, devices, services, grants, the audit log.

use crate::harness::CliSandbox;

#[test]
fn a_user_is_added_with_a_link_or_with_an_authenticator_app() {
    let sandbox = CliSandbox::new();
    let added = sandbox.json(&["user", "add", "Ada@Example.com", "--name", "Ada"]);
    assert_eq!(added["email"], "ada@example.com");
    assert!(
        added["enrolment_url"]
            .as_str()
            .unwrap()
            .starts_with("http://localhost:3000/enrol/")
    );
    assert!(added.get("otpauth_uri").is_none());
    let added = sandbox.json(&["user", "add", "bob@example.com", "--admin", "--print-totp"]);
    assert!(
        added["otpauth_uri"]
            .as_str()
            .unwrap()
            .starts_with("otpauth://totp/")
    );
    assert!(added.get("enrolment_url").is_none());

    let list = sandbox.json(&["user", "list"]);
    assert_eq!(list["next"], serde_json::Value::Null);
    let emails: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails, ["ada@example.com", "bob@example.com"]);
    assert_eq!(
        sandbox.json(&["user", "list", "--filter", "admin"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        sandbox.json(&["user", "list", "--sort", "email", "--desc"])["items"][0]["email"],
        "bob@example.com"
    );
    let text = sandbox.run(&["user", "list"]).out;
    assert!(
        text.starts_with("EMAIL") && text.contains("\nada@example.com  Ada "),
        "{text}"
    );
}

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
        &["user", "role", "ada@example.com", "king"],
        &["device", "revoke", "7"],
        &["grant", "add", "a@b.c", "x", "--scope", "read:everything"],
    ] {
        assert_eq!(sandbox.run(arguments).code, 2, "{arguments:?}");
    }
    let output = sandbox.run(&["user", "role", "ada@example.com", "king", "--json"]);
    assert_eq!(output.error(), "usage");
}

#[test]
fn a_user_is_disabled_enabled_promoted_and_deleted() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "root@example.com", "--admin", "--print-totp"]);
    sandbox.json(&["user", "add", "ada@example.com", "--print-totp"]);
    assert_eq!(
        sandbox.json(&["user", "disable", "ada@example.com"])["status"],
        "disabled"
    );
    assert_ne!(
        sandbox.json(&["user", "enable", "ada@example.com"])["status"],
        "disabled"
    );
    assert_eq!(
        sandbox.json(&["user", "role", "ada@example.com", "admin"])["role"],
        "admin"
    );
    assert!(sandbox.json(&["user", "invite", "ada@example.com"])["enrolment_url"].is_string());
    assert_eq!(
        sandbox.json(&["user", "show", "ada@example.com"])["user"]["email"],
        "ada@example.com"
    );
    assert_eq!(
        sandbox.json(&["user", "delete", "ada@example.com"])["email"],
        "ada@example.com"
    );
    assert_eq!(
        sandbox.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        sandbox.json(&["device", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

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
fn the_doctor_changes_nothing() {
    let sandbox = CliSandbox::new();
    let findings = sandbox.json(&["doctor"]);
    assert!(
        findings["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["status"] != "failed"),
        "{findings}"
    );
    assert!(!sandbox.path().join("data").exists());
    sandbox.json(&["migrate"]);
    assert_eq!(sandbox.run(&["doctor"]).code, 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(
            sandbox.path().join("data"),
            std::fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        let output = sandbox.run(&["doctor"]);
        assert_eq!(output.code, 1);
        assert!(output.out.contains("chmod go= "), "{}", output.out);
    }
}

#[cfg(unix)]
#[test]
fn audit_14_a_world_writable_data_directory_is_reported_and_closed() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = CliSandbox::new();
    sandbox.json(&["migrate"]);
    let data = sandbox.path().join("data");
    let set_mode = |mode| {
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(0o777);
    let output = sandbox.run(&["user", "list"]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        output
            .err
            .contains("everybody on this machine could write to the data directory"),
        "{}",
        output.err
    );
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o775);
    // What others could have planted meanwhile is refused.
    let database = data.join("latchkey.db");
    let elsewhere = sandbox.path().join("elsewhere.db");
    std::fs::rename(&database, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &database).unwrap();
    set_mode(0o777);
    let output = sandbox.run(&["user", "list"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("symbolic link"), "{}", output.err);
    std::fs::remove_file(&database).unwrap();
    std::fs::rename(&elsewhere, &database).unwrap();
    // Others of the group: a warning, and the doctor's.
    set_mode(0o770);
    assert_eq!(sandbox.run(&["user", "list"]).code, 0);
    assert!(
        sandbox
            .run(&["doctor"])
            .out
            .contains("others may make files in it (mode 770)")
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
        output.err.contains("Line 2: `all` is nobody we know"),
        "{}",
        output.err
    );
    assert_eq!(sandbox.json(&["service", "rules", "photos"])["rules"], "");
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
