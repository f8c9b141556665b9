//! A process that is killed at any time of a first start or an upgrade leaves a directory that opens, with the whole
//! schema and what was in it.
//!
//! Nothing here depends on how fast the machine is: wherever a kill hits, the same must hold afterwards. How many hit in
//! the middle is printed (`--nocapture`).

use crate::{
    database_fixtures::{self, block_on, of_an_older_version, schema},
    harness::CliSandbox,
};
use latchkey_migrations::{Migrator, MigratorTrait};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Kills of a first start, and as many of an upgrade.
const KILLS: u64 = 200;

/// Concurrent processes: more than processors, so that a kill also hits a process that waits for one.
const WORKERS: u64 = 4;

/// The first schema with which a directory was ever complete: with users, services, ceremonies and the audit log.
const OLDEST: u32 = 4;

/// A number that looks random and is the same in every run (SplitMix64).
fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn start(sandbox: &CliSandbox) -> Child {
    sandbox
        .command(&[
            "serve",
            "--public-addr",
            "127.0.0.1:0",
            "--internal-addr",
            "127.0.0.1:0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How long it takes from the start of a process until it prints that it is running.
fn length_of_a_start(sandbox: &CliSandbox) -> Duration {
    let begin = Instant::now();
    let mut child = start(sandbox);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let length = begin.elapsed();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("is running"), "{line}");
    length
}

/// Starts a server and kills it after a while.
fn kill_a_start(sandbox: &CliSandbox, after: Duration) {
    let mut child = start(sandbox);
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Kills [`KILLS`] starts, each in a sandbox that `prepare` filled, within `length` after the start; checks
/// each with `is_half_done` before it is opened again, and with `check` afterwards.
fn kill_at_any_time(
    what: &str,
    length: Duration,
    prepare: impl Fn(u64, &CliSandbox) + Sync,
    is_half_done: impl Fn(u64, &CliSandbox) -> bool + Sync,
    check: impl Fn(u64, &CliSandbox) + Sync,
) {
    let half_done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (prepare, is_half_done, check, half_done) =
                (&prepare, &is_half_done, &check, &half_done);
            scope.spawn(move || {
                for seed in (worker..KILLS).step_by(usize::try_from(WORKERS).unwrap()) {
                    let sandbox = CliSandbox::new();
                    prepare(seed, &sandbox);
                    let share = u32::try_from(random(seed) >> 40).unwrap();
                    // Beside others a start takes about twice as long as alone.
                    let after = length * 2 * share / (1 << 24);
                    kill_a_start(&sandbox, after);
                    if is_half_done(seed, &sandbox) {
                        half_done.fetch_add(1, Ordering::Relaxed);
                    }
                    let output = sandbox.run(&["doctor", "--json"]);
                    assert!(
                        output.code == 0 && output.err.is_empty(),
                        "seed {seed}, killed after {after:?}: {output:?}"
                    );
                    check(seed, &sandbox);
                }
            });
        }
    });
    println!(
        "{what}: seeds 0 to {}, a start takes {length:?} alone; {} left it half done",
        KILLS - 1,
        half_done.into_inner()
    );
}

#[test]
fn field_1_a_first_start_killed_at_any_time_leaves_a_usable_directory() {
    let whole = CliSandbox::new();
    let length = length_of_a_start(&whole);
    let expected = block_on(schema(&whole.path().join("data")));
    kill_at_any_time(
        "a first start",
        length,
        |_, _| {},
        // The key comes last.
        |_, sandbox| {
            let data = sandbox.path().join("data");
            data.join("latchkey.db").exists() && !data.join("master.key").exists()
        },
        |seed, sandbox| {
            // Any state: a directory, a partial database, a key.
            sandbox.json(&["user", "add", "ada@example.com"]);
            let users = sandbox.json(&["user", "list"]);
            assert_eq!(users["items"].as_array().unwrap().len(), 1, "seed {seed}");
            let found = block_on(schema(&sandbox.path().join("data")));
            assert_eq!(found, expected, "seed {seed}");
        },
    );
}

