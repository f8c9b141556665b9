//! A database that the program may not use: another user's, on a disk that is read-only or full.

use crate::harness::{CliSandbox, Output, run_mounted, set_mode};
use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    process::Command,
};

/// A system user that owns nothing.
const STRANGER: u32 = 4242;

/// Whether this process can switch to another system user; where it cannot, file modes lock it out of its own files.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

/// Runs a command as a system user that owns nothing, on data of another one.
fn run_as_other_user(sandbox: &CliSandbox, arguments: &[&str]) -> Output {
    let mut command = Command::new("setpriv");
    let id = STRANGER.to_string();
    command
        .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_latchkey"))
        .args(arguments)
        .current_dir(sandbox.path());
    Output::of(&command.output().unwrap())
}

#[test]
fn field_5_a_database_of_another_user_is_reported_with_its_owner_and_a_remedy() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let (dir, database) = (
        sandbox.path().join("data"),
        sandbox.path().join("data/latchkey.db"),
    );
    let (output, owner, we) = if is_root() {
        // A command of root's has made the database in the directory of Latchkey's own user.
        for file in [&dir, &dir.join("master.key")] {
            chown(file, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        (run_as_other_user(&sandbox, &["user", "list"]), 0, STRANGER)
    } else {
        set_mode(&database, 0o000);
        let we = fs::metadata(&dir).unwrap().uid();
        (sandbox.run(&["user", "list"]), we, we)
    };
    assert_eq!(output.code, 1);
    let words = format!("data/latchkey.db belongs to the user {owner} and the group ");
    assert!(output.err.contains(&words), "{}", output.err);
    assert!(
        output
            .err
            .contains(&format!("Latchkey runs as the user {we}; run")),
        "{}",
        output.err
    );
    let remedy = format!("chown {we} {}", database.display());
    assert!(
        output.err.contains(&remedy) || owner == we,
        "{}",
        output.err
    );
    assert!(!output.err.contains("code: 14"), "{}", output.err);
    assert_eq!(output.err.lines().count(), 1, "{}", output.err);
}

#[test]
fn field_5_a_write_ahead_log_or_directory_of_another_user_is_reported() {
    if !is_root() {
        return;
    }
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let dir = sandbox.path().join("data");
    let give = |name: &str, to: u32| chown(dir.join(name), Some(to), Some(to)).unwrap();
    for name in ["", "master.key", "latchkey.db"] {
        give(name, STRANGER);
    }
    for name in ["latchkey.db-wal", "latchkey.db-shm"] {
        fs::write(dir.join(name), "").unwrap();
        set_mode(&dir.join(name), 0o600);
    }
    let output = run_as_other_user(&sandbox, &["user", "list"]);
    assert!(
        output.code == 1 && output.err.contains("latchkey.db-wal belongs to the user 0"),
        "{}",
        output.err
    );
    // The whole directory.
    for name in [
        "",
        "master.key",
        "latchkey.db",
        "latchkey.db-wal",
        "latchkey.db-shm",
    ] {
        give(name, 0);
    }
    let output = run_as_other_user(&sandbox, &["user", "list"]);
    assert!(
        output.code == 1
            && output.err.contains("The data directory ./data cannot be used")
            && output.err.contains("It belongs to the user 0 and the group 0 (mode 700), and Latchkey runs as the user 4242; run it as the user 0, or: chown 4242 /"),
        "{}",
        output.err
    );
    let output = run_as_other_user(&sandbox, &["user", "list", "--data-dir", "new"]);
    assert!(
        output.code == 1
            && output
                .err
                .contains("make it as that user: install -d -m 700 -o 4242 /"),
        "{}",
        output.err
    );
}

#[test]
fn field_5_a_read_only_or_full_disk_is_reported() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["user", "add", "ada@example.com"]);
    let read_only = "mount --bind data data && mount -o remount,bind,ro data";
    let output = run_mounted(&sandbox, read_only, &[], &["user", "list"]);
    assert!(
        output.code == 1
            && output
                .err
                .contains("read-only file system; mount it writable"),
        "{}",
        output.err
    );
    // A database beside the data directory.
    let elsewhere = [(
        "LATCHKEY_DATABASE_URL",
        "sqlite://other/latchkey.db?mode=rwc",
    )];
    sandbox.write("other/latchkey.db", "");
    let read_only = "mount --bind other other && mount -o remount,bind,ro other";
    let output = run_mounted(&sandbox, read_only, &elsewhere, &["user", "list"]);
    assert!(
        output.code == 1
            && output.err.contains("The database other/latchkey.db cannot be opened: other/latchkey.db lies on a read-only file system"),
        "{}",
        output.err
    );
    let sandbox = CliSandbox::new();
    let full = "mkdir data && mount -t tmpfs -o size=16k,mode=700 none data";
    let output = run_mounted(&sandbox, full, &[], &["user", "list"]);
    assert!(
        output.code == 1
            && output.err.contains("disk")
            && output.err.contains("full; make room there"),
        "{}",
        output.err
    );
    let sandbox = CliSandbox::new();
    sandbox.write(
        "data/latchkey.db",
        "This is no database, and it is longer than the header of one would be.",
    );
    set_mode(&sandbox.path().join("data"), 0o700);
    set_mode(&sandbox.path().join("data/latchkey.db"), 0o600);
    let output = sandbox.run(&["user", "list"]);
    assert!(
        output.code == 1 && output.err.contains("it is no SQLite database"),
        "{}",
        output.err
    );
}
