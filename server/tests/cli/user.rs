//! `latchkey user …`

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
    let role = [
        "role",
        "add",
        "desk",
        "--permission",
        "users:read,users:invite",
    ];
    assert_eq!(sandbox.json(&role)["permissions"][1], "users:invite");
    sandbox.json(&["user", "role", "ada@example.com", "desk"]);
    let roles = sandbox.json(&["role", "list"]);
    assert_eq!(
        (&roles["items"][4]["name"], &roles["items"][4]["users"]),
        (&"desk".into(), &1.into())
    );
    let denied = sandbox.run(&["role", "delete", "desk", "--json"]);
    assert_eq!((denied.code, denied.error().as_str()), (1, "conflict"));
    sandbox.json(&["user", "role", "ada@example.com", "auditor"]);
    let changed = ["role", "change", "desk", "--permission", "audit:read"];
    assert_eq!(sandbox.json(&changed)["permissions"][0], "audit:read");
    assert_eq!(sandbox.json(&["role", "delete", "desk"])["deleted"], true);
    assert!(sandbox.json(&["user", "invite", "ada@example.com"])["enrolment_url"].is_string());
    let open = || sandbox.json(&["user", "list", "--filter", "open_link"]);
    assert_eq!(open()["items"].as_array().unwrap().len(), 1);
    let revoked = sandbox.json(&["user", "revoke-link", "ada@example.com"]);
    assert!(revoked["enrolment_link_expires_at"].is_null(), "{revoked}");
    assert!(open()["items"].as_array().unwrap().is_empty());
    assert_eq!(
        sandbox.json(&["user", "show", "ada@example.com"])["user"]["email"],
        "ada@example.com"
    );
    let printed = sandbox.json(&["user", "export", "ada@example.com"]);
    assert_eq!(printed["user"]["email"], "ada@example.com");
    let file = sandbox.path().join("ada.json");
    let file = file.to_str().unwrap();
    let export = ["user", "export", "ada@example.com", "--output", file];
    assert_eq!(sandbox.json(&export)["email"], "ada@example.com");
    let copy: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(copy["format"], "latchkey-user-1");
    assert_eq!(sandbox.run(&export).code, 1, "the file exists");
    sandbox.json(&["user", "add", "eve@example.com"]);
    let erased = sandbox.json(&["user", "erase", "eve@example.com"]);
    assert_eq!(
        (&erased["email"], &erased["events_left"]),
        (&"eve@example.com".into(), &2.into())
    );
    let refused = sandbox.run(&["user", "erase", "eve@example.com", "--json"]);
    assert_eq!((refused.code, refused.error().as_str()), (1, "not_found"));
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
fn the_operator_recovers_a_user_with_a_link_and_the_log_says_so() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "root@example.com", "--admin", "--print-totp"]);
    let recovered = sandbox.json(&["user", "recover", "Root@example.com"]);
    assert_eq!(recovered["email"], "root@example.com");
    let link = recovered["enrolment_url"].as_str().unwrap();
    assert!(link.starts_with("http://localhost:3000/enrol/"), "{link}");
    let again = sandbox.run(&["user", "recover", "root@example.com", "--remove-passkeys"]);
    assert!(again.out.contains("Passkeys removed: 0."), "{}", again.out);
    let log = sandbox.json(&["audit", "list", "--filter", "user.recovered"]);
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
    assert_eq!(log["items"][0]["actor"], "operator");
    assert_eq!(log["items"][0]["changes"][0]["field"], "vouched");

    sandbox.json(&["user", "invite", "root@example.com", "--vouch"]);
    sandbox.json(&["user", "invite", "root@example.com"]);
    let log = sandbox.json(&["audit", "list", "--filter", "user.invited"]);
    let vouched = |index: usize| log["items"][index]["changes"].as_array().unwrap().len();
    assert_eq!((vouched(1), vouched(0)), (1, 0));

    let unknown = sandbox.run(&["user", "recover", "nobody@example.com"]);
    assert_ne!(unknown.code, 0);
    sandbox.json(&["user", "add", "ada@example.com"]);
    sandbox.json(&["user", "disable", "ada@example.com"]);
    assert_ne!(sandbox.run(&["user", "recover", "ada@example.com"]).code, 0);
}
