//! Connections that are slow, idle or too many.

use super::*;

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
