//! A request of the API: its program, which has authenticated, and what it sends.

use super::{
    idempotency,
    response::{ApiError, CountNote},
};
use crate::web::{
    Web, admission::ProgramRequest, client, dpop_nonce, error::problem, layers::admission::limited,
    route_policy::ErrorForm, verify::presented_token,
};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, FromRequest, Request},
    http::{HeaderMap, Method, header},
    response::Response,
};
use latchkey_app::{
    error::{AppError, Code},
    messages::Language,
};
use latchkey_domain::{
    access::permission::{Authorized, Denial, PermissionType, ProgramBasis, ProgramCaller},
    pagination::{Cursor, MAX_BATCH},
};
use latchkey_engine::{Engine, Lane, ProgramAuthentication, RequestOrigin, Resource};
use serde::de::DeserializeOwned;
use std::{net::SocketAddr, str::FromStr};

/// Rows of a part of a list, unless `limit` says otherwise.
const DEFAULT_LIMIT: u64 = 50;

/// A request of an authenticated program.
pub(super) struct Call {
    pub(super) engine: Engine,
    pub(super) origin: RequestOrigin,
    pub(super) headers: HeaderMap,
    pub(super) program: ProgramCaller,
    method: Method,
    path: String,
    query: String,
    body: Bytes,
}

pub(super) type ApiResult = Result<Response, ApiError>;

impl FromRequest<Web> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, web: &Web) -> Result<Self, ApiError> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(peer)| *peer);
        let (headers, method) = (request.headers().clone(), request.method().clone());
        let note = request.extensions().get::<CountNote>().cloned();
        let note = note.unwrap_or_default();
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let engine = web.engine();
        // The public URL and not the `Host` header, which the sender chooses.
        let url = format!("{}{path}", engine.issuer());
        let token = presented_token(&headers, &header::AUTHORIZATION, method.as_str(), &url);
        let token = token.ok_or(ApiError::Unauthenticated)?;
        let program = match engine.authenticate_program(&token).await? {
            ProgramAuthentication::Authenticated(program) => *program,
            ProgramAuthentication::Refused => return Err(ApiError::Unauthenticated),
            ProgramAuthentication::StepUp { max_age } => {
                return Err(ApiError::StepUp { max_age });
            }
            ProgramAuthentication::NonceRequired => {
                let mut response = problem(&Code::NonceRequired.into(), Language::default());
                dpop_nonce::demand(web, response.headers_mut());
                return Err(ApiError::Made(Box::new(response)));
            }
            ProgramAuthentication::Unavailable => return Err(Code::Busy.into()),
        };
        let user = match &program.basis {
            ProgramBasis::Client(_) => None,
            ProgramBasis::User(_, user) => Some(user.user_id),
        };
        let counted = web
            .admission()
            .count_program(ProgramRequest::Api, (program.client, user));
        match counted {
            Ok(counted) => note.set(counted),
            Err(refused) => {
                let response = limited(&refused, ErrorForm::Negotiated, &headers);
                return Err(ApiError::Made(Box::new(response)));
            }
        }
        let origin = client::read(peer, &headers, web.proxy());
        let body = Bytes::from_request(request, web).await;
        Ok(Self {
            // It has proven who it is, so it does not wait for those who have not.
            engine: engine.in_lane(Lane::Known).noting_commits(),
            origin,
            headers,
            program,
            method,
            path,
            query,
            body: body.map_err(|_| Code::Unreadable)?,
        })
    }
}

impl Call {
    /// Proof of a permission.
    pub(super) fn authorize<P: PermissionType>(
        &self,
        permission: P,
    ) -> Result<Authorized<P>, ApiError> {
        let proof = self.program.authorize(permission, self.engine.now());
        proof.map_err(|denial| match denial {
            Denial::StepUp => ApiError::step_up(),
            Denial::SignIn | Denial::NotApproved | Denial::Recovery => ApiError::Unauthenticated,
            Denial::NeedsPasskey => ApiError::NeedsPasskey,
            Denial::Forbidden => ApiError::Forbidden(P::PERMISSION),
        })
    }

    /// The use cases, for a change of this resource: only if it is as `If-Match` says (RFC 9110 §13.1.1).
    pub(super) fn changing(&self, resource: Resource) -> Engine {
        let lines = self.headers.get_all(header::IF_MATCH).into_iter();
        let tags: Vec<String> = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(|tag| tag.trim().trim_matches('"').to_owned())
            .collect();
        match tags.is_empty() || tags.iter().any(|tag| tag == "*") {
            true => self.engine.clone(),
            false => self.engine.expecting(resource, tags),
        }
    }

    /// The use cases, for a change that replaces what was read before, such as a list: without `If-Match` it would undo, unseen,
    /// what others changed meanwhile (RFC 6585 §3). `*` says that this is wanted.
    pub(super) fn replacing(&self, resource: Resource) -> Result<Engine, ApiError> {
        match self.headers.contains_key(header::IF_MATCH) {
            true => Ok(self.changing(resource)),
            false => Err(Code::PreconditionRequired.into()),
        }
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A parameter of the query that has a form.
    pub(super) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, ApiError> {
        let value = self.parameter(name).map(|value| value.parse());
        value.transpose().map_err(|_| bad_parameter(name))
    }

    /// Where the list begins that is asked for.
    pub(super) fn cursor<K: FromStr>(&self) -> Result<Cursor<K>, ApiError> {
        let limit = self.parsed("limit")?.unwrap_or(DEFAULT_LIMIT);
        match limit {
            1..=MAX_BATCH => Ok(Cursor {
                after: self.parsed("cursor")?,
                limit,
            }),
            _ => Err(bad_parameter("limit")),
        }
    }

    /// The body, as JSON. What is not known in it is an error: it would be ignored without a word.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let is_json = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(Code::UnsupportedMediaType.into());
        }
        serde_json::from_slice(&self.body)
            .map_err(|cause| AppError::unusable_body(cause.to_string()).into())
    }

    /// As [`Call::json`]; the default when there is no body.
    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, ApiError> {
        match self.body.is_empty() {
            true => Ok(T::default()),
            false => self.json(),
        }
    }

    /// The answer of an operation that makes something: the same again, if the request has an `Idempotency-Key` that was used.
    pub(super) async fn once<F>(&self, work: F) -> ApiResult
    where
        F: Future<Output = ApiResult>,
    {
        let parts = [
            self.method.as_str().as_bytes(),
            self.path.as_bytes(),
            &self.body,
        ];
        idempotency::once(&self.engine, &self.program, &self.headers, &parts, work).await
    }
}

/// A path segment, or a parameter, that names nothing.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| Code::NotFound.into())
}

fn bad_parameter(name: &'static str) -> ApiError {
    AppError::unusable_value(name).into()
}
