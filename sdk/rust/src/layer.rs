//! A layer of tower: a request reaches the service only with a verified token.

use crate::{Claims, Error, Verifier, dpop};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// The header in which a proxy puts the identity token.
pub const IDENTITY_HEADER: HeaderName = HeaderName::from_static("latchkey-assertion");

/// Says that tokens with a proof are accepted (RFC 9449 §7.1).
const DPOP_CHALLENGE: HeaderValue = HeaderValue::from_static(r#"DPoP algs="EdDSA ES256 RS256""#);

/// Verifies every request and puts the [`Claims`] in its extensions. Others get the response of the [`Error`]; why is in the
/// response's extensions, for logs.
#[derive(Debug, Clone)]
pub struct VerifyLayer {
    verifier: Verifier,
    scope: Option<String>,
    identity_header: Option<HeaderName>,
    origin: Option<String>,
}

impl VerifyLayer {
    /// Requires an access token.
    #[must_use]
    pub const fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            scope: None,
            identity_header: None,
            origin: None,
        }
    }

    /// Requires a scope of every token.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        Self {
            scope: Some(scope.to_owned()),
            ..self
        }
    }

    /// Requires a proxy's identity token in this header, usually [`IDENTITY_HEADER`], instead of an access token.
    #[must_use]
    pub fn identity_header(self, name: HeaderName) -> Self {
        Self {
            identity_header: Some(name),
            ..self
        }
    }

    /// Accepts tokens that are bound to a key, with a proof of it (DPoP, RFC 9449), besides bearer tokens. `origin` is this
    /// service's as its clients know it, `https://photos.example.com`; the path is the request's, so the layer goes around every
    /// other that changes it. Used proofs are remembered in memory: behind one address there may be one process.
    #[must_use]
    pub fn dpop(self, origin: &str) -> Self {
        Self {
            origin: Some(origin.trim_end_matches('/').to_owned()),
            ..self
        }
    }

    /// What a request presents.
    fn presented(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Presented, Error> {
        let name = (self.identity_header.as_ref()).unwrap_or(&header::AUTHORIZATION);
        let mut values = headers.get_all(name).into_iter();
        // Of two headers, a proxy in between may have read the other one: neither counts.
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Error::Missing);
        };
        let value = value.to_str().map_err(|_| Error::Missing)?;
        if self.identity_header.is_some() {
            return match value {
                "" => Err(Error::Missing),
                token => Ok(Presented::Identity(token.to_owned())),
            };
        }
        let (scheme, token) = credentials(value).ok_or(Error::Missing)?;
        let token = token.to_owned();
        match &self.origin {
            _ if scheme.eq_ignore_ascii_case("bearer") => Ok(Presented::Bearer(token)),
            Some(origin) if scheme.eq_ignore_ascii_case("dpop") => {
                let request = dpop::Request::new(origin, method, uri, headers)?;
                Ok(Presented::Bound(token, request))
            }
            _ => Err(Error::Missing),
        }
    }

    async fn verify(&self, presented: Presented) -> Result<Claims, Error> {
        let verifier = &self.verifier;
        let claims = match presented {
            Presented::Bearer(token) => verifier.access_token(&token).await?,
            Presented::Bound(token, request) => verifier.bound_token_once(&token, &request).await?,
            Presented::Identity(token) => verifier.identity_token(&token).await?,
        };
        if let Some(scope) = &self.scope {
            claims.require(scope)?;
        }
        Ok(claims)
    }
}

enum Presented {
    Bearer(String),
    Bound(String, dpop::Request),
    Identity(String),
}

/// The scheme and the token of `Authorization` (RFC 6750 §2.1, RFC 9449 §7.1).
fn credentials(value: &str) -> Option<(&str, &str)> {
    let (scheme, token) = value.split_once(' ')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let unpadded = token.trim_end_matches('=');
    (!unpadded.is_empty() && unpadded.bytes().all(is_token)).then_some((scheme, token))
}

impl<S> Layer<S> for VerifyLayer {
    type Service = VerifyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyService {
            layer: self.clone(),
            inner,
        }
    }
}

/// The service that [`VerifyLayer`] makes.
#[derive(Debug, Clone)]
pub struct VerifyService<S> {
    layer: VerifyLayer,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for VerifyService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let layer = self.layer.clone();
        // The one that is ready, and not its clone, gets the request.
        let ready = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, ready);
        let presented = layer.presented(request.method(), request.uri(), request.headers());
        Box::pin(async move {
            let verified = match presented {
                Ok(presented) => layer.verify(presented).await,
                Err(error) => Err(error),
            };
            match verified {
                Ok(claims) => {
                    request.extensions_mut().insert(claims);
                    inner.call(request).await
                }
                Err(error) => {
                    let mut response = error.response();
                    if layer.origin.is_some() && matches!(error, Error::Missing | Error::Dpop) {
                        let headers = response.headers_mut();
                        headers.append(header::WWW_AUTHENTICATE, DPOP_CHALLENGE);
                    }
                    response.extensions_mut().insert(error);
                    Ok(response)
                }
            }
        })
    }
}
