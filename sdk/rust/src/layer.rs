//! A layer of tower: a request reaches the service only with a verified token.

use crate::{Claims, Error, Verifier};
use http::{HeaderName, Request, Response, header};
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// The header in which a proxy puts the identity token.
pub const IDENTITY_HEADER: HeaderName = HeaderName::from_static("latchkey-assertion");

/// Verifies every request and puts the [`Claims`] in its extensions. Others get the response of the [`Error`]; why is in the
/// response's extensions, for logs.
#[derive(Debug, Clone)]
pub struct VerifyLayer {
    verifier: Verifier,
    scope: Option<String>,
    identity_header: Option<HeaderName>,
}

impl VerifyLayer {
    /// Requires an access token.
    #[must_use]
    pub const fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            scope: None,
            identity_header: None,
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

    async fn verify(&self, headers: Vec<http::HeaderValue>) -> Result<Claims, Error> {
        // Of two headers, a proxy in between may have read the other one: neither counts.
        let [value] = headers.as_slice() else {
            return Err(Error::Missing);
        };
        let value = value.to_str().map_err(|_| Error::Missing)?;
        let claims = match self.identity_header {
            Some(_) if value.is_empty() => return Err(Error::Missing),
            Some(_) => self.verifier.identity_token(value).await?,
            None => {
                let token = bearer_token(value).ok_or(Error::Missing)?;
                self.verifier.access_token(token).await?
            }
        };
        if let Some(scope) = &self.scope {
            claims.require(scope)?;
        }
        Ok(claims)
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1).
fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let unpadded = token.trim_end_matches('=');
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    (is_bearer && !unpadded.is_empty() && unpadded.bytes().all(is_token)).then_some(token)
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
        let name = (layer.identity_header.as_ref()).unwrap_or(&header::AUTHORIZATION);
        let values = request.headers().get_all(name).iter().cloned().collect();
        Box::pin(async move {
            match layer.verify(values).await {
                Ok(claims) => {
                    request.extensions_mut().insert(claims);
                    inner.call(request).await
                }
                Err(error) => {
                    let mut response = error.response();
                    response.extensions_mut().insert(error);
                    Ok(response)
                }
            }
        })
    }
}
