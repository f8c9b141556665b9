//! A server under anonymous load: verify and administration keep working.
#![cfg(target_os = "linux")]

use crate::{
    server::{Server, converse, host},
    setup::Setup,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A flood from very many networks, so that it is not the quota of one that ends it.
const BEHIND_A_PROXY: &str = "[proxy]\ntrusted = [\"127.0.0.1\"]\n";

/// Concurrent connections, each a thread of the test.
const FLOODERS: usize = 150;

/// What a process of ours may weigh, with the code of a program that is built for tests.
const MAX_MEMORY_KIB: u64 = 110 * 1024;

/// What a flood did.
#[derive(Default)]
struct Flood {
    over: AtomicBool,
    responses: AtomicUsize,
}

impl Flood {
    /// Sends requests on one connection after another until the flood ends, each from another network.
    fn run(&self, server: &Server, number: usize, path: &str, content_type: &str, body: &str) {
        let host = host(&server.public);
        let mut count = number;
        while !self.over.load(Ordering::SeqCst) {
            let Ok(mut connection) = TcpStream::connect(&server.public) else {
                continue;
            };
            connection
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            while !self.over.load(Ordering::SeqCst) {
                count = (count + 7919) % 0xff_ffff;
                let [_, a, b, c] = u32::try_from(count).unwrap().to_be_bytes();
                let request = format!(
                    "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-Forwarded-For: 10.{a}.{b}.{c}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let mut response = [0; 4096];
                let Ok(1..) = connection
                    .write_all(request.as_bytes())
                    .and_then(|()| connection.read(&mut response))
                else {
                    break;
                };
                self.responses.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Ends a flood, also when the test fails.
struct Over<'a>(&'a Flood);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// Runs `during` while many connections request `path` from the public listener.
fn flooded<T>(
    server: &Server,
    (path, content_type, body): (&str, &str, &str),
    during: impl FnOnce() -> T,
) -> (T, Flood) {
    let flood = Flood::default();
    let result = thread::scope(|scope| {
        for number in 0..FLOODERS {
            let flood = &flood;
            scope.spawn(move || flood.run(server, number, path, content_type, body));
        }
        // Wait until it has begun.
        while flood.responses.load(Ordering::SeqCst) < FLOODERS {
            thread::sleep(Duration::from_millis(5));
        }
        let _over = Over(&flood);
        during()
    });
    (result, flood)
}

/// KiB of memory that it takes now.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse().unwrap()
}

fn assert_light(server: &Server) {
    let kib = memory(server);
    assert!(kib < MAX_MEMORY_KIB, "{kib} KiB");
}

const CEREMONIES: (&str, &str, &str) = ("/actions/passkey/begin-login", "application/json", "{}");

#[test]
fn audit_3_verify_answers_during_anonymous_floods() {
    let setup = Setup::new();
    setup.sandbox.write("latchkey.toml", BEHIND_A_PROXY);
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    assert_eq!(setup.verify(&server, &cookie), 200);
    let ((), flood) = flooded(&server, CEREMONIES, || {
        let end = Instant::now() + Duration::from_secs(4);
        let mut requests = 0;
        while Instant::now() < end {
            assert_eq!(setup.verify(&server, &cookie), 200, "after {requests}");
            assert!(server.ask_inside("/readyz").starts_with("HTTP/1.1 200 "));
            requests += 1;
            thread::sleep(Duration::from_millis(5));
        }
        assert!(requests > 20);
        assert_light(&server);
    });
    assert!(flood.responses.load(Ordering::SeqCst) > FLOODERS);
    assert_light(&server);
}

#[test]
fn audit_3_a_revocation_does_not_queue_behind_anonymous_sign_ins() {
    let setup = Setup::new();
    setup.sandbox.write("latchkey.toml", BEHIND_A_PROXY);
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    assert_eq!(setup.verify(&server, &cookie), 200);
    let sign_in = (
        "/device/add",
        "application/x-www-form-urlencoded",
        "email=nobody@example.com&code=000000",
    );
    let (took, _) = flooded(&server, sign_in, || {
        let start = Instant::now();
        let output = setup.revoke();
        assert_eq!(output.code, 0, "{output:?}");
        setup.verify_until(&server, &cookie, 404);
        start.elapsed()
    });
    // Beside a flood on a machine with other work; it was 13.6 s.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn audit_3_the_public_listener_stays_usable_with_thousands_of_idle_or_slow_connections() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    let setup = Setup::new();
    setup.sandbox.write("latchkey.toml", BEHIND_A_PROXY);
    let server = Server::start(&setup.sandbox, &[]);
    let cookie = setup.signed_in(&server);
    let host = host(&server.public);
    let most = limit.maximum.unwrap_or(u64::MAX).saturating_sub(500);
    let count = usize::try_from(most).unwrap().min(5000);
    let long = format!(
        "GET /login HTTP/1.1\r\nHost: {host}\r\nX: {}",
        "x".repeat(15_000)
    );
    let form = format!(
        "POST /device/add HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 7\r\nContent-Type: application/json\r\nContent-Length: 8000\r\n\r\n{}",
        "[".repeat(7_500)
    );
    let mut held = Vec::new();
    for number in 0..count {
        let form = form.replace(
            "X-Forwarded-For: ",
            &format!("X-Forwarded-For: 10.0.{}.", number / 250),
        );
        let begins = ["", "GET /login HTT", &long, &form];
        let mut connection = TcpStream::connect(&server.public).unwrap();
        // It may have lost its place already.
        match connection.write_all(begins[number % begins.len()].as_bytes()) {
            Err(cause) if !is_gone(cause.kind()) => panic!("{cause}"),
            _ => held.push(connection),
        }
        if number % 100 == 0 {
            let page = server.ask_public("/login");
            assert!(
                page.starts_with("HTTP/1.1 200 "),
                "after {number}: {page:.100}"
            );
            assert_eq!(setup.verify(&server, &cookie), 200, "after {number}");
        }
    }
    let own = converse(
        &server.public,
        &format!(
            "GET /devices HTTP/1.1\r\nHost: {host}\r\nCookie: __Host-latchkey={cookie}\r\nConnection: close\r\n\r\n"
        ),
    );
    assert!(own.starts_with("HTTP/1.1 200 "), "{own:.100}");
    assert_light(&server);
    drop(held);
    assert!(server.ask_public("/login").starts_with("HTTP/1.1 200 "));
}

fn is_gone(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}
