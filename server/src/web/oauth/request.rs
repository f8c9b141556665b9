//! A request of a program: its form, with what it authenticates, and its proof of possession.

use super::{
    error::refuse,
    form::{Authentication, Form},
};
use crate::web::{Web, client};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, FromRequest, Request},
    http::{HeaderMap, HeaderName},
    response::Response,
};
use latchkey_engine::{
    ClientCredentials, ProvenRequest, RequestOrigin, TokenError, TokenParameters,
};
use std::net::SocketAddr;

/// The proof of possession (RFC 9449 §4.1).
pub(in crate::web) const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A request of a program.
pub(super) struct ProgramRequest {
    pub(super) headers: HeaderMap,
    pub(super) form: Form,
    pub(super) origin: RequestOrigin,
    authentication: Result<Authentication, TokenError>,
    /// The URL as the program knows it.
    url: String,
    proof: Option<String>,
}

impl FromRequest<Web> for ProgramRequest {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| *peer);
        let headers = request.headers().clone();
        // The public URL and not the `Host` header, which the sender chooses.
        let url = format!("{}{}", web.engine().issuer(), request.uri().path());
        let body = Bytes::from_request(request, web).await.unwrap_or_default();
        let read = || {
            let form = Form::read(&headers, &body)?;
            Ok((
                Authentication::read(&headers, &form),
                form,
                proof(&headers)?,
            ))
        };
        let origin = client::read(peer, &headers, web.proxy());
        match read() {
            Ok((authentication, form, proof)) => Ok(Self {
                origin,
                headers,
                form,
                authentication,
                url,
                proof,
            }),
            Err(error) => Err(refuse(web, &error, &origin)),
        }
    }
}

/// The value of the only header `DPoP`.
fn proof(headers: &HeaderMap) -> Result<Option<String>, TokenError> {
    let mut lines = headers.get_all(DPOP).into_iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(line), None) => match line.to_str() {
            Ok(proof) => Ok(Some(proof.to_owned())),
            Err(_) => Err(TokenError::InvalidProof),
        },
        (Some(_), Some(_)) => Err(TokenError::InvalidProof),
    }
}

impl ProgramRequest {
    /// With what the client authenticates.
    ///
    /// # Errors
    /// [`TokenError`] when that cannot be said.
    pub(super) fn credentials(&self) -> Result<ClientCredentials<'_>, TokenError> {
        match &self.authentication {
            Ok(authentication) => Ok(authentication.credentials()),
            Err(TokenError::InvalidRequest) => Err(TokenError::InvalidRequest),
            Err(_) => Err(TokenError::InvalidClient),
        }
    }

    /// What it asks for.
    pub(super) fn parameters(&self) -> TokenParameters<'_> {
        TokenParameters {
            grant_type: self.form.get("grant_type"),
            audience: self.form.get("audience"),
            resource: self.form.get("resource"),
            scope: self.form.get("scope"),
            device_code: self.form.get("device_code"),
            refresh_token: self.form.get("refresh_token"),
            assertion: self.form.get("assertion"),
            dpop_jkt: self.form.get("dpop_jkt"),
            proof: self.proof.as_deref().map(|proof| ProvenRequest {
                proof,
                method: "POST",
                url: &self.url,
            }),
        }
    }
}
