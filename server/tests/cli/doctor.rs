//! `latchkey doctor`

use crate::{
    harness::{CliSandbox, names, set_mode},
    setup::Setup,
};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

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
    set_mode(&sandbox.path().join("data"), 0o755);
    let output = sandbox.run(&["doctor"]);
    assert_eq!(output.code, 1);
    assert!(output.out.contains("chmod go= "), "{}", output.out);
}

#[test]
fn field_1_the_doctor_creates_nothing_in_an_empty_directory() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    setup.lose_everything();
    fs::create_dir(setup.data()).unwrap();
    set_mode(&setup.data(), 0o700);
    let output = setup.sandbox.run(&["doctor"]);
    assert!(
        output.code == 0 && output.out.contains("`latchkey restore FILE`"),
        "{output:?}"
    );
    assert_eq!(names(&setup.data()), [""; 0]);
    assert_eq!(setup.restore("all.backup").code, 0);
}

#[test]
fn audit_14_a_world_writable_data_directory_is_reported_and_closed() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["migrate"]);
    let data = sandbox.path().join("data");
    set_mode(&data, 0o777);
    let output = sandbox.run(&["user", "list"]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        output
            .err
            .contains("everybody on this machine could write to the data directory"),
        "{}",
        output.err
    );
    let mode = fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o775);
    // What others could have planted meanwhile is refused.
    let database = data.join("latchkey.db");
    let elsewhere = sandbox.path().join("elsewhere.db");
    fs::rename(&database, &elsewhere).unwrap();
    symlink(&elsewhere, &database).unwrap();
    set_mode(&data, 0o777);
    let output = sandbox.run(&["user", "list"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("symbolic link"), "{}", output.err);
    fs::remove_file(&database).unwrap();
    fs::rename(&elsewhere, &database).unwrap();
    // Others of the group: a warning, and the doctor's.
    set_mode(&data, 0o770);
    assert_eq!(sandbox.run(&["user", "list"]).code, 0);
    assert!(
        sandbox
            .run(&["doctor"])
            .out
            .contains("others may make files in it (mode 770)")
    );
}
