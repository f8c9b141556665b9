//! The device with which the doctor signs in: nobody else gets its cookie, and it ends with the doctor.

use super::{doctor, found, proxy, read_head, sandbox};
use crate::harness::Output;
use serde_json::Value;
#[cfg(unix)]
use std::process::{Command, Stdio};
use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
};

#[test]
fn the_doctors_device_is_revoked_and_its_cookie_is_not_printed() {
    let address = proxy("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nECHO");
    let host = format!("localhost:{}", address.port());
    let sandbox = sandbox(&host);
    let output: Output = sandbox.run(&[
        "proxy",
        "doctor",
        "photos",
        "--url",
        &format!("http://{host}/"),
        "--as",
        "ada@example.com",
    ]);
    assert!(
        output.out.contains("ada@example.com is let in"),
        "{output:?}"
    );
    assert!(
        !output.out.contains("latchkey=") && !output.err.contains("latchkey="),
        "{output:?}"
    );
    let shown = sandbox.json(&["user", "show", "ada@example.com"]);
    let devices = shown["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1);
    assert!(
        devices[0]["name"] == "proxy doctor" && devices[0]["revoked_at"].is_string(),
        "{shown}"
    );
    assert_eq!(shown["user"]["status"], "invited", "nobody has signed in");
    let events = sandbox.json(&["audit", "list"]);
    let actions: Vec<_> = events["items"].as_array().unwrap()[..2]
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["device.revoked", "device.probed"]);
}

#[test]
fn the_doctors_cookie_is_never_sent_to_foreign_hosts_or_over_plain_http() {
    let address = proxy("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nECHO");
    for (own, asked) in [
        ("photos.localhost", "localhost"),
        ("photos.localhost", "127.0.0.1"),
    ] {
        let sandbox = sandbox(own);
        let url = format!("http://{asked}:{}/", address.port());
        let (code, findings) = doctor(&sandbox, &["--url", &url, "--as", "ada@example.com"]);
        assert_eq!(code, 1);
        assert_eq!(found(&findings, "access"), ("warning", "cookie_withheld"));
        let shown = sandbox.json(&["user", "show", "ada@example.com"]);
        assert!(shown["devices"].as_array().unwrap().is_empty(), "{shown}");
    }
}

/// A proxy that responds to anonymous requests, and leaves requests with a device cookie waiting.
#[cfg(unix)]
fn slow_proxy() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut waiting = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = read_head(&mut stream);
            if head.contains("latchkey=") {
                waiting.push(stream);
            } else {
                let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
            }
        }
    });
    address
}

#[cfg(unix)]
#[test]
fn an_interrupted_doctor_leaves_no_device() {
    let host = format!("localhost:{}", slow_proxy().port());
    let sandbox = sandbox(&host);
    let url = format!("http://{host}/");
    let arguments = [
        "proxy",
        "doctor",
        "photos",
        "--url",
        &url,
        "--as",
        "ada@example.com",
    ];
    let child = sandbox
        .command(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let devices = || sandbox.json(&["user", "show", "ada@example.com"])["devices"].clone();
    while devices().as_array().unwrap().is_empty() {}
    assert_eq!(devices()[0]["revoked_at"], Value::Null);
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("interrupted; nothing was kept"),
        "{output:?}"
    );
    assert!(devices()[0]["revoked_at"].is_string(), "{}", devices());
}
