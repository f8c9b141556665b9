//! Connections: keep-alive, pipelining, HTTP/2, and idle ones.

use crate::{
    harness::TestApp,
    wire::{Running, send},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, Version},
    routing::get,
};
use futures_util::{StreamExt, future::try_join_all, stream};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use latchkey::web::listen;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_engine::NewService;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// An app in which ada has a grant for photos, a verify request with her cookie, and one with a forged cookie.
async fn granted_and_refused() -> (TestApp, String, String) {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::User).await;
    let token = test.service("photos", NewService::default()).await.token;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let cookie = test
        .signed_in(&ada)
        .await
        .device_cookie()
        .unwrap()
        .to_owned();
    let forwarded_request = |cookie: &str| {
        format!(
            "GET /verify/photos HTTP/1.1\r\nHost: inside\r\nAuthorization: Bearer {token}\r\nCookie: __Host-latchkey={cookie}\r\n\r\n"
        )
    };
    let (yes, no) = (
        forwarded_request(&cookie),
        forwarded_request(&cookie.replace('A', "B")),
    );
    (test, yes, no)
}

fn statuses(responses: &str) -> Vec<&str> {
    responses
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|response| &response[..3])
        .collect()
}

#[tokio::test]
async fn must_survive_20_pipelined_requests_are_answered_in_order_by_their_own_headers() {
    let (test, yes, no) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    let last = yes.replace("Host: inside", "Host: inside\r\nConnection: close");
    let responses = send(
        running.address,
        format!("{yes}{no}{yes}{no}{no}{last}").as_bytes(),
    )
    .await;
    assert_eq!(
        statuses(&responses),
        ["200", "404", "200", "404", "404", "200"]
    );
    running.stop().await;
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let (test, yes, no) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    for (forwarded_request, expected) in [(&yes, "200"), (&no, "404")].repeat(20) {
        // In two parts, as a network may bring it.
        let (one, two) = forwarded_request.as_bytes().split_at(30);
        connection.write_all(one).await.unwrap();
        tokio::task::yield_now().await;
        connection.write_all(two).await.unwrap();
        let mut response = vec![0; 2048];
        let length = connection.read(&mut response).await.unwrap();
        let response = String::from_utf8_lossy(&response[..length]);
        assert_eq!(statuses(&response), [expected], "{response}");
    }
    running.stop().await;
}

/// The longest that a proxy keeps one without our words: Caddy, two minutes.
#[tokio::test]
async fn field_10_an_idle_connection_stays_open_longer_than_proxies_keep_it() {
    let (test, yes, _) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let mut response = vec![0; 2048];
    for _ in 0..3 {
        connection.write_all(yes.as_bytes()).await.unwrap();
        let length = connection.read(&mut response).await.unwrap();
        let text = String::from_utf8_lossy(&response[..length]);
        assert_eq!(statuses(&text), ["200"], "{text}");
        tokio::time::pause();
        let idle = timeout(Duration::from_secs(121), connection.read(&mut response)).await;
        tokio::time::resume();
        assert!(idle.is_err(), "it was closed");
    }
    running.stop().await;
}

/// Nothing accepts here, so a connection that finds the queue full retries in vain.
#[tokio::test]
async fn a_proxy_may_open_many_connections_at_once() {
    // More than the 128 of the standard library, few enough for one process.
    const MANY: usize = 200;
    let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    if allowed.map_or(128, |text| text.trim().parse().unwrap()) < MANY {
        // This system allows no longer backlog.
        return;
    }
    let listener = listen::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let opened = try_join_all((0..MANY).map(|_| TcpStream::connect(address)));
    let opened = timeout(Duration::from_secs(30), opened).await;
    assert_eq!(opened.unwrap().unwrap().len(), MANY);
}

