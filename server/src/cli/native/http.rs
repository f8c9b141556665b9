//! Requests to the endpoints of a server: one form a request, one connection each, every wait bounded, no redirects.

use super::NativeError;
use crate::cli::tls::Tls;
use axum::http::{HeaderName, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{fmt::Display, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::{Position, Url, form_urlencoded};

const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BODY_BYTES: usize = 64 * 1024;
const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A server.
pub(super) struct Connection {
    server: Url,
    tls: Tls,
}

/// What it answers.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The nonce for the next proof.
    pub(super) nonce: Option<String>,
    /// JSON; null for anything else.
    pub(super) body: Value,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Connection {
    pub(super) const fn new(server: Url, tls: Tls) -> Self {
        Self { server, tls }
    }

    /// The server as it names itself.
    pub(super) fn issuer(&self) -> &str {
        self.server.as_str().trim_end_matches('/')
    }

    /// Host and port, for messages.
    pub(super) fn name(&self) -> &str {
        &self.server[Position::BeforeHost..Position::AfterPort]
    }

    fn unreachable(&self, cause: impl Display) -> NativeError {
        NativeError::Unreachable(self.name().to_owned(), cause.to_string())
    }

    /// Posts a form.
    pub(super) async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        proof: Option<&str>,
    ) -> Result<Answer, NativeError> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = Request::post(path)
            .header(header::HOST, self.name())
            .header(
                header::USER_AGENT,
                concat!("latchkey/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(proof) = proof {
            request = request.header(DPOP, proof);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|cause| self.unreachable(cause))?;
        timeout(TIMEOUT, self.exchange(request))
            .await
            .map_err(|_| self.unreachable("it took too long"))?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, NativeError> {
        let stream = self.connect().await?;
        let failed = |cause| self.unreachable(cause);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(failed)?;
        // It ends with the response, or with the sender.
        tokio::spawn(connection);
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(failed)?
            .into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await;
        let body = body.map_err(|cause| self.unreachable(cause))?.to_bytes();
        let nonce = head.headers.get(DPOP_NONCE);
        Ok(Answer {
            status: head.status.as_u16(),
            nonce: nonce.and_then(|nonce| Some(nonce.to_str().ok()?.to_owned())),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, NativeError> {
        let host = self.server.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.server.port_or_known_default().unwrap_or(443);
        let addresses = lookup_host((bare, port)).await;
        let addresses: Vec<SocketAddr> = addresses
            .map_err(|cause| self.unreachable(cause))?
            .collect();
        let is_https = self.server.scheme() == "https";
        if !is_https && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(NativeError::Plaintext(self.name().to_owned()));
        }
        let stream = TcpStream::connect(&*addresses).await;
        let stream = stream.map_err(|cause| self.unreachable(cause))?;
        if !is_https {
            return Ok(Box::new(stream));
        }
        let stream = self.tls.connect(host, stream).await;
        Ok(Box::new(stream.map_err(|cause| self.unreachable(cause))?))
    }
}
