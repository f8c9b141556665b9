//! Connections: keep-alive, pipelining, HTTP/2, and idle ones.

mod limits;

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
    let ada = test.user("ada@example.com", Role::Member).await;
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
