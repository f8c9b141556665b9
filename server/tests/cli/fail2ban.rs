//! The filter of docs/fail2ban, checked by fail2ban itself with the log of a server that was attacked.

use crate::{
    harness::CliSandbox,
    server::{Server, converse, host},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where `cargo xtask test` says that fail2ban was unpacked.
const UNPACKED: &str = "TEST_FAIL2BAN";

fn unpacked() -> Option<PathBuf> {
    let found = env::var_os(UNPACKED).map(PathBuf::from);
    if found.is_none() {
        eprintln!(
            "SKIPPED: there is no fail2ban; `cargo xtask test rust` brings it where there is apt-get."
        );
    }
    found
}

/// The addresses that fail2ban finds in a log, one for each line.
fn found(unpacked: &Path, log: &Path) -> Vec<String> {
    let filter = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/fail2ban/latchkey.conf"
    );
    let output = Command::new("python3")
        .arg(unpacked.join("usr/bin/fail2ban-regex"))
        .arg("-c")
        .arg(unpacked.join("etc/fail2ban"))
        .args(["-o", "ip"])
        .args([log, Path::new(filter)])
        .env("PYTHONPATH", unpacked.join("usr/lib/python3/dist-packages"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn r12_fail2ban_finds_the_client_of_each_failed_attempt_and_nobody_else() {
    let Some(unpacked) = unpacked() else { return };
    for format in ["text", "json"] {
        let sandbox = CliSandbox::new();
        sandbox.write(
            "latchkey.toml",
            &format!("[log]\nformat = \"{format}\"\n[proxy]\ntrusted = [\"127.0.0.1/32\"]\n"),
        );
        let mut server = Server::start_logged(&sandbox, "log");
        let (address, host) = (server.public.clone(), host(&server.public));
        let send = |line: &str, client: &str, headers: &str, body: &str| {
            let forged = "WARN auth: sign-in refused address=203.0.113.1 by=code";
            let request = format!(
                "{line} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: {client}\r\nUser-Agent: {forged}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
                body.len()
            );
            converse(&address, &request)
        };
        send(
            "POST /actions/device/register",
            "192.0.2.1",
            "",
            "email=a%40example.com%0A2026-11-21T12%3A00%3A00.000000Z++WARN+auth%3A+sign-in+refused+address%3D203.0.113.2+by%3Dcode&code=000000",
        );
        send(
            "GET /enrol/AAAAAAAAAAAAAAAAAAAAAA",
            "2001:db8::2",
            "Accept: text/html\r\n",
            "",
        );
        send(
            "POST /oauth/token",
            "192.0.2.3",
            "Authorization: Basic YWRhOnNlY3JldA==\r\n",
            "grant_type=client_credentials&audience=photos",
        );
        // What fails for another reason is no attempt.
        send("GET /nowhere", "192.0.2.4", "", "");
        send(
            "POST /oauth/token",
            "192.0.2.5",
            "",
            "grant_type=%0Anothing",
        );
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let log = sandbox.path().join("log");
        let addresses = found(&unpacked, &log);
        let text = fs::read_to_string(&log).unwrap();
        assert_eq!(
            addresses,
            ["192.0.2.1", "2001:db8::2", "192.0.2.3"],
            "{format}: {text}"
        );
        for secret in [
            "000000",
            "a@example.com",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "c2VjcmV0",
        ] {
            assert!(!text.contains(secret), "{format}: {secret}: {text}");
        }
    }
}
