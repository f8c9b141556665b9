//! Asking like a browser, or like somebody who is none: one request over one connection, nothing
//! followed, nothing repaired, an end to every wait.

#[cfg(test)]
mod tests;

use super::{
    arguments::Resolve,
    exchange::{Answer, Question, place},
    tls::Tls,
};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::Url;

/// How long one answer may take, with everything before it.
const PATIENCE: Duration = Duration::from_secs(10);
/// As much of a body as is looked at, and for how long.
const MAX_BODY_BYTES: usize = 256 * 1024;
const BODY_TIME: Duration = Duration::from_secs(3);

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("{0} has no address; give it one in DNS, or here with --resolve {0}:ADDR")]
    Unknown(String),
    #[error("{0} is not on this machine, and nothing secret goes there over plain http")]
    Open(String),
    #[error("nobody answers at {0}: {1}")]
    Refused(String, io::Error),
    #[error(
        "TLS with {0} fails: {1}; where a private authority signs, give its certificate with --ca FILE"
    )]
    Tls(String, io::Error),
    #[error("{0} takes connections and does not speak HTTP there: {1}")]
    Garbled(String, hyper::Error),
    #[error("{0} does not answer within {s} s", s = PATIENCE.as_secs())]
    Late(String),
}

/// Asks.
pub(super) struct Client {
    tls: Tls,
    resolve: Vec<Resolve>,
    /// Tells our requests from those of others, and of other runs.
    run: String,
    asked: AtomicU32,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Client {
    pub(super) fn new(tls: Tls, resolve: Vec<Resolve>, run: String) -> Self {
        Self {
            tls,
            resolve,
            run,
            asked: AtomicU32::new(0),
        }
    }

    /// Whether what is sent to this address stays on this machine.
    pub(super) fn stays_here(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match self.resolved(host) {
            Some(found) => found.ip.is_loopback(),
            None => host == "localhost" || host.ends_with(".localhost"),
        }
    }

    fn resolved(&self, host: &str) -> Option<&Resolve> {
        self.resolve.iter().find(|one| one.host == host)
    }

    /// Asks once.
    pub(super) async fn ask(&self, question: Question) -> Result<Answer, NoAnswer> {
        let place = place(&question.url);
        let mark = format!(
            "{}-{}",
            self.run,
            self.asked.fetch_add(1, Ordering::Relaxed)
        );
        let (status, headers, body) = timeout(PATIENCE, self.send(question, &mark))
            .await
            .map_err(|_| NoAnswer::Late(place))??;
        Ok(Answer {
            status,
            headers,
            body: beginning(body).await,
            mark,
        })
    }

    async fn send(
        &self,
        question: Question,
        mark: &str,
    ) -> Result<(StatusCode, HeaderMap, Incoming), NoAnswer> {
        let place = place(&question.url);
        let garbled = |cause| NoAnswer::Garbled(place.clone(), cause);
        let stream = self.connect(&question, &place).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(garbled)?;
        // It ends with the answer's body, or with the sender.
        tokio::spawn(connection);
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.headers_mut() = question.headers;
        let agent = format!("latchkey-doctor/{} ({mark})", env!("CARGO_PKG_VERSION"));
        for (name, value) in [(header::HOST, place.as_str()), (header::USER_AGENT, &agent)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers_mut().insert(name, value);
            }
        }
        // Every target here begins with `/`, and has no letter that a target cannot have.
        *request.uri_mut() = question.target.parse().unwrap_or_default();
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(garbled)?
            .into_parts();
        Ok((head.status, head.headers, body))
    }

    async fn connect(&self, question: &Question, place: &str) -> Result<Box<dyn Stream>, NoAnswer> {
        let (url, host) = (&question.url, question.url.host_str().unwrap_or_default());
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses: Vec<SocketAddr> = match self.resolved(host) {
            Some(found) => vec![(found.ip, found.port.unwrap_or(port)).into()],
            None => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                let unknown = |_| NoAnswer::Unknown(host.to_owned());
                lookup_host((bare, port)).await.map_err(unknown)?.collect()
            }
        };
        let is_https = url.scheme() == "https";
        // A name below localhost is one that DNS may answer for as it likes.
        let stays_here = addresses.iter().all(|address| address.ip().is_loopback());
        if question.has_secret && !is_https && !stays_here {
            return Err(NoAnswer::Open(place.to_owned()));
        }
        let refused = |cause| NoAnswer::Refused(place.to_owned(), cause);
        let stream = TcpStream::connect(&*addresses).await.map_err(refused)?;
        if !is_https {
            return Ok(Box::new(stream));
        }
        match self.tls.connect(host, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(cause) => Err(NoAnswer::Tls(place.to_owned(), cause)),
        }
    }
}

/// As much of a body as comes soon; a stream that never ends has a beginning too.
async fn beginning(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if bytes.len() >= MAX_BODY_BYTES {
                break;
            }
        }
    };
    // What came before the time was over is still there.
    let _ = timeout(BODY_TIME, read).await;
    bytes.truncate(MAX_BODY_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}
