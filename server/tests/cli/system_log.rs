//! The log in the journal and in syslog, whose sockets are the test's.

use crate::{
    harness::CliSandbox,
    server::{Server, converse, host},
};
use std::{os::unix::net::UnixDatagram, time::Duration};

/// What arrives when somebody enters a wrong code, whose address has a line end in it.
fn arrives(output: &str, format: &str) -> String {
    let sandbox = CliSandbox::new();
    let socket = UnixDatagram::bind(sandbox.path().join("log")).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let file = format!("[log]\noutput = \"{output}\"\nsocket = \"log\"\nformat = \"{format}\"\n");
    sandbox.write("latchkey.toml", &file);
    let server = Server::start(&sandbox, &[]);
    let (host, body) = (
        host(&server.public),
        "email=a%40example.com%0APRIORITY%3D0&code=000000",
    );
    let request = format!(
        "POST /actions/device/register HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    converse(&server.public, &request);
    let mut datagram = vec![0; 16 * 1024];
    loop {
        let length = socket.recv(&mut datagram).unwrap();
        let text = String::from_utf8(datagram[..length].to_vec()).unwrap();
        if text.contains("sign-in refused") {
            return text;
        }
    }
}

#[test]
fn the_journal_gets_events_with_their_priorities() {
    assert_eq!(
        arrives("journald", "text"),
        "PRIORITY=4\nSYSLOG_IDENTIFIER=latchkey\nMESSAGE=WARN auth: sign-in refused address=127.0.0.1 by=code\n"
    );
}

#[test]
fn syslog_gets_events_as_rfc_5424_has_them() {
    let event = arrives("syslog", "text");
    let (head, message) = event.split_once(" - - WARN ").unwrap();
    let pid = head.strip_prefix("<28>1 - - latchkey ").unwrap();
    assert!(pid.parse::<u32>().is_ok(), "{event}");
    assert_eq!(message, "auth: sign-in refused address=127.0.0.1 by=code");
    assert!(arrives("syslog", "json").contains("{\"level\":\"WARN\""));
}

#[test]
fn without_a_receiver_events_go_to_standard_error() {
    let sandbox = CliSandbox::new();
    sandbox.write(
        "latchkey.toml",
        "[log]\noutput = \"syslog\"\nsocket = \"nobody\"\n[audit]\ncheckpoint_interval = \"1h\"\n",
    );
    sandbox.json(&["user", "add", "ada@example.com"]);
    let mut server = Server::start_logged(&sandbox, "stderr");
    sandbox.wait_for_text("stderr", "a checkpoint of the audit log");
    server.child.kill().unwrap();
    let refused = sandbox.run_in(&[("LATCHKEY_LOG_OUTPUT", "paper")], &["audit", "list"]);
    assert!(
        refused.err.contains("write stderr, journald or syslog"),
        "{}",
        refused.err
    );
}
