use super::*;
use crate::database::new_file;
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
};

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn fatal(dir: &Path) -> bool {
    inspect(dir).unwrap().iter().any(|fault| fault.is_fatal)
}

#[test]
fn concurrent_commands_do_not_mistake_each_others_probe_file_for_an_error() {
    let data = tempfile::tempdir().unwrap();
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| {
                for _ in 0..500 {
                    prepare(data.path()).unwrap();
                }
            });
        }
    });
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn audit_14_a_planted_symlink_at_the_probe_name_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    let target = data.path().join("precious");
    fs::write(&target, "kept").unwrap();
    let link = data.path().join(".latchkey-write-test");
    symlink(&target, &link).unwrap();
    prepare(data.path()).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
    assert!(link.is_symlink());
}

#[test]
fn audit_14_a_world_writable_directory_is_reported_and_closed() {
    let data = tempfile::tempdir().unwrap();
    for mode in [0o777, 0o707, 0o702] {
        set_mode(data.path(), mode);
        let found = inspect(data.path()).unwrap();
        assert_eq!(found[0].exposure, Exposure::OpenDirectory { mode });
        prepare(data.path()).unwrap();
        assert_eq!(
            fs::metadata(data.path()).unwrap().mode() & 0o777,
            mode & !0o002
        );
    }
    for (mode, faults) in [(0o700, 0), (0o755, 0), (0o770, 1), (0o1777, 1)] {
        set_mode(data.path(), mode);
        let found = inspect(data.path()).unwrap();
        assert_eq!(found.len(), faults, "{mode:o} {found:?}");
        assert!(!fatal(data.path()));
    }
}

#[test]
fn audit_14_files_that_others_could_have_planted_are_rejected() {
    let data = tempfile::tempdir().unwrap();
    let other = data.path().join("other");
    fs::write(&other, "").unwrap();
    let link = data.path().join("latchkey.db");
    symlink(&other, &link).unwrap();
    // In a directory of our own it is ours, on another disk perhaps.
    assert_eq!(inspect(data.path()).unwrap(), []);
    set_mode(data.path(), 0o1777);
    assert!(fatal(data.path()));
    set_mode(data.path(), 0o770);
    assert!(matches!(
        prepare(data.path()),
        Err(OpenError::DataUnsafe { path, .. }) if path == link
    ));
    fs::remove_file(&link).unwrap();
    assert!(!fatal(data.path()));
    let key = data.path().join("master.key");
    drop(new_file::create(&key).unwrap());
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
    assert!(!fatal(data.path()));
    set_mode(&key, 0o622);
    assert!(fatal(data.path()));
}

#[test]
fn audit_14_files_and_directories_of_other_users_are_detected() {
    let data = tempfile::tempdir().unwrap();
    let key = data.path().join("master.key");
    drop(new_file::create(&key).unwrap());
    // Only root can give files away.
    if chown(&key, Some(4242), None).is_err() {
        return;
    }
    assert!(fatal(data.path()));
    chown(data.path(), Some(4242), None).unwrap();
    let found = inspect(data.path()).unwrap();
    let exposure = Exposure::ForeignDirectory {
        owner: 4242,
        process_user: 0,
    };
    assert!(
        found.iter().any(|fault| fault.exposure == exposure),
        "{found:?}"
    );
}
