//! Connections from the proxy in front: waited for, accepted, and ended when they are slow or idle.

use super::connection_limit::{Places, Progress};
use axum::{
    BoxError, Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    response::Response,
};
use futures_util::future::BoxFuture;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use std::{
    convert::Infallible,
    future::pending,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::yield_now,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// For the first request's head, from clients that can be anybody.
const FIRST_HEAD_TIME: Duration = Duration::from_secs(10);
/// From the end of one response to the whole head of the next request: longer than proxies keep idle connections
/// (60 s), so that they close first, and bounded, so that slow heads do not pile up (Slowloris). The time that a
/// response takes does not count: a stream stays open.
const PUBLIC_IDLE_TIME: Duration = Duration::from_secs(75);
/// From one request to the next on the internal listener: longer than any proxy keeps idle connections that was
/// configured without our templates (Traefik 90 s, Caddy 120 s). A connection that both ends use and close at once is a
/// request without an answer.
const INTERNAL_IDLE_TIME: Duration = Duration::from_secs(150);
/// Cookies and a long path fit many times. A read may bring as much again.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// From clients that can be anybody: a thousand half-sent heads must not fill the memory. Proxies in front hand on
/// less (nginx 8 KiB a line, HAProxy 16 KiB in all).
const MAX_PUBLIC_HEAD_BYTES: usize = 24 * 1024;
/// Requests in progress on one connection.
const MAX_STREAMS: u32 = 256;
/// How often the other end of a quiet HTTP/2 connection is pinged, and how long it has to answer.
const PING: Duration = Duration::from_secs(20);
/// Connections that wait to be accepted, where the system allows so many. The standard library asks for 128: a proxy
/// that opens one for each request has more in progress after a pause, and whoever finds the queue full tries again
/// after a second.
const BACKLOG: u32 = 4096;
/// Requests in progress when the server is told to stop get this long to finish.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// Who is on the other end of a listener's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anybody. HTTP/1.1 and 1.0, without TLS. When all places are taken, whoever keeps us waiting the longest
    /// loses theirs: thousands of idle, half-open or slow connections leave the listener usable.
    Public,
    /// Proxies and services of this network: these versions, and HTTP/2 with prior knowledge (RFC 9113 §3.3).
    /// They keep idle connections to ask again, so when all places are taken, a new one waits.
    Internal,
}

