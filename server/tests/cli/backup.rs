//! `latchkey backup`, and what it has in common with `latchkey restore`.

use crate::{
    database_fixtures::{block_on, of_an_older_version, schema},
    harness::{CliSandbox, Output, names},
    setup::Setup,
};
use std::fs;

impl Setup {
    pub(crate) fn lose_everything(&self) {
        fs::remove_dir_all(self.data()).unwrap();
    }

    pub(crate) fn back_up(&self, file: &str) {
        let output = self.sandbox.run(&["backup", file]);
        assert_eq!(
            (output.code, output.err.as_str()),
            (0, ""),
            "{}",
            output.out
        );
    }

    pub(crate) fn restore(&self, file: &str) -> Output {
        self.sandbox.run(&["restore", file])
    }

    /// A rejected restore names the reason and leaves nothing.
    pub(crate) fn refuses(&self, file: &str, why: &str) {
        let before = names(&self.data());
        let output = self.restore(file);
        assert!(
            output.code == 1 && output.err.contains(why),
            "{why}: {} {}",
            output.out,
            output.err
        );
        assert_eq!(names(&self.data()), before, "{why}");
    }
}

#[test]
fn field_1_a_backup_and_a_restore_overwrite_nothing() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    let before = fs::read(setup.sandbox.path().join("all.backup")).unwrap();
    let again = setup.sandbox.run(&["backup", "all.backup"]);
    assert!(again.code == 1 && again.err.contains("nothing is overwritten"));
    assert_eq!(
        fs::read(setup.sandbox.path().join("all.backup")).unwrap(),
        before
    );
    assert_eq!(names(setup.sandbox.path()), ["all.backup", "data"]);

    setup.refuses("all.backup", "latchkey.db is there already");
    // The key alone is the same one, so nothing is overwritten.
    fs::remove_file(setup.data().join("latchkey.db")).unwrap();
    // What is left of another database would be taken for this one's.
    for suffix in ["-wal", "-journal", "-shm"] {
        let left = setup.data().join(format!("latchkey.db{suffix}"));
        fs::write(&left, "changes").unwrap();
        setup.refuses("all.backup", suffix);
        fs::remove_file(left).unwrap();
    }
    assert_eq!(setup.restore("all.backup").code, 0);

    let other = Setup::new();
    fs::remove_file(other.data().join("latchkey.db")).unwrap();
    let from = setup.sandbox.path().join("all.backup");
    other.refuses(from.to_str().unwrap(), "another master key");
}

#[test]
fn field_1_a_backup_by_a_newer_version_does_not_migrate_the_database() {
    let sandbox = CliSandbox::new();
    block_on(of_an_older_version(&sandbox, 5));
    let data = sandbox.path().join("data");
    let before = block_on(schema(&data));
    let made = sandbox.json(&["backup", "all.backup"]);
    assert_eq!(made["older_schema"], true);
    assert_eq!(block_on(schema(&data)), before);
    // The older version can restore it: it has no migration that it does not know.
    let text = fs::read(sandbox.path().join("all.backup")).unwrap();
    let text = String::from_utf8_lossy(&text[512..2048]).into_owned();
    let manifest = &text[..text.find('\0').unwrap()];
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    assert_eq!(manifest["schema"], *before.last().unwrap());
    // And this one does.
    fs::remove_dir_all(&data).unwrap();
    sandbox.json(&["restore", "all.backup"]);
    let passkeys = sandbox.json(&["passkey", "list", "ada@example.com"]);
    assert_eq!(passkeys["items"][0]["name"], "Key");
    assert_eq!(names(&data), ["latchkey.db", "master.key"]);
}

#[test]
fn field_1_directories_may_have_any_name() {
    let setup = Setup::new();
    for name in ["what?", "50%41", "a b#c:memory:", "größe"] {
        fs::create_dir(setup.sandbox.path().join(name)).unwrap();
        let file = format!("{name}/all.backup");
        setup.back_up(&file);
        let data = format!("{name}/data");
        setup.sandbox.json(&["restore", &file, "--data-dir", &data]);
        let users = setup.sandbox.json(&["user", "list", "--data-dir", &data]);
        assert_eq!(users["items"].as_array().unwrap().len(), 1);
        let made = names(&setup.sandbox.path().join(data));
        assert_eq!(made, ["latchkey.db", "master.key"], "{name}");
    }
}

#[test]
fn field_1_a_backup_that_cannot_be_made_is_an_error() {
    let sandbox = CliSandbox::new();
    let output = sandbox.run(&["backup", "all.backup"]);
    assert!(output.code == 1 && output.err.contains("nothing to back up"));
    assert!(!sandbox.path().join("data").exists());
    for command in ["backup", "restore"] {
        let other = [("LATCHKEY_DATABASE_URL", "postgres://db/latchkey")];
        let output = sandbox.run_in(&other, &[command, "all.backup"]);
        assert!(
            output.code == 2 && output.err.contains("supports SQLite only"),
            "{output:?}"
        );
    }
    let memory = [("LATCHKEY_DATABASE_URL", "sqlite::memory:")];
    let output = sandbox.run_in(&memory, &["restore", "all.backup"]);
    assert!(
        output.code == 1 && output.err.contains("not SQLite in a file"),
        "{output:?}"
    );
    let setup = Setup::new();
    let output = setup.sandbox.run(&["backup", "nowhere/all.backup"]);
    assert!(
        output.code == 1 && output.err.contains("cannot use nowhere"),
        "{}",
        output.err
    );
}