#[tokio::test]
async fn http_2_serves_concurrent_requests() {
    let (test, yes, no) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    let ask = |forwarded_request: &str| {
        let mut request = Request::get("http://inside/verify/photos");
        for line in forwarded_request.lines().filter(|line| line.contains(": ")) {
            let (name, value) = line.split_once(": ").unwrap();
            if name != "Host" {
                request = request.header(name, value);
            }
        }
        let mut sender = sender.clone();
        async move {
            let request = request.body(String::new()).unwrap();
            sender.send_request(request).await.unwrap()
        }
    };
    let (granted, refused) = (ask(&yes), ask(&no));
    let (granted, refused) = tokio::join!(granted, refused);
    assert_eq!(
        (granted.version(), granted.status()),
        (Version::HTTP_2, StatusCode::OK)
    );
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let many: Vec<_> = (0..100).map(|_| tokio::spawn(ask(&yes))).collect();
    for response in many {
        assert_eq!(response.await.unwrap().status(), StatusCode::OK);
    }
    drop(sender);
    running.stop().await;
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_public_listener_speaks_http_1_only() {
    let test = TestApp::open().await;
    let running = Running::public(test.public.clone()).await;
    let response = send(running.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(
        !response.contains("HTTP/2") && !response.starts_with("HTTP/1.1 2"),
        "{response}"
    );
    running.stop().await;
}

#[tokio::test]
async fn slow_and_silent_clients_are_disconnected() {
    let (test, yes, _) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    for begin in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET /verify/photos HTT",
        &yes[..yes.len() - 2],
    ] {
        let mut connection = TcpStream::connect(running.address).await.unwrap();
        connection.write_all(begin.as_bytes()).await.unwrap();
        // The server has read what there is; now time passes without more.
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::time::pause();
        let mut rest = Vec::new();
        let cut =
            tokio::time::timeout(Duration::from_secs(301), connection.read_to_end(&mut rest)).await;
        tokio::time::resume();
        assert!(cut.is_ok(), "{begin:?} is still there");
        assert!(!rest.starts_with(b"HTTP/1.1 2"), "{begin:?}");
    }
    // A client that disconnects half-way disturbs no other.
    let mut half = TcpStream::connect(running.address).await.unwrap();
    half.write_all(&yes.as_bytes()[..40]).await.unwrap();
    half.shutdown().await.unwrap();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"));
    let response = send(
        running.address,
        yes.replace("Host: ", "Connection: close\r\nHost: ")
            .as_bytes(),
    )
    .await;
    assert_eq!(statuses(&response), ["200"], "and the others are answered");
    running.stop().await;
}

/// Opens a page on a connection of its own.
async fn opens(running: &Running) -> String {
    let page = b"GET /login HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n";
    send(running.address, page).await
}

#[tokio::test]
async fn audit_3_a_full_listener_closes_idle_and_slow_connections() {
    let test = TestApp::open().await;
    let running = Running::public_with(8, test.public.clone()).await;
    let form = "POST /device/add HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    let answered = "GET /healthz HTTP/1.1\r\nHost: localhost:3000\r\n\r\n";
    let mut held = Vec::new();
    for begin in ["", "GET /login HTT", form, answered].repeat(10) {
        let mut connection = TcpStream::connect(running.address).await.unwrap();
        connection.write_all(begin.as_bytes()).await.unwrap();
        held.push(connection);
        assert_eq!(statuses(&opens(&running).await), ["200"], "{begin:?}");
    }
    // Those that came first were closed, the last ones are still there.
    let mut rest = Vec::new();
    let first = held.first_mut().unwrap().read_to_end(&mut rest);
    let closed = timeout(Duration::from_secs(5), first).await;
    assert!(closed.is_ok());
    let last = held.last_mut().unwrap();
    last.write_all(answered.as_bytes()).await.unwrap();
    let mut responses = vec![0; 4096];
    let length = last.read(&mut responses).await.unwrap();
    assert!(length > 0);
    running.stop().await;
}

#[tokio::test]
async fn audit_3_a_full_listener_keeps_connections_with_a_request_in_progress() {
    let (begun, mut began) = tokio::sync::mpsc::unbounded_channel();
    let finish = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    let may_finish = std::sync::Arc::clone(&finish);
    let slow = move || async move {
        begun.send(()).unwrap();
        let _may = may_finish.acquire().await.unwrap();
        "done"
    };
    let router = Router::new()
        .route("/slow", get(slow))
        .route("/quick", get(|| async { "quick" }));
    let running = Running::public_with(2, router).await;
    let mut worked_on = TcpStream::connect(running.address).await.unwrap();
    let ask = b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    worked_on.write_all(ask).await.unwrap();
    began.recv().await.unwrap();
    for _ in 0..20 {
        let _idle = TcpStream::connect(running.address).await.unwrap();
        let ask = b"GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assert_eq!(statuses(&send(running.address, ask).await), ["200"]);
    }
    finish.add_permits(1);
    let mut response = String::new();
    worked_on.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with("done"), "{response}");
    running.stop().await;
}

