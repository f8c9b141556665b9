//! Requests to Latchkey: short ones, whose responses are small. Redirects are not followed: keys and answers come from the
//! configured address alone.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{io::Cursor, sync::Arc, time::Duration};
use thiserror::Error;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The largest response that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The characters that stay as they are in a segment of a path or in a form (RFC 3986 §2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An address is not one of HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an address of HTTP or HTTPS: {0}")]
pub struct AddressError(String);

/// There is no response, or it is too large.
#[derive(Debug)]
pub(crate) struct RequestFailed;

/// A response of any status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `None` for anything else.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Encodes a text for a segment of a path or for a form.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The value of `Authorization` for a client's id and secret, both encoded as in a form first (RFC 6749 §2.3.1).
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text| encode(text).replace("%20", "+");
    let pair = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// Checks an address and takes the slashes from its end.
pub(crate) fn check_address(address: &str) -> Result<&str, AddressError> {
    let is_http = address.parse().is_ok_and(|uri: Uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    match is_http {
        true => Ok(address.trim_end_matches('/')),
        false => Err(AddressError(address.to_owned())),
    }
}

/// The connections to Latchkey.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient(Client<HttpsConnector<HttpConnector>, Full<Cursor<Vec<u8>>>>);

impl HttpClient {
    /// Trusts the certificates that the system trusts.
    pub(crate) fn new() -> Result<Self, AddressError> {
        let mut roots = RootCertStore::empty();
        // A system may have none: then only addresses of HTTP can be reached.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| AddressError(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a GET.
    pub(crate) async fn get(
        &self,
        url: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Answer, RequestFailed> {
        self.send(Method::GET, url, headers, String::new()).await
    }

    /// Sends a form.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(HeaderName, &str)],
        form: String,
    ) -> Result<Answer, RequestFailed> {
        self.send(Method::POST, url, headers, form).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, &str)],
        body: String,
    ) -> Result<Answer, RequestFailed> {
        let mut request = Request::builder().method(method).uri(url);
        request = request.header(header::ACCEPT, "application/json");
        for (name, value) in headers {
            // As bytes: a browser's cookies may have any.
            request = request.header(name, value.as_bytes());
        }
        let body = Full::new(Cursor::new(body.into_bytes()));
        let request = request.body(body).map_err(|_| RequestFailed)?;
        let answer = async {
            let (head, body) = self.0.request(request).await.ok()?.into_parts();
            let body = Limited::new(body, MAX_BYTES).collect().await.ok()?;
            Some(Answer {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes().to_vec(),
            })
        };
        let answer = tokio::time::timeout(TIMEOUT, answer).await;
        answer.ok().flatten().ok_or(RequestFailed)
    }
}
