//! A master key file that a container platform mounts, or that others can read or write.

use crate::{
    harness::{CliSandbox, run_mounted, set_mode},
    server::Server,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";

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
