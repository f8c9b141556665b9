//! `latchkey proxy doctor`

mod diagnostic_device;

use crate::harness::CliSandbox;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

/// A proxy that gives every request the same response; ECHO in it is replaced by the request.
fn proxy(response: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let head = read_head(&mut stream);
            // It fails if the doctor has closed the connection.
            let _ = stream.write_all(response.replace("ECHO", &head).as_bytes());
        }
    });
    address
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut letter = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut letter).unwrap_or(0) == 1 {
        head.push(letter[0]);
    }
    String::from_utf8(head).unwrap()
}

/// A sandbox with a service on a host of this machine.
fn sandbox(host: &str) -> CliSandbox {
    let sandbox = CliSandbox::new();
    // Nothing listens on port 9, so no other Latchkey of this machine is reached by mistake.
    sandbox.write("latchkey.toml", "internal_addr = \"127.0.0.1:9\"\n");
    sandbox.json(&[
        "service",
        "add",
        "photos",
        "--host",
        host,
        "--rule",
        "nobody /metrics",
    ]);
    sandbox.json(&["user", "add", "ada@example.com"]);
    sandbox
}

fn doctor(sandbox: &CliSandbox, more: &[&str]) -> (i32, Value) {
    let output = sandbox.run(&[&["proxy", "doctor", "photos", "--json"], more].concat());
    let found = serde_json::from_str(&output.out).unwrap_or_else(|_| panic!("{output:?}"));
    (output.code, found)
}

/// The first finding of a check: its status and code.
fn found<'a>(findings: &'a Value, check: &str) -> (&'a str, &'a str) {
    let finding = finding(findings, check);
    (
        finding["status"].as_str().unwrap(),
        finding["code"].as_str().unwrap(),
    )
}

fn finding<'a>(findings: &'a Value, check: &str) -> &'a Value {
    let items = findings["items"].as_array().unwrap();
    let finding = items.iter().find(|finding| finding["check"] == check);
    finding.unwrap_or_else(|| panic!("no {check} in {findings}"))
}

#[test]
fn invalid_doctor_arguments_are_usage_errors() {
    let sandbox = sandbox("photos.localhost:8080");
    let url = "http://photos.localhost:8080/";
    for arguments in [
        &["photos"][..],
        &["photos", "--url", "photos.localhost"],
        &["photos", "--url", "http://ada:secret@photos.localhost/"],
        &["photos", "--url", "ftp://photos.localhost/"],
        &["photos", "--url", url, "--backend", "10.0.0.7:8080"],
        &["photos", "--url", url, "--listen", "8080"],
        &["photos", "--url", url, "--resolve", "photos.localhost"],
        &["photos", "--url", url, "--ca", "missing.pem"],
    ] {
        let output = sandbox.run(&[&["proxy", "doctor"], arguments].concat());
        assert_eq!(
            (output.code, output.out.as_str()),
            (2, ""),
            "{arguments:?}: {output:?}"
        );
    }
    sandbox.write("empty.pem", "");
    assert_eq!(
        sandbox
            .run(&[
                "proxy",
                "doctor",
                "photos",
                "--url",
                url,
                "--ca",
                "empty.pem"
            ])
            .code,
        2
    );
    for arguments in [
        &["wiki", "--url", url][..],
        &["photos", "--url", url, "--as", "nobody@example.com"],
    ] {
        let output = sandbox.run(&[&["proxy", "doctor", "--json"], arguments].concat());
        assert_eq!(output.code, 1, "{arguments:?}");
        assert_eq!(output.error(), "not_found", "{output:?}");
    }
}

#[test]
fn the_backend_address_must_be_free() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = sandbox("photos.localhost").run(&[
        "proxy",
        "doctor",
        "photos",
        "--url",
        "http://photos.localhost/",
        "--listen",
        &address,
    ]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains(&address) && output.err.contains("--listen"),
        "{output:?}"
    );
}

#[test]
fn an_unreachable_address_is_reported_for_each_check() {
    let (code, findings) = doctor(
        &sandbox("photos.localhost:9"),
        &[
            "--url",
            "http://photos.localhost:9/",
            "--resolve",
            "photos.localhost:127.0.0.1",
        ],
    );
    assert_eq!(code, 1);
    for finding in findings["items"].as_array().unwrap() {
        let keys: Vec<_> = finding
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, ["check", "code", "message", "status"]);
        assert!(["ok", "warning", "failed"].contains(&finding["status"].as_str().unwrap()));
    }
    assert_eq!(found(&findings, "proxy.trusted").0, "ok");
    assert_eq!(found(&findings, "host").0, "ok");
    // public_url is another name on this machine, and no domain is set.
    assert_eq!(found(&findings, "cookie").0, "failed");
    let page = finding(&findings, "page");
    assert_eq!(found(&findings, "page"), ("failed", "no_response"));
    assert!(
        page["message"]
            .as_str()
            .unwrap()
            .starts_with("no connection to photos.localhost:9"),
        "{page}"
    );
}

#[test]
fn a_proxy_that_lets_everyone_through_is_detected() {
    let address = proxy("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nECHO");
    let host = format!("photos.localhost:{}", address.port());
    let sandbox = sandbox(&host);
    let url = format!("http://{host}/album?page=2");
    let resolve = format!("photos.localhost:{}", address.ip());
    let backend = format!("http://{address}/");
    let (code, findings) = doctor(
        &sandbox,
        &[
            "--url",
            &url,
            "--resolve",
            &resolve,
            "--backend",
            &backend,
            "--as",
            "ada@example.com",
        ],
    );
    assert_eq!(code, 1);
    for (check, code) in [
        ("page", "not_protected"),
        ("script", "not_protected"),
        ("forged headers", "forged_headers_forwarded"),
        ("ambiguous paths", "ambiguous_path_forwarded"),
        ("identity", "identity_missing"),
        ("forged headers (signed in)", "forged_headers_forwarded"),
        ("ambiguous paths (signed in)", "ambiguous_path_forwarded"),
    ] {
        assert_eq!(found(&findings, check), ("failed", code), "{check}");
    }
    for (check, code) in [
        ("Latchkey", "latchkey_unreachable"),
        ("device cookie", "device_cookie_forwarded"),
        ("backend", "backend_reachable_locally"),
    ] {
        assert_eq!(found(&findings, check), ("warning", code), "{check}");
    }
    let message = |check| finding(&findings, check)["message"].as_str().unwrap();
    assert!(message("forged headers").contains("latchkey-subject"));
    assert!(message("identity").contains("does not get latchkey-subject"));
    assert!(
        !findings.to_string().contains("__Host-latchkey="),
        "{findings}"
    );

    let text = sandbox.run(&[
        "proxy",
        "doctor",
        "photos",
        "--url",
        &url,
        "--resolve",
        &resolve,
    ]);
    assert_eq!(text.code, 1);
    assert!(
        text.out
            .contains("\nFAILED   page                let through without a sign-in (200)"),
        "{}",
        text.out
    );
}
