//! `latchkey restore`, after everything is lost.

use crate::{
    database_fixtures::{open, texts},
    harness::names,
    server::Server,
    setup::Setup,
};
use sea_orm::ConnectionTrait;
use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

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
            && output.out.contains("rotated signing keys (latchkey key")
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

/// Their users may have erased them since, or asked not to be compared.
#[tokio::test]
async fn audit_53_a_restore_brings_back_nothing_of_how_users_type() {
    const KEPT: &str = "SELECT field FROM behaviour_templates";
    let setup = Setup::new();
    let db = open(&setup.data()).await;
    db.execute_unprepared(
        "INSERT INTO behaviour_templates SELECT id, id, 'email', x'00', 1, 1 FROM users",
    )
    .await
    .unwrap();
    assert!(!texts(&db, KEPT).await.is_empty());
    db.close().await.unwrap();
    setup.back_up("all.backup");
    setup.lose_everything();
    setup.sandbox.json(&["restore", "all.backup"]);
    let db = open(&setup.data()).await;
    assert!(texts(&db, KEPT).await.is_empty());
}
