//! Every seed, checked by its oracle.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{fs, path::Path};

use latchkey_oracles::{client, cookies, device_cookie, forwarded_request, host, path, return_to};

/// The seeds of a fuzz target, by file name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../seeds")
        .join(target);
    let seeds: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

/// Checks the seeds of a target that reads text. As libFuzzer does, a seed that is not UTF-8 is skipped.
fn check_texts(target: &str, check: fn(&str)) {
    for (name, seed) in seeds(target) {
        println!("{target}/{name}");
        if let Ok(text) = str::from_utf8(&seed) {
            check(text);
        }
    }
}

fn check_bytes(target: &str, check: fn(&[u8])) {
    for (name, seed) in seeds(target) {
        println!("{target}/{name}");
        check(&seed);
    }
}

#[test]
fn seeds_of_client() {
    check_bytes("client", client::check);
}

#[test]
fn seeds_of_cookies() {
    check_bytes("cookies", cookies::check);
}

#[test]
fn seeds_of_device_cookie() {
    check_texts("device_cookie", device_cookie::check);
}

#[test]
fn seeds_of_host() {
    check_texts("host", host::check);
}

#[test]
fn seeds_of_path() {
    check_texts("path", path::check);
}

#[test]
fn seeds_of_forwarded_request() {
    check_texts("forwarded_request", forwarded_request::check);
}

#[test]
fn seeds_of_return_to() {
    check_texts("return_to", return_to::check);
}

#[test]
fn every_target_has_a_test_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut targets: Vec<_> = fs::read_dir(root.join("fuzz_targets"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    targets.sort();
    let here = [
        "client",
        "cookies",
        "device_cookie",
        "forwarded_request",
        "host",
        "path",
        "return_to",
    ];
    assert_eq!(targets, here);
}
