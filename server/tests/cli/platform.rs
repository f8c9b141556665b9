//! What container platforms do: other users, mounted secrets, disks that cannot be written.

use crate::{
    harness::{CliSandbox, Output},
    server::Server,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
/// A system user that owns nothing.
const STRANGER: u32 = 4242;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a command in a mount namespace of its own, after a shell has done `first` there.
fn run_mounted(
    sandbox: &CliSandbox,
    first: &str,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Output {
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c"])
        .arg(format!("{first} && exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_latchkey"))
        .args(arguments)
        .current_dir(sandbox.path())
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Output::of(&output)
}

/// Mounts a secret as Kubernetes does: read-only, behind a link that is swapped when it changes.
fn mount_secret(mode: &str) -> String {
    format!(
        "mkdir secret && mount -t tmpfs none secret && mkdir secret/..1 && printf %s '{}' > secret/..1/master.key \
         && chmod {mode} secret/..1/master.key && ln -s ..1 secret/..data && ln -s ..data/master.key secret/master.key \
         && mount -o remount,ro secret",
        KEY.trim()
    )
}

const MOUNTED: [(&str, &str); 1] = [("LATCHKEY_MASTER_KEY_FILE", "secret/master.key")];
const ADD: [&str; 3] = ["user", "add", "ada@example.com"];

#[test]
fn field_5_a_group_readable_key_on_a_read_only_mount_is_accepted() {
    for mode in ["0400", "0440", "0640"] {
        let sandbox = CliSandbox::new();
        let output = run_mounted(&sandbox, &mount_secret(mode), &MOUNTED, &ADD);
        assert!(
            output.code == 0 && !output.err.contains("WARN"),
            "{mode} {}",
            output.err
        );
        assert!(sandbox.path().join("data/latchkey.db").exists());
        assert!(!sandbox.path().join("data/master.key").exists(), "{mode}");
    }
}

#[test]
fn field_5_a_world_readable_key_on_a_mount_is_accepted_with_a_warning() {
    let sandbox = CliSandbox::new();
    let output = run_mounted(&sandbox, &mount_secret("0444"), &MOUNTED, &ADD);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(
        output.err.contains("WARN")
            && output
                .err
                .contains("everybody on this machine may read it (mode 444)"),
        "{}",
        output.err
    );
    let sandbox = CliSandbox::new();
    fs::create_dir(sandbox.path().join("data")).unwrap();
    set_mode(&sandbox.path().join("data"), 0o700);
    let doctor = run_mounted(&sandbox, &mount_secret("0444"), &MOUNTED, &["doctor"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    assert!(
        doctor.out.contains("warning  master key") && doctor.out.contains("defaultMode 0440"),
        "{}",
        doctor.out
    );
}

#[test]
fn field_5_a_key_that_others_may_write_is_rejected_everywhere() {
    for mode in ["0660", "0602"] {
        let sandbox = CliSandbox::new();
        let output = run_mounted(&sandbox, &mount_secret(mode), &MOUNTED, &ADD);
        assert_eq!(output.code, 1, "{mode}");
        assert!(
            output.err.contains("others may write to it"),
            "{}",
            output.err
        );
    }
    // And one that can be closed is refused until it is.
    let sandbox = CliSandbox::new();
    assert_eq!(sandbox.run(&["user", "list"]).code, 0);
    let key = sandbox.path().join("data/master.key");
    for (mode, code) in [
        (0o604, 1),
        (0o644, 1),
        (0o660, 1),
        (0o440, 0),
        (0o640, 0),
        (0o600, 0),
    ] {
        set_mode(&key, mode);
        let output = sandbox.run(&["user", "list"]);
        assert_eq!(output.code, code, "{mode:o} {}", output.err);
        assert_eq!(
            output.err.contains("chmod"),
            code == 1,
            "{mode:o} {}",
            output.err
        );
    }
}

#[test]
fn field_5_the_key_file_is_set_by_variable_or_configuration_file() {
    let sandbox = CliSandbox::new();
    sandbox.write("secrets/..data/master.key", KEY);
    let key = sandbox.path().join("secrets/..data/master.key");
    set_mode(&key, 0o440);
    symlink(
        "..data/master.key",
        sandbox.path().join("secrets/master.key"),
    )
    .unwrap();
    let named = [("LATCHKEY_MASTER_KEY_FILE", "secrets/master.key")];
    assert_eq!(sandbox.run_in(&named, &ADD).code, 0);
    // The same key, named in the file.
    sandbox.write(
        "latchkey.toml",
        "master_key_file = \"secrets/master.key\"\n",
    );
    assert_eq!(
        sandbox.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let _server = Server::start(&sandbox, &[]);
    assert!(!sandbox.path().join("data/master.key").exists());
    assert_eq!(
        fs::metadata(&key).unwrap().mode() & 0o777,
        0o440,
        "left as it was"
    );
}

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
    sandbox.json(&ADD);
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
    sandbox.json(&ADD);
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
    sandbox.json(&ADD);
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
