//! A server on a failing machine: it never grants access wrongly, and it recovers
//! by itself.

use crate::{
    database_fixtures,
    harness::CliSandbox,
    server::{Server, say},
    setup::{Setup, status},
};
use std::{
    fs,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[test]
fn must_survive_23_a_paused_process_does_not_answer_from_a_stale_cache() {
    let setup = Setup::new();
    setup
        .sandbox
        .write("latchkey.toml", "[log]\nlevel = \"debug\"\n");
    let server = Server::start_logged(&setup.sandbox, "stderr");
    let cookie = setup.signed_in(&server);
    // Once invalidations are read, the last of which is of the registration, the device stays in the cache.
    let newest = "SELECT CAST(max(id) AS TEXT) FROM invalidations";
    let newest = database_fixtures::text(&setup.data(), newest);
    let read = format!("read invalidations id={newest}");
    setup.sandbox.wait_for_text("stderr", &read);
    assert_eq!(setup.verify(&server, &cookie), 200);

    // Open connections that are accepted already, so that afterwards some are read before the log is.
    let mut open: Vec<_> = (0..64)
        .map(|_| {
            let mut connection = say(
                &server.internal,
                "GET /healthz HTTP/1.1\r\nHost: inside\r\n\r\n",
            );
            let mut response = Vec::new();
            while !response.ends_with(b"ok\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                response.extend(byte);
            }
            connection
        })
        .collect();
    server.signal("STOP");
    assert_eq!(setup.revoke().code, 0);
    for connection in &mut open {
        let forwarded_request = setup.forwarded_request(&cookie);
        connection.write_all(forwarded_request.as_bytes()).unwrap();
    }
    // The cache is valid for a second.
    thread::sleep(Duration::from_millis(1200));
    server.signal("CONT");
    for mut connection in open {
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        assert_eq!(status(&response), 404, "{response}");
    }
}

#[test]
fn must_survive_23_verify_refuses_while_the_database_file_is_missing() {
    let setup = Setup::new();
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    let file = setup.sandbox.path().join("data/latchkey.db");
    let aside = setup.sandbox.path().join("data/aside.db");

    fs::rename(&file, &aside).unwrap();
    assert!(setup.verify_until(&server, &cookie, 503) < Duration::from_secs(2));
    // Many at once, so that there are more connections to the database than before.
    thread::scope(|scope| {
        let register = || status(&setup.add_device(&server));
        let all: Vec<_> = (0..16).map(|_| scope.spawn(register)).collect();
        for response in all {
            assert_eq!(
                response.join().unwrap(),
                500,
                "nor is one registered into nowhere"
            );
        }
    });
    let output = setup.sandbox.run(&["device", "list"]);
    assert!(
        output.code != 0 && output.err.contains("Put the file back"),
        "{}",
        output.err
    );
    assert!(
        !file.exists(),
        "an empty one in its place would cost what was not yet in the old one"
    );
    fs::rename(&aside, &file).unwrap();
    setup.verify_until(&server, &cookie, 200);

    // Another file in its place is another database, which this process would never read.
    fs::copy(&file, &aside).unwrap();
    fs::rename(&aside, &file).unwrap();
    setup.verify_until(&server, &cookie, 503);
}

#[cfg(target_os = "linux")]
#[test]
fn must_survive_23_verify_refuses_while_the_database_is_locked() {
    let setup = Setup::new();
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    assert_eq!(setup.verify(&server, &cookie), 200);

    // SQLite's locks (wal-index format, §2.3: eight bytes from 120), held by another process.
    let mut thief = Command::new("python3")
        .args(["-c", "import fcntl, sys\nfile = open(sys.argv[1], 'r+b')\nfcntl.lockf(file, fcntl.LOCK_EX, 8, 120)\nprint('locked', flush=True)\nsys.stdin.read()"])
        .arg(setup.sandbox.path().join("data/latchkey.db-shm"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = [0; 6];
    thief
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut output)
        .unwrap();
    // The cache is valid for a second; from then on every request is refused.
    setup.verify_until(&server, &cookie, 503);
    let start = Instant::now();
    assert_eq!(setup.verify(&server, &cookie), 503);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "a proxy is not kept waiting"
    );

    drop(thief.stdin.take());
    thief.wait().unwrap();
    setup.verify_until(&server, &cookie, 200);
}

#[cfg(target_os = "linux")]
#[test]
fn must_survive_23_a_change_that_a_full_disk_prevents_does_not_happen() {
    let setup = Setup::new();
    let data = setup.sandbox.path().join("data");
    fs::rename(&data, setup.sandbox.path().join("seed")).unwrap();
    fs::create_dir(&data).unwrap();
    let server = Server::start_after(
        &setup.sandbox,
        "mount -t tmpfs -o size=4m,mode=0700 latchkey data && cp -a seed/. data/",
    );
    let cookie = setup.signed_in(&server);
    assert_eq!(setup.verify(&server, &cookie), 200);
    // The disk as the server sees it.
    let filler = format!("/proc/{}/root{}/filler", server.child.id(), data.display());
    // Before the disk is full: closing the database empties its write-ahead log, which frees space.
    let list = server.beside(&setup.sandbox, &["device", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list.out).unwrap();
    let id = list["items"][0]["id"].as_str().unwrap();
    let revoke = || server.beside(&setup.sandbox, &["device", "revoke", id]);

    fill(Path::new(&filler));
    assert_eq!(setup.verify(&server, &cookie), 200, "the log can be read");
    let output = revoke();
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.err.contains("full"), "{output:?}");
    assert_eq!(
        setup.verify(&server, &cookie),
        200,
        "and nothing was revoked"
    );

    fs::remove_file(&filler).unwrap();
    assert_eq!(revoke().code, 0);
    setup.verify_until(&server, &cookie, 404);
}

#[cfg(target_os = "linux")]
#[test]
fn field_9_a_printed_secret_that_cannot_be_committed_is_reported_as_void() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["migrate"]);
    let data = sandbox.path().join("data");
    fs::rename(&data, sandbox.path().join("seed")).unwrap();
    fs::create_dir(&data).unwrap();
    let server = Server::start_after(
        &sandbox,
        "mount -t tmpfs -o size=4m,mode=0700 latchkey data && cp -a seed/. data/",
    );
    // The link that a first start prints is kept by then: only afterwards anything is answered.
    server.ask_public("/login");
    let filler = format!("/proc/{}/root{}/filler", server.child.id(), data.display());
    fill(Path::new(&filler));
    let output = server.beside(&sandbox, &["service", "add", "photos", "--json"]);
    fs::remove_file(&filler).unwrap();
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.out.contains("lk_"), "{output:?}");
    assert_eq!(output.error(), "void");
    let list = server.beside(&sandbox, &["service", "list", "--json"]);
    assert!(list.out.contains("\"items\":[]"), "{list:?}");
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    let mut file = fs::File::create(path).unwrap();
    for size in [64 * 1024, 4096, 512, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