#[test]
fn field_1_an_upgrade_killed_at_any_time_leaves_a_usable_directory() {
    let all = u32::try_from(Migrator::migrations().len()).unwrap();
    let old: Vec<_> = (OLDEST..all)
        .map(|steps| {
            let sandbox = CliSandbox::new();
            block_on(of_an_older_version(&sandbox, steps));
            (steps, sandbox)
        })
        .collect();
    let of = |seed: u64| &old[usize::try_from(seed).unwrap() % old.len()];
    let prepare = |seed: u64, sandbox: &CliSandbox| {
        copy(
            &of(seed).1.path().join("data"),
            &sandbox.path().join("data"),
        );
    };
    let whole: Vec<_> = (0..old.len() as u64)
        .map(|seed| {
            let sandbox = CliSandbox::new();
            prepare(seed, &sandbox);
            let length = length_of_a_start(&sandbox);
            (length, block_on(schema(&sandbox.path().join("data"))))
        })
        .collect();
    let length = whole.iter().map(|(length, _)| *length).max().unwrap();
    kill_at_any_time(
        "an upgrade",
        length,
        prepare,
        |seed, sandbox| {
            // A copy, because opening it replays the write-ahead log.
            let copied = CliSandbox::new();
            let data = copied.path().join("data");
            copy(&sandbox.path().join("data"), &data);
            let steps = block_on(async {
                let db = database_fixtures::open(&data).await;
                database_fixtures::texts(&db, "SELECT version FROM seaql_migrations")
                    .await
                    .len()
            });
            let steps = u32::try_from(steps).unwrap();
            of(seed).0 < steps && steps < all
        },
        |seed, sandbox| {
            let passkeys = sandbox.json(&["passkey", "list", "ada@example.com"]);
            assert_eq!(passkeys["items"][0]["name"], "Key", "seed {seed}");
            let found = block_on(schema(&sandbox.path().join("data")));
            let (_, expected) = &whole[usize::try_from(seed).unwrap() % old.len()];
            assert_eq!(&found, expected, "seed {seed}");
        },
    );
}

/// Kills a command after a share of the time that it takes.
fn kill_a_command(sandbox: &CliSandbox, arguments: &[&str], seed: u64, length: Duration) {
    let mut child = sandbox
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(length * u32::try_from(random(seed) >> 40).unwrap() / (1 << 24));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn field_1_a_killed_backup_or_restore_leaves_all_or_nothing() {
    let source = CliSandbox::new();
    source.json(&["user", "add", "ada@example.com"]);
    let begin = Instant::now();
    source.json(&["backup", "whole.backup"]);
    let length = begin.elapsed() * 3 / 2;
    let whole = source.path().join("whole.backup");
    let has_ada = |sandbox: &CliSandbox| {
        sandbox.json(&["user", "list"])["items"][0]["email"] == "ada@example.com"
    };
    for seed in 0..24 {
        let made = source.path().join(format!("{seed}.backup"));
        kill_a_command(&source, &["backup", made.to_str().unwrap()], seed, length);
        if made.exists() {
            let sandbox = CliSandbox::new();
            sandbox.json(&["restore", made.to_str().unwrap()]);
            assert!(has_ada(&sandbox), "seed {seed}");
        }
        assert_eq!(source.run(&["doctor"]).code, 0, "seed {seed}");

        let sandbox = CliSandbox::new();
        let restore = ["restore", whole.to_str().unwrap()];
        kill_a_command(&sandbox, &restore, seed, length);
        let output = sandbox.run(&restore);
        assert!(
            output.code == 0 || output.err.contains("latchkey.db is there already"),
            "seed {seed}: {output:?}"
        );
        assert!(has_ada(&sandbox), "seed {seed}");
    }
}