/// Waits for connections at an address.
///
/// # Errors
/// The address is taken, or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // After a restart the address is still in the hands of old connections. (On Windows this would let
    // others take it from us, and there it is not needed.)
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop`, then lets requests under way finish. No more than `places` connections are open.
///
/// A public connection that brings no request within 75 seconds of its last response (no first request within 10) is
/// closed, and an internal one that brings none within 150 to 300.
pub async fn serve<A, F, B>(
    listener: TcpListener,
    kind: Kind,
    places: usize,
    answer: A,
    stop: impl Future<Output = ()>,
) where
    A: Fn(SocketAddr, hyper::Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = hyper::Response<B>> + Send + 'static,
    B: HttpBody<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let connections = GracefulShutdown::new();
    // Dropped when it is time to stop, for connections that have sent nothing yet.
    let (running, _) = watch::channel(());
    let places = Places::new(places);
    let mut stop = pin!(stop);
    loop {
        let accepted = async {
            match kind {
                Kind::Public => {
                    // A place is taken from somebody only for somebody who is there.
                    let accepted = listener.accept().await;
                    (accepted, places.take().await)
                }
                Kind::Internal => {
                    let place = places.wait().await;
                    (listener.accept().await, place)
                }
            }
        };
        let (accepted, place) = tokio::select! {
            () = &mut stop => break,
            accepted = accepted => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                // Out of file descriptors, most likely: waiting gives some back, a tight loop does not.
                tracing::warn!(%error, "a connection could not be accepted");
                if kind == Kind::Public {
                    drop(places.end_longest_waiting());
                }
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are small and whole; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let answer = answer.clone();
        let requests = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&requests);
        // The place is given back when the connection ends, or taken from it before.
        let (progress, place) = match kind {
            Kind::Public => (Some(places.enter(place)), None),
            Kind::Internal => (None, place),
        };
        let (placed, waiting) = (progress.clone(), progress.clone());
        let service = service_fn(move |mut request| {
            count.fetch_add(1, Ordering::Relaxed);
            let progress = progress.clone();
            // One that has just lost its place begins nothing any more.
            let begins = progress.as_ref().is_none_or(Progress::works);
            if let Some(progress) = &progress {
                request.extensions_mut().insert(progress.clone());
            }
            let response = begins.then(|| answer(peer, request));
            async move {
                let response = match response {
                    Some(response) => response.await,
                    None => pending().await,
                };
                if let Some(progress) = progress {
                    progress.waits();
                }
                Ok::<_, Infallible>(response)
            }
        });
        let watcher = connections.watcher();
        let mut stopped = running.subscribe();
        let served = async move {
            if let Some(progress) = waiting {
                tokio::select! {
                    _ = first_bytes(&stream, &progress) => {}
                    _ = stopped.changed() => return,
                }
            }
            let http = http(kind);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no error of ours.
            let _ = watcher.watch(connection).await;
        };
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = ended(placed.as_ref()) => {}
                () = served => {}
                () = idle_timeout(&requests, kind) => {}
            }
            drop(place);
        });
    }
    drop(listener);
    drop(running);
    if timeout(SHUTDOWN_GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
}

/// A router as what [`serve`] asks.
pub fn routed(
    router: Router,
) -> impl Fn(SocketAddr, hyper::Request<Incoming>) -> BoxFuture<'static, Response> + Clone {
    move |peer, request| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        Box::pin(async move {
            let Ok(answer) = router.oneshot(request).await;
            answer
        })
    }
}

/// How connections of this kind are served. The version is read from the first bytes (RFC 9113 §3.3).
fn http(kind: Kind) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new());
    match kind {
        Kind::Public => {
            http.http1()
                .header_read_timeout(PUBLIC_IDLE_TIME)
                .max_buf_size(MAX_PUBLIC_HEAD_BYTES);
            http.http1_only()
        }
        Kind::Internal => {
            http.http1()
                .header_read_timeout(None)
                .max_buf_size(MAX_HEAD_BYTES);
            http.http2()
                .timer(TokioTimer::new())
                .keep_alive_interval(PING)
                .keep_alive_timeout(PING)
                .max_concurrent_streams(MAX_STREAMS)
                .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX));
            http
        }
    }
}

/// Waits until a connection has been idle for too long. On the internal listener a timer for each head, as hyper has
/// it, would be set and reset for every request; there no response takes longer than its deadline, so requests are
/// counted instead.
async fn idle_timeout(requests: &AtomicU64, kind: Kind) {
    if kind == Kind::Public {
        sleep(FIRST_HEAD_TIME).await;
        if requests.load(Ordering::Relaxed) == 0 {
            return;
        }
        // From here on hyper keeps the time.
        return pending().await;
    }
    let mut before = None;
    loop {
        let now = requests.load(Ordering::Relaxed);
        if before.replace(now) == Some(now) {
            return;
        }
        sleep(INTERNAL_IDLE_TIME).await;
    }
}

/// Until the connection's place was given to another one; for ever where that is never done.
async fn ended(progress: Option<&Progress>) {
    match progress {
        Some(progress) => progress.ended().await,
        None => pending().await,
    }
}

/// Waits for the first bytes: nothing is set aside for a connection that has not sent any.
async fn first_bytes(stream: &TcpStream, progress: &Progress) -> io::Result<()> {
    // Whether there is something to read is known when the runtime has asked the system, which it does
    // before it comes back here. A request that is there then is read at once.
    yield_now().await;
    progress.waits();
    stream.readable().await
}
