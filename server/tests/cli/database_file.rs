//! The database file: complete after a stop, and opened only beside its own key.

use crate::{
    database_fixtures::foreign,
    harness::{CliSandbox, names},
    server::{Server, host, say},
    setup::Setup,
};
use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// Whether everything is in the database's own file.
fn is_whole(data: &Path) -> bool {
    fs::metadata(data.join("latchkey.db-wal")).map_or(0, |log| log.len()) == 0
}

#[test]
fn field_1_a_command_leaves_everything_in_the_database_file() {
    let setup = Setup::new();
    assert_eq!(names(&setup.data()), ["latchkey.db", "master.key"]);
}

/// A copy of database and key alone, made after a stop, has everything.
#[test]
fn field_1_after_a_clean_stop_the_database_file_and_the_key_are_complete() {
    let setup = Setup::new();
    let mut server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert_eq!(names(&setup.data()), ["latchkey.db", "master.key"]);
    assert_eq!(
        setup.verify(&Server::start(&setup.sandbox, &[]), &cookie),
        200
    );
}

/// Whoever stops the server waits for no client: Docker kills after ten seconds. That the parts of the stop add up to five
/// is asserted where they are defined; here is no clock, so a busy machine changes nothing.
#[test]
fn field_9_a_slow_client_does_not_keep_a_stop_from_closing_the_database() {
    let setup = Setup::new();
    let mut server = Server::start(&setup.sandbox, &[]);
    setup.signed_in(&server);
    // Half a body: its request is under way until the other half comes.
    let mut slow = say(
        &server.public,
        &format!(
            "POST /device/add HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
            host(&server.public)
        ),
    );
    let mut go_on = [0; 12];
    slow.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    slow.write_all(b"{\"email\":").unwrap();
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(is_whole(&setup.data()));
    assert_eq!(names(&setup.data()), ["latchkey.db", "master.key"]);
}

#[test]
fn field_1_a_key_without_its_database_is_an_error_that_names_both() {
    let setup = Setup::new();
    let database = setup.data().join("latchkey.db");
    let lost = |state: &str| {
        for command in [&["user", "list"][..], &["doctor"], &["service", "list"]] {
            let output = setup.sandbox.run(command);
            let all = output.out + &output.err;
            assert!(
                output.code == 1
                    && all.contains("master.key is there, but not the data")
                    && all.contains("latchkey.db")
                    && all.contains(state)
                    && all.contains("latchkey restore"),
                "{command:?}: {all}"
            );
        }
    };
    fs::remove_file(&database).unwrap();
    lost("is not there");
    assert_eq!(names(&setup.data()), ["master.key"], "nothing was made");

    fs::write(&database, "").unwrap();
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    lost("is empty");

    foreign(&database);
    lost("has none of its tables");
}

#[test]
fn field_1_an_external_key_may_start_a_new_database_and_a_generated_one_may_not() {
    let sandbox = CliSandbox::new();
    let key = sandbox.path().join("key");
    fs::write(&key, format!("{}\n", "A".repeat(43))).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let named = [("LATCHKEY_MASTER_KEY_FILE", "key")];
    assert_eq!(
        sandbox
            .run_in(&named, &["user", "add", "ada@example.com"])
            .code,
        0
    );

    let sandbox = CliSandbox::new();
    assert_eq!(
        sandbox
            .run_in(&named, &["user", "add", "ada@example.com"])
            .code,
        0
    );
    fs::remove_file(sandbox.path().join("data/latchkey.db")).unwrap();
    let output = sandbox.run_in(&named, &["user", "list"]);
    assert!(
        output.code == 1 && output.err.contains("is there, but not the data"),
        "{}",
        output.err
    );
}

#[test]
fn field_1_the_database_of_another_program_is_not_touched() {
    let sandbox = CliSandbox::new();
    fs::create_dir(sandbox.path().join("data")).unwrap();
    fs::set_permissions(
        sandbox.path().join("data"),
        fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    foreign(&sandbox.path().join("data/latchkey.db"));
    let output = sandbox.run(&["user", "list"]);
    assert!(
        output.code == 1 && output.err.contains("belongs to another program"),
        "{}",
        output.err
    );
    assert!(!sandbox.path().join("data/master.key").exists());
}
