//! The listeners on the wire, byte by byte: what no HTTP client would send.

use crate::harness::TestApp;
use axum::{BoxError, Router, body::HttpBody, http::Response};
use hyper::body::Incoming;
use latchkey::web::{
    internal,
    listen::{self, Kind},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, oneshot},
    task::JoinHandle,
};

/// A listener on a port of its own.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    /// The public listener, or another one with a router.
    pub(crate) async fn public(router: Router) -> Self {
        Self::public_with(64, router).await
    }

    /// The same with so many places.
    pub(crate) async fn public_with(places: usize, router: Router) -> Self {
        Self::start(Kind::Public, places, listen::routed(router)).await
    }

    /// The internal listener.
    pub(crate) async fn inside(test: &TestApp) -> Self {
        let web = test.web.clone();
        let response = move |peer, request| internal::answer(web.clone(), peer, request);
        Self::start(Kind::Internal, 64, response).await
    }

    async fn start<A, F, B>(kind: Kind, places: usize, response: A) -> Self
    where
        A: Fn(SocketAddr, hyper::Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let listener = listen::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let until = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(listen::serve(listener, kind, places, response, until));
        Self {
            address,
            stop,
            server,
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap();
    }
}

pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    let mut response = Vec::new();
    let read = connection.read_to_end(&mut response);
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&response).into_owned()
}

#[tokio::test]
async fn r1_malformed_requests_are_rejected_without_a_server_error() {
    let test = TestApp::open().await;
    for running in [
        Running::inside(&test).await,
        Running::public(test.public.clone()).await,
    ] {
        for line in [
            &b"GET /verify/%zz HTTP/1.1"[..],
            b"GET /verify/photos\x00 HTTP/1.1",
            b"GET /verify/\xff\xfe HTTP/1.1",
            b"GET /verify/a b HTTP/1.1",
            b"GET verify/photos HTTP/1.1",
            b"GET http://[::1/verify/photos HTTP/1.1",
            b"GET //evil.example/verify/photos HTTP/1.1",
            b"GET ?x HTTP/1.1",
            b"GET # HTTP/1.1",
            b"CONNECT localhost:3000 HTTP/1.1",
            b"OPTIONS * HTTP/1.1",
            b"GET / HTTP/9.9",
            b"PRI * HTTP/2.0",
            b"\x16\x03\x01\x02\x00\x01\x00",
        ] {
            let response = send(
                running.address,
                &[
                    line,
                    b"\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n",
                ]
                .concat(),
            )
            .await;
            let status = response.split(' ').nth(1).unwrap_or_default();
            assert!(
                status.is_empty() || status.starts_with('4'),
                "{}: {response}",
                line.escape_ascii()
            );
        }
        let alive = send(
            running.address,
            b"GET /login HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n",
        )
        .await;
        assert!(
            alive.starts_with("HTTP/1.1 "),
            "the listener is still there: {alive}"
        );
        running.stop().await;
    }
}

#[tokio::test]
async fn a_smuggled_request_is_not_answered() {
    let test = TestApp::open().await;
    let running = Running::public(test.public.clone()).await;
    for head in [
        "POST /device/add HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: localhost:3000\r\n\r\n",
        "POST /device/add HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 5\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello",
    ] {
        let response = send(running.address, head.as_bytes()).await;
        assert!(response.matches("HTTP/1.1 ").count() <= 1, "{response}");
        assert!(!response.starts_with("HTTP/1.1 2"), "{response}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_long_chunked_body_is_rejected() {
    let test = TestApp::open().await;
    let running = Running::public(test.public.clone()).await;
    let head = "POST /device/add HTTP/1.1\r\nHost: localhost:3000\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 1000, "x".repeat(1000));
    let response = send(
        running.address,
        format!("{head}{}0\r\n\r\n", chunk.repeat(66)).as_bytes(),
    )
    .await;
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    running.stop().await;
}

#[tokio::test]
async fn a_stopped_listener_finishes_requests_in_progress() {
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (begun, finish) = (begun.clone(), finish.clone());
        async move || {
            begun.notify_one();
            finish.notified().await;
            "done"
        }
    };
    let slow = Router::new().route("/slow", axum::routing::get(handler));
    let running = Running::public(slow).await;
    let address = running.address;
    let request =
        tokio::spawn(async move { send(address, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await });
    begun.notified().await;
    tokio::join!(running.stop(), async { finish.notify_one() });
    assert!(request.await.unwrap().ends_with("done"));
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}
