//! What container platforms do: other users, mounted secrets, disks that cannot be written.

use crate::{
    harness::{Desk, Said},
    server::Server,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
/// Somebody to whom nothing belongs.
const STRANGER: u32 = 4242;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a command in a mount namespace of its own, after a shell has done `first` there.
fn run_mounted(desk: &Desk, first: &str, environment: &[(&str, &str)], arguments: &[&str]) -> Said {
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c"])
        .arg(format!("{first} && exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_latchkey"))
        .args(arguments)
        .current_dir(desk.path())
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Said::of(&output)
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
fn field_5_a_key_on_a_read_only_mount_serves_whoever_of_its_group_reads_it() {
    for mode in ["0400", "0440", "0640"] {
        let desk = Desk::new();
        let said = run_mounted(&desk, &mount_secret(mode), &MOUNTED, &ADD);
        assert!(
            said.code == 0 && !said.err.contains("WARN"),
            "{mode} {}",
            said.err
        );
        assert!(desk.path().join("data/latchkey.db").exists());
        assert!(!desk.path().join("data/master.key").exists(), "{mode}");
    }
}

#[test]
fn field_5_a_mounted_key_that_everybody_reads_is_told_and_serves() {
    let desk = Desk::new();
    let said = run_mounted(&desk, &mount_secret("0444"), &MOUNTED, &ADD);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("WARN")
            && said
                .err
                .contains("everybody on this machine may read it (mode 444)"),
        "{}",
        said.err
    );
    let desk = Desk::new();
    fs::create_dir(desk.path().join("data")).unwrap();
    set_mode(&desk.path().join("data"), 0o700);
    let doctor = run_mounted(&desk, &mount_secret("0444"), &MOUNTED, &["doctor"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    assert!(
        doctor.out.contains("warning  master key") && doctor.out.contains("defaultMode 0440"),
        "{}",
        doctor.out
    );
}

#[test]
fn field_5_a_key_that_others_write_is_refused_wherever_it_is() {
    for mode in ["0660", "0602"] {
        let desk = Desk::new();
        let said = run_mounted(&desk, &mount_secret(mode), &MOUNTED, &ADD);
        assert_eq!(said.code, 1, "{mode}");
        assert!(said.err.contains("others may write to it"), "{}", said.err);
    }
    // And one that can be closed is refused until it is.
    let desk = Desk::new();
    assert_eq!(desk.run(&["user", "list"]).code, 0);
    let key = desk.path().join("data/master.key");
    for (mode, code) in [
        (0o604, 1),
        (0o644, 1),
        (0o660, 1),
        (0o440, 0),
        (0o640, 0),
        (0o600, 0),
    ] {
        set_mode(&key, mode);
        let said = desk.run(&["user", "list"]);
        assert_eq!(said.code, code, "{mode:o} {}", said.err);
        assert_eq!(
            said.err.contains("chmod"),
            code == 1,
            "{mode:o} {}",
            said.err
        );
    }
}

#[test]
fn field_5_a_key_is_named_by_a_variable_or_the_file_and_lies_anywhere() {
    let desk = Desk::new();
    desk.write("secrets/..data/master.key", KEY);
    let key = desk.path().join("secrets/..data/master.key");
    set_mode(&key, 0o440);
    symlink("..data/master.key", desk.path().join("secrets/master.key")).unwrap();
    let named = [("LATCHKEY_MASTER_KEY_FILE", "secrets/master.key")];
    assert_eq!(desk.run_in(&named, &ADD).code, 0);
    // The same key, named in the file.
    desk.write(
        "latchkey.toml",
        "master_key_file = \"secrets/master.key\"\n",
    );
    assert_eq!(
        desk.json(&["user", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let _server = Server::start(&desk, &[]);
    assert!(!desk.path().join("data/master.key").exists());
    assert_eq!(
        fs::metadata(&key).unwrap().mode() & 0o777,
        0o440,
        "left as it was"
    );
}

/// Whether this can become somebody else; where it cannot, modes keep it out of its own files.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

/// Runs a command as somebody to whom nothing belongs, on data that somebody else made.
fn run_as_stranger(desk: &Desk, arguments: &[&str]) -> Said {
    let mut command = Command::new("setpriv");
    let id = STRANGER.to_string();
    command
        .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_latchkey"))
        .args(arguments)
        .current_dir(desk.path());
    Said::of(&command.output().unwrap())
}

#[test]
fn field_5_a_database_of_another_user_is_named_with_its_owner_and_the_remedy() {
    let desk = Desk::new();
    desk.json(&ADD);
    let (dir, database) = (
        desk.path().join("data"),
        desk.path().join("data/latchkey.db"),
    );
    let (said, owner, we) = if is_root() {
        // A command of root's has made the database in the directory of Latchkey's own user.
        for file in [&dir, &dir.join("master.key")] {
            chown(file, Some(STRANGER), Some(STRANGER)).unwrap();
        }
        (run_as_stranger(&desk, &["user", "list"]), 0, STRANGER)
    } else {
        set_mode(&database, 0o000);
        let we = fs::metadata(&dir).unwrap().uid();
        (desk.run(&["user", "list"]), we, we)
    };
    assert_eq!(said.code, 1);
    let words = format!("data/latchkey.db belongs to the user {owner} and the group ");
    assert!(said.err.contains(&words), "{}", said.err);
    assert!(
        said.err
            .contains(&format!("Latchkey runs as the user {we}; run")),
        "{}",
        said.err
    );
    let remedy = format!("chown {we} {}", database.display());
    assert!(said.err.contains(&remedy) || owner == we, "{}", said.err);
    assert!(!said.err.contains("code: 14"), "{}", said.err);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
}

#[test]
fn field_5_a_write_ahead_log_or_a_directory_of_another_user_is_named_too() {
    if !is_root() {
        return;
    }
    let desk = Desk::new();
    desk.json(&ADD);
    let dir = desk.path().join("data");
    let give = |name: &str, to: u32| chown(dir.join(name), Some(to), Some(to)).unwrap();
    for name in ["", "master.key", "latchkey.db"] {
        give(name, STRANGER);
    }
    for name in ["latchkey.db-wal", "latchkey.db-shm"] {
        fs::write(dir.join(name), "").unwrap();
        set_mode(&dir.join(name), 0o600);
    }
    let said = run_as_stranger(&desk, &["user", "list"]);
    assert!(
        said.code == 1 && said.err.contains("latchkey.db-wal belongs to the user 0"),
        "{}",
        said.err
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
    let said = run_as_stranger(&desk, &["user", "list"]);
    assert!(
        said.code == 1
            && said.err.contains("The data directory ./data cannot be used")
            && said.err.contains("It belongs to the user 0 and the group 0 (mode 700), and Latchkey runs as the user 4242; run it as the user 0, or: chown 4242 /"),
        "{}",
        said.err
    );
    let said = run_as_stranger(&desk, &["user", "list", "--data-dir", "new"]);
    assert!(
        said.code == 1
            && said
                .err
                .contains("make it as that user: install -d -m 700 -o 4242 /"),
        "{}",
        said.err
    );
}

#[test]
fn field_5_a_disk_that_cannot_be_written_or_is_full_is_called_so() {
    let desk = Desk::new();
    desk.json(&ADD);
    let read_only = "mount --bind data data && mount -o remount,bind,ro data";
    let said = run_mounted(&desk, read_only, &[], &["user", "list"]);
    assert!(
        said.code == 1
            && said
                .err
                .contains("read-only file system; mount it writable"),
        "{}",
        said.err
    );
    // A database beside the data directory.
    let elsewhere = [(
        "LATCHKEY_DATABASE_URL",
        "sqlite://other/latchkey.db?mode=rwc",
    )];
    desk.write("other/latchkey.db", "");
    let read_only = "mount --bind other other && mount -o remount,bind,ro other";
    let said = run_mounted(&desk, read_only, &elsewhere, &["user", "list"]);
    assert!(
        said.code == 1
            && said.err.contains("The database other/latchkey.db cannot be opened: other/latchkey.db lies on a read-only file system"),
        "{}",
        said.err
    );
    let desk = Desk::new();
    let full = "mkdir data && mount -t tmpfs -o size=16k,mode=700 none data";
    let said = run_mounted(&desk, full, &[], &["user", "list"]);
    assert!(
        said.code == 1 && said.err.contains("disk") && said.err.contains("full; make room there"),
        "{}",
        said.err
    );
    let desk = Desk::new();
    desk.write(
        "data/latchkey.db",
        "This is no database, and it is longer than the header of one would be.",
    );
    set_mode(&desk.path().join("data"), 0o700);
    set_mode(&desk.path().join("data/latchkey.db"), 0o600);
    let said = desk.run(&["user", "list"]);
    assert!(
        said.code == 1 && said.err.contains("it is no SQLite database"),
        "{}",
        said.err
    );
}