#[tokio::test]
async fn audit_3_a_public_connection_without_a_request_is_closed_after_ten_seconds() {
    let test = TestApp::open().await;
    let running = Running::public(test.public.clone()).await;
    for begin in ["", "GET /login HTTP/1.1\r\nHost: localhost:3000\r\n"] {
        let mut connection = TcpStream::connect(running.address).await.unwrap();
        connection.write_all(begin.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::time::pause();
        let mut rest = Vec::new();
        let cut = timeout(Duration::from_secs(11), connection.read_to_end(&mut rest)).await;
        tokio::time::resume();
        assert!(cut.is_ok(), "{begin:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_silent_connection_does_not_delay_shutdown() {
    let test = TestApp::open().await;
    for begin in ["", "PRI"] {
        let running = Running::inside(&test).await;
        let mut silent = TcpStream::connect(running.address).await.unwrap();
        silent.write_all(begin.as_bytes()).await.unwrap();
        // It is accepted by now.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let stopped = tokio::time::timeout(Duration::from_secs(5), running.stop()).await;
        assert!(stopped.is_ok(), "{begin:?}");
    }
}

#[tokio::test]
async fn request_heads_that_are_too_long_are_rejected() {
    let (test, yes, _) = granted_and_refused().await;
    let running = Running::inside(&test).await;
    let close = |more: &str| yes.replace("Host: ", &format!("{more}Connection: close\r\nHost: "));
    let padded = close(&format!("X-Padding: {}\r\n", "x".repeat(16_000)));
    assert_eq!(
        statuses(&send(running.address, padded.as_bytes()).await),
        ["200"]
    );
    let many = (0..200).fold(String::new(), |many, number| {
        format!("{many}X-{number}: y\r\n")
    });
    for more in [format!("X-Padding: {}\r\n", "x".repeat(300_000)), many] {
        let response = send(running.address, close(&more).as_bytes()).await;
        assert_eq!(statuses(&response), ["431"], "{response:.200}");
    }
    let long = format!(
        "GET /verify/{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "a".repeat(300_000)
    );
    let response = send(running.address, long.as_bytes()).await;
    assert!(
        matches!(statuses(&response)[..], ["414" | "431"]),
        "{response:.200}"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_response_that_takes_its_time_is_not_cut_short() {
    let stream = || async {
        let chunks = stream::iter(["one", "two"]).then(|chunk| async move {
            if chunk == "two" {
                tokio::time::sleep(Duration::from_secs(400)).await;
            }
            Ok::<_, std::convert::Infallible>(chunk)
        });
        Body::from_stream(chunks)
    };
    let running = Running::public(Router::new().route("/stream", get(stream))).await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let ask = b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    connection.write_all(ask).await.unwrap();
    let (mut chunk, mut response) = (vec![0; 2048], String::new());
    while !response.contains("one") {
        let length = connection.read(&mut chunk).await.unwrap();
        assert!(length > 0, "{response}");
        response += &String::from_utf8_lossy(&chunk[..length]);
    }
    tokio::time::pause();
    let mut rest = String::new();
    connection.read_to_string(&mut rest).await.unwrap();
    tokio::time::resume();
    assert!(rest.contains("two"), "{rest}");
    running.stop().await;
}
