//! An HTTP client that sends targets and headers unchanged: one request per connection, no redirects
//! followed, every wait bounded.

#[cfg(test)]
mod tests;

use super::{
    arguments::Resolve,
    exchange::{ProbeRequest, ProbeResponse, host_and_port},
};
use crate::cli::tls::Tls;
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

/// From the name lookup to the head of the response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a body is read, and for how long.
const MAX_BODY_BYTES: usize = 256 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(3);

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoResponse {
    #[error("{0} does not resolve to an address; add it to DNS, or use --resolve {0}:ADDR")]
    UnknownHost(String),
    #[error("{0} is not on this machine, and secrets are not sent over plain http")]
    Plaintext(String),
    #[error("no connection to {0}: {1}")]
    Unreachable(String, io::Error),
    #[error("TLS with {0} fails: {1}; for a private certificate authority, use --ca FILE")]
    Tls(String, io::Error),
    #[error("{0} accepts connections but does not speak HTTP: {1}")]
    NotHttp(String, hyper::Error),
    #[error("no response from {0} within {s} s", s = RESPONSE_TIMEOUT.as_secs())]
    TimedOut(String),
}

/// Sends requests.
pub(super) struct Client {
    tls: Tls,
    resolve: Vec<Resolve>,
    /// Part of every request id, which tells our requests from all others.
    run_id: String,
    sent: AtomicU32,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Client {
    pub(super) fn new(tls: Tls, resolve: Vec<Resolve>, run_id: String) -> Self {
        Self {
            tls,
            resolve,
            run_id,
            sent: AtomicU32::new(0),
        }
    }

    /// Whether a request to this address stays on this machine.
    pub(super) fn is_local(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match self.resolved(host) {
            Some(resolve) => resolve.ip.is_loopback(),
            None => host == "localhost" || host.ends_with(".localhost"),
        }
    }

    fn resolved(&self, host: &str) -> Option<&Resolve> {
        self.resolve.iter().find(|resolve| resolve.host == host)
    }

    /// Sends a request.
    pub(super) async fn send(&self, request: ProbeRequest) -> Result<ProbeResponse, NoResponse> {
        let host = host_and_port(&request.url);
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("{}-{number}", self.run_id);
        let (status, headers, body) =
            timeout(RESPONSE_TIMEOUT, self.exchange(request, &request_id))
                .await
                .map_err(|_| NoResponse::TimedOut(host))??;
        Ok(ProbeResponse {
            status,
            headers,
            body: read_start(body).await,
            request_id,
        })
    }

    async fn exchange(
        &self,
        request: ProbeRequest,
        request_id: &str,
    ) -> Result<(StatusCode, HeaderMap, Incoming), NoResponse> {
        let host = host_and_port(&request.url);
        let not_http = |cause| NoResponse::NotHttp(host.clone(), cause);
        let stream = self.connect(&request, &host).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(not_http)?;
        // It ends with the body of the response, or with the sender.
        tokio::spawn(connection);
        let mut message = Request::new(Empty::<Bytes>::new());
        *message.headers_mut() = request.headers;
        let agent = format!(
            "latchkey-doctor/{} ({request_id})",
            env!("CARGO_PKG_VERSION")
        );
        for (name, value) in [(header::HOST, host.as_str()), (header::USER_AGENT, &agent)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                message.headers_mut().insert(name, value);
            }
        }
        // Every target is valid: it begins with `/`, and the rest comes from a parsed URL.
        *message.uri_mut() = request.target.parse().unwrap_or_default();
        let (head, body) = sender
            .send_request(message)
            .await
            .map_err(not_http)?
            .into_parts();
        Ok((head.status, head.headers, body))
    }

    async fn connect(
        &self,
        request: &ProbeRequest,
        host_and_port: &str,
    ) -> Result<Box<dyn Stream>, NoResponse> {
        let (url, host) = (&request.url, request.url.host_str().unwrap_or_default());
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses: Vec<SocketAddr> = match self.resolved(host) {
            Some(resolve) => vec![(resolve.ip, resolve.port.unwrap_or(port)).into()],
            None => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                let unknown = |_| NoResponse::UnknownHost(host.to_owned());
                lookup_host((bare, port)).await.map_err(unknown)?.collect()
            }
        };
        let is_https = url.scheme() == "https";
        // DNS may resolve a name below localhost to any address.
        let is_local = addresses.iter().all(|address| address.ip().is_loopback());
        if request.has_secret && !is_https && !is_local {
            return Err(NoResponse::Plaintext(host_and_port.to_owned()));
        }
        let unreachable = |cause| NoResponse::Unreachable(host_and_port.to_owned(), cause);
        let stream = TcpStream::connect(&*addresses).await.map_err(unreachable)?;
        if !is_https {
            return Ok(Box::new(stream));
        }
        match self.tls.connect(host, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(cause) => Err(NoResponse::Tls(host_and_port.to_owned(), cause)),
        }
    }
}

/// The start of a body, as text; the body may be a stream that never ends.
async fn read_start(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    let read = async {
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if bytes.len() >= MAX_BODY_BYTES {
                break;
            }
        }
    };
    // After a timeout, what was read before counts.
    let _ = timeout(BODY_TIMEOUT, read).await;
    bytes.truncate(MAX_BODY_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}
