//! Connections from the proxy in front: waited for, accepted, and ended when they are slow or idle.

use super::progress::{Places, Progress};
use axum::{
    BoxError, Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request},
    response::Response,
};
use futures_util::future::BoxFuture;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
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

/// Until the first request's head is there, from clients that can be anybody.
const FIRST_HEAD_TIME: Duration = Duration::from_secs(10);
/// From one request to the whole head of the next: longer than proxies keep idle connections (60 s),
/// so that they close first, and not for ever, so that slow heads do not pile up (Slowloris).
const HEAD_TIME: Duration = Duration::from_secs(75);
/// The same inside: longer than any proxy keeps them that was configured without our words (Traefik 90 s, Caddy 120 s). A
/// connection that both ends use and close at once is a request without an answer.
const INTERNAL_HEAD_TIME: Duration = Duration::from_secs(150);
/// Cookies and a long path fit many times. A read may bring as much again.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// From clients that can be anybody: a thousand half-sent heads must not fill the memory. Proxies in front hand on
/// less (nginx 8 KiB a line, HAProxy 16 KiB in all).
const MAX_PUBLIC_HEAD_BYTES: usize = 24 * 1024;
/// Requests under way on one connection.
const MAX_STREAMS: u32 = 256;
/// How often the other end of a quiet connection is asked whether it is there, and how long it has to
/// say so.
const PING: Duration = Duration::from_secs(20);
/// Connections that wait to be accepted, where the system allows so many. The standard library asks
/// for 128: a proxy that opens one for each question has more under way after a pause, and whoever finds
/// the queue full tries again after a second.
const MAX_WAITING: u32 = 4096;
/// Requests under way when we are told to stop get this long to finish.
pub const LAST_WORDS: Duration = Duration::from_secs(3);

/// What a client of HTTP/2 says first (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

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
    socket.listen(MAX_WAITING)
}

/// Serves until `stop`, then lets requests under way finish. No more than `places` connections are open.
///
/// A public connection that brings no request for 75 seconds (no first request for 10), and an internal one that brings none
/// for 150, is cut, at the latest after twice as long.
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
    // Dropped when it is time to stop, for connections that have not said a word yet.
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
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        // The place is given back with the connection's last trace, or taken from it before.
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
            let answered = begins.then(|| answer(peer, request));
            async move {
                let answered = match answered {
                    Some(answered) => answered.await,
                    None => pending().await,
                };
                if let Some(progress) = progress {
                    progress.waits();
                }
                Ok::<_, Infallible>(answered)
            }
        });
        let watcher = connections.watcher();
        let mut stopped = running.subscribe();
        let served = async move {
            // Nothing is set aside for a connection that has not said a word.
            let is_http2 = tokio::select! {
                begins = begins(&stream, waiting.as_ref()) => begins.unwrap_or(false),
                _ = stopped.changed() => return,
            };
            let stream = TokioIo::new(stream);
            // A client that went away is its own business.
            if is_http2 {
                let connection = http2().serve_connection(stream, service);
                let _ = watcher.watch(connection).await;
            } else {
                let connection = http1(kind).serve_connection(stream, service);
                let _ = watcher.watch(connection).await;
            }
        };
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = ended(placed.as_ref()) => {}
                () = served => {}
                () = silence(&asked, kind) => {}
            }
            drop(place);
        });
    }
    drop(listener);
    drop(running);
    if timeout(LAST_WORDS, connections.shutdown()).await.is_err() {
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

fn http1(kind: Kind) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(match kind {
            Kind::Public => MAX_PUBLIC_HEAD_BYTES,
            Kind::Internal => MAX_HEAD_BYTES,
        });
    http
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut http = http2::Builder::new(TokioExecutor::new());
    http.timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX));
    http
}

/// Until no request came for as long as the listener waits. A timer for each head, as hyper has it, would be set
/// and taken back for every request.
async fn silence(asked: &AtomicU64, kind: Kind) {
    let patience = match kind {
        Kind::Public => {
            sleep(FIRST_HEAD_TIME).await;
            if asked.load(Ordering::Relaxed) == 0 {
                return;
            }
            HEAD_TIME
        }
        Kind::Internal => INTERNAL_HEAD_TIME,
    };
    let mut before = None;
    loop {
        let now = asked.load(Ordering::Relaxed);
        if before.replace(now) == Some(now) {
            return;
        }
        sleep(patience).await;
    }
}

/// Until the connection's place was given to another one; for ever where that is never done.
async fn ended(progress: Option<&Progress>) {
    match progress {
        Some(progress) => progress.ended().await,
        None => pending().await,
    }
}

/// Waits for the first bytes, and says whether they are those of HTTP/2 where that is spoken: where no account is
/// kept of whom a connection waits for.
async fn begins(stream: &TcpStream, progress: Option<&Progress>) -> io::Result<bool> {
    let Some(progress) = progress else {
        return begins_as_http2(stream).await;
    };
    // Whether there is something to read is known when the runtime has asked the system, which it does
    // before it comes back here. A request that is there then is read in the same breath.
    yield_now().await;
    progress.waits();
    stream.readable().await.map(|()| false)
}

/// Looks at the first bytes and leaves them where they are.
async fn begins_as_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut begin = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut begin).await?;
        if length == 0 || !PREFACE.starts_with(&begin[..length]) {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        // The rest is on its way; `peek` would give the same part at once.
        sleep(Duration::from_millis(5)).await;
    }
}
