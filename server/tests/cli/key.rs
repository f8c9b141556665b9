//! Signing keys, and the lines of the master key file.

use crate::harness::CliSandbox;

const NEW: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

#[test]
fn signing_keys_are_listed_and_rotated() {
    let sandbox = CliSandbox::new();
    let list = || {
        sandbox.json(&["key", "list"])["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let of = |purpose: &str, state: &str| {
        let keys = list().into_iter();
        let mut keys = keys.filter(|key| key["purpose"] == purpose && key["state"] == state);
        keys.next()
            .map(|key| key["id"].as_str().unwrap().to_owned())
    };
    assert_eq!(list().len(), 8);
    let next = of("identity_token", "next");

    let refused = sandbox.run(&["key", "rotate", "identity_token"]);
    assert!(
        refused.code == 1 && refused.err.contains("ten minutes"),
        "{}",
        refused.err
    );
    let current = of("identity_token", "current");
    let rotated = sandbox.json(&["key", "rotate", "identity_token", "--at-once"]);
    let now = of("identity_token", "current");
    assert_eq!(rotated["id"].as_str(), now.as_deref());
    assert!(now != next && now != current);
    assert_ne!(of("identity_token", "next"), next);
    assert_eq!(of("identity_token", "retiring"), None);
    assert_eq!(list().len(), 8);
    assert_eq!(sandbox.run(&["key", "rotate", "cookies"]).code, 2);
}

#[test]
fn the_doctor_tells_which_line_of_the_master_key_file_may_be_removed() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let file = sandbox.path().join("data/master.key");
    let old = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{NEW}\n{old}")).unwrap();
    let doctor = || sandbox.run(&["doctor"]).out;
    let told = doctor();
    assert!(
        told.contains("line 3 is an old key and still needed by the newest audit log entry"),
        "{told}"
    );
    sandbox.json(&["user", "add", "grace@example.com", "--print-totp"]);
    let told = doctor();
    assert!(
        told.contains("line 3 is an old key and may be removed a day after the rotation"),
        "{told}"
    );

    std::fs::write(&file, NEW).unwrap();
    let told = doctor();
    assert!(
        !told.contains("old key") && told.contains("the chain is intact"),
        "{told}"
    );

    // A secret of the authenticator app of Grace is under it now.
    let third = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM";
    std::fs::write(&file, format!("{third}\n{NEW}")).unwrap();
    let told = doctor();
    assert!(
        told.contains("still needed by 1 TOTP secret, the newest"),
        "{told}"
    );
    std::fs::write(&file, third).unwrap();
    let told = doctor();
    assert!(
        told.contains("FAILED") && told.contains("1 TOTP secret cannot be read"),
        "{told}"
    );
}
