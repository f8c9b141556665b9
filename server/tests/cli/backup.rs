//! Backing up, losing everything, restoring; and a stop that leaves everything in one file.
#![cfg(unix)]

use crate::{
    adversity::Setup,
    harness::{CliSandbox, Output},
    killed::{block_on, of_an_older_version, schema},
    server::Server,
};
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

impl Setup {
    pub(crate) fn data(&self) -> PathBuf {
        self.sandbox.path().join("data")
    }

    fn lose_everything(&self) {
        fs::remove_dir_all(self.data()).unwrap();
    }

    fn back_up(&self, file: &str) {
        let output = self.sandbox.run(&["backup", file]);
        assert_eq!(
            (output.code, output.err.as_str()),
            (0, ""),
            "{}",
            output.out
        );
    }

    fn restore(&self, file: &str) -> Output {
        self.sandbox.run(&["restore", file])
    }

    /// A rejected restore names the reason and leaves nothing.
    fn refuses(&self, file: &str, why: &str) {
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

/// What is in a directory.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn field_1_a_device_is_signed_in_again_after_a_restore_with_keep_sign_ins() {
    let setup = Setup::new();
    let cookie = {
        let server = Server::start(&setup.sandbox, &[]);
        let cookie = setup.signed_in(&server);
        setup.back_up("all.backup");
        assert_eq!(setup.verify(&server, &cookie), 200, "it goes on");
        server.signal("KILL");
        cookie
    };
    let made = setup.sandbox.path().join("all.backup");
    assert_eq!(
        fs::metadata(made).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(names(setup.sandbox.path()), ["all.backup", "data"]);
    setup.lose_everything();

    let output = setup
        .sandbox
        .run(&["restore", "all.backup", "--keep-sign-ins"]);
    assert_eq!(
        (output.code, output.err.as_str()),
        (0, ""),
        "{}",
        output.out
    );
    assert!(
        output.out.contains("What changed since then is lost")
            && output.out.contains("came from the backup"),
        "{}",
        output.out
    );
    assert_eq!(names(&setup.data()), ["latchkey.db", "master.key"]);
    let server = Server::start(&setup.sandbox, &[]);
    assert_eq!(setup.verify(&server, &cookie), 200);
    assert_eq!(setup.revoke().code, 0);
    setup.verify_until(&server, &cookie, 404);
    let log = setup.sandbox.json(&["audit", "list", "--filter", "backup"]);
    let actions: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    // Only the lost log recorded that it was made.
    assert_eq!(actions, ["backup.restored"]);
    assert_eq!(setup.sandbox.json(&["audit", "verify"])["intact"], true);
}

/// A copy of a cookie that its owner's next sign-in has ended would be good again.
#[test]
fn field_1_a_restore_signs_out_every_device() {
    let setup = Setup::new();
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    setup.back_up("all.backup");
    drop(server);
    setup.lose_everything();
    let restored = setup.sandbox.json(&["restore", "all.backup"]);
    assert_eq!(restored["signed_out"], true);
    let server = Server::start(&setup.sandbox, &[]);
    assert_eq!(setup.verify(&server, &cookie), 404);
    let devices = ["device", "list", "--filter", "signed_out"];
    let devices = setup.sandbox.json(&devices);
    assert_eq!(devices["items"].as_array().unwrap().len(), 1, "{devices}");
}

#[test]
fn field_1_a_backup_with_a_key_is_refused_where_the_key_is_kept_elsewhere() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    setup
        .sandbox
        .json(&["backup", "apart.backup", "--without-key"]);
    fs::remove_file(setup.data().join("latchkey.db")).unwrap();
    let restore = |file: &str| {
        setup
            .sandbox
            .run(&["restore", file, "--without-key", "--json"])
    };
    let refused = restore("all.backup");
    assert!(
        refused.code == 1 && refused.err.contains("there is a master key in it"),
        "{refused:?}"
    );
    assert_eq!(names(&setup.data()), ["master.key"]);
    let output = restore("apart.backup");
    let output: serde_json::Value = serde_json::from_str(&output.out).unwrap();
    assert_eq!(output["key_from_backup"], false);

    setup.lose_everything();
    let output = setup.sandbox.json(&["restore", "all.backup"]);
    assert_eq!(output["key_from_backup"], true);
}

#[test]
fn field_1_a_restore_invalidates_enrolment_links() {
    let setup = Setup::new();
    let invited = setup.sandbox.json(&["user", "invite", "ada@example.com"]);
    let url = invited["enrolment_url"].as_str().unwrap().to_owned();
    let path = url.split_once("/enrol/").unwrap().1;
    let opens = |server: &Server| {
        server
            .ask_public(&format!("/enrol/{path}"))
            .contains("Open in authenticator app")
    };
    {
        let server = Server::start(&setup.sandbox, &[]);
        assert!(opens(&server));
        setup.back_up("all.backup");
    }
    setup.lose_everything();
    let restored = setup.sandbox.json(&["restore", "all.backup"]);
    // The setup link of the server is the other one.
    assert_eq!(restored["ended_links"], 2);
    assert!(!opens(&Server::start(&setup.sandbox, &[])));
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
fn field_1_a_truncated_or_altered_backup_is_not_restored() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    setup
        .sandbox
        .run(&["backup", "apart.backup", "--without-key"]);
    let key = fs::read(setup.data().join("master.key")).unwrap();
    setup.lose_everything();
    let read = |name: &str| fs::read(setup.sandbox.path().join(name)).unwrap();
    let put = |bytes: &[u8]| fs::write(setup.sandbox.path().join("bad.backup"), bytes).unwrap();
    let whole = read("all.backup");

    for length in [0, 100, 600, 2000, whole.len() / 2, whole.len() - 1500] {
        put(&whole[..length]);
        setup.refuses("bad.backup", "cannot be used");
    }
    // A byte of each part.
    for part in ["manifest.json", "manifest.tag", "master.key", "latchkey.db"] {
        let header = whole
            .chunks(512)
            .position(|block| block.starts_with(format!("{part}\0").as_bytes()))
            .unwrap();
        let mut changed = whole.clone();
        // In the manifest a letter, so that it can still be read.
        let place = header * 512 + 512 + 60;
        changed[place] ^= 1;
        put(&changed);
        setup.refuses("bad.backup", "cannot be used");
    }
    put(b"not an archive");
    setup.refuses("bad.backup", "cannot be used");

    // Without its key nothing of it can be used, and with another one neither.
    setup.refuses("apart.backup", "put it there first");
    assert!(!String::from_utf8_lossy(&read("apart.backup")).contains("master.key\0"));
    let place = setup.data().join("master.key");
    fs::create_dir_all(setup.data()).unwrap();
    fs::set_permissions(setup.data(), fs::Permissions::from_mode(0o700)).unwrap();
    let mut another = key.clone();
    let last = another.len() - 2;
    another[last - 8] = if another[last - 8] == b'A' {
        b'B'
    } else {
        b'A'
    };
    fs::write(&place, another).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
    setup.refuses("apart.backup", "not made with this master key");
    fs::write(&place, key).unwrap();
    assert_eq!(setup.restore("apart.backup").code, 0);
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

/// Feeds a restore for as long as it reads.
#[test]
fn field_1_an_interrupted_restore_leaves_nothing() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    let whole = fs::read(setup.sandbox.path().join("all.backup")).unwrap();
    setup.lose_everything();
    let pipe = setup.sandbox.path().join("endless.backup");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut restore = setup
        .sandbox
        .command(&["restore", "endless.backup"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut feed = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    // Up to the database, whose header claims eight gigabytes.
    let is_database = |block: &[u8]| block.starts_with(b"latchkey.db\0");
    let at = 512 * whole.chunks(512).position(is_database).unwrap();
    let mut header = whole[at..at + 512].to_vec();
    header[124..136].copy_from_slice(b"77777777777\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    feed.write_all(&whole[..at]).unwrap();
    feed.write_all(&header).unwrap();
    let chunk = vec![0; 64 * 1024];
    // It is unpacking once it has taken more than a pipe holds.
    for _ in 0..64 {
        feed.write_all(&chunk).unwrap();
    }
    let id = rustix::process::Pid::from_child(&restore);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let hundreds_of_megabytes = 8 * 1024;
    assert!(
        (0..hundreds_of_megabytes).any(|_| feed.write_all(&chunk).is_err()),
        "it reads on"
    );
    assert_eq!(restore.wait().unwrap().code(), Some(1));
    assert_eq!(names(&setup.data()), [""; 0]);
}

#[test]
fn field_1_the_doctor_creates_nothing_in_an_empty_directory() {
    let setup = Setup::new();
    setup.back_up("all.backup");
    setup.lose_everything();
    fs::create_dir(setup.data()).unwrap();
    fs::set_permissions(setup.data(), fs::Permissions::from_mode(0o700)).unwrap();
    let output = setup.sandbox.run(&["doctor"]);
    assert!(
        output.code == 0 && output.out.contains("`latchkey restore FILE`"),
        "{output:?}"
    );
    assert_eq!(names(&setup.data()), [""; 0]);
    assert_eq!(setup.restore("all.backup").code, 0);
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
