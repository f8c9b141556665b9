//! `POST /oauth/token`: authenticate the client, decide what it gets, sign it, and record that it was issued.

use crate::{
    Engine, Error, RequestOrigin, Result, cache::service_index::ServiceEntry, error::chain,
    unit_of_work::Actor,
};
use latchkey_domain::{
    event::TokenIssued,
    id::ClientId,
    request::host::Host,
    secret::SecretText,
    tokens::{
        access_token::{LIFETIME, TokenRefusal, TokenRequest, decide},
        client::{Client, ClientKind, GrantType},
        policy::TokenUse,
        scope::TokenScopes,
    },
};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use url::Url;

/// With what a client authenticates, as it was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientCredentials<'a> {
    /// `client_id`.
    pub id: Option<&'a str>,
    /// `client_secret`.
    pub secret: Option<&'a str>,
}

/// The parameters of a token request, as they were sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenParameters<'a> {
    /// `grant_type`.
    pub grant_type: Option<&'a str>,
    /// `audience`: the name of a service.
    pub audience: Option<&'a str>,
    /// `resource`: the URL of a service (RFC 8707 §2).
    pub resource: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a str>,
}

/// An access token for whoever asked.
#[derive(Debug)]
pub struct IssuedToken {
    /// The token.
    pub access_token: SecretText,
    /// How long it is accepted.
    pub expires_in: Duration,
    /// What it may do.
    pub scopes: TokenScopes,
}

/// Why there is no token (RFC 6749 §5.2, RFC 8707 §2).
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A parameter is missing or cannot be read.
    #[error("invalid_request")]
    InvalidRequest,
    /// The client is not known, or did not authenticate.
    #[error("invalid_client")]
    InvalidClient,
    /// There is no such grant type here.
    #[error("unsupported_grant_type")]
    UnsupportedGrantType,
    /// The client may not have what it asks for.
    #[error(transparent)]
    Refused(#[from] TokenRefusal),
    /// Our own fault, or too much to do.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// A client that has authenticated.
struct AuthenticatedClient {
    client: Client,
    /// The label of the secret.
    secret: String,
}

impl Engine {
    /// Issues an access token to a client.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn issue_token(
        &self,
        credentials: ClientCredentials<'_>,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let grant_type = parameters.grant_type.ok_or(TokenError::InvalidRequest)?;
        let grant_type = grant_type
            .parse()
            .map_err(|_| TokenError::UnsupportedGrantType)?;
        let caller = self.authenticate_client(credentials).await?;
        match grant_type {
            GrantType::ClientCredentials => self.issue_to_client(caller, parameters, origin).await,
            GrantType::DeviceCode | GrantType::JwtBearer | GrantType::RefreshToken => {
                Err(TokenError::UnsupportedGrantType)
            }
        }
    }

    /// A client by its secret. Which of id and secret is wrong makes no difference, and takes the same time.
    async fn authenticate_client(
        &self,
        credentials: ClientCredentials<'_>,
    ) -> Result<AuthenticatedClient, TokenError> {
        let now = self.now();
        let id = credentials.id.and_then(|id| id.parse::<ClientId>().ok());
        let found = self
            .in_client_index(|index| {
                let secret = index.secrets.find(credentials.secret, now)?;
                let client = index.clients.get(&secret.owner)?;
                let is_its = id == Some(client.id) && client.kind == ClientKind::Confidential;
                is_its.then(|| AuthenticatedClient {
                    client: client.clone(),
                    secret: secret.label.clone(),
                })
            })
            .await?;
        found.ok_or(TokenError::InvalidClient)
    }

    async fn issue_to_client(
        &self,
        caller: AuthenticatedClient,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let AuthenticatedClient { client, secret } = caller;
        if client.requires_dpop {
            return Err(TokenError::InvalidRequest);
        }
        let request = TokenRequest {
            audience: self
                .find_audience(parameters)
                .await?
                .map(|one| one.facts.id),
            scopes: (parameters.scope)
                .map(|scope| scope.parse().map_err(|_| TokenRefusal::InvalidScope))
                .transpose()?,
        };
        // The only one, if the client named none.
        let wanted = request.audience.or_else(|| client.only_audience());
        let service = self
            .in_service_index(|index| {
                let mut services = index.services.values();
                services.find(|one| Some(one.facts.id) == wanted).cloned()
            })
            .await?
            .ok_or(TokenRefusal::InvalidTarget)?;
        let grant_type = GrantType::ClientCredentials;
        let grant = decide(&client, grant_type, &request, |_| {
            service.access_tokens.scopes.clone()
        })?;
        let now = self.now();
        let expires_at = now + LIFETIME;
        let signed = self.sign_client_token(&client, &secret, &service.name, &grant.scopes, now)?;
        let event = TokenIssued {
            audience: service.name.clone(),
            scopes: grant.scopes.clone(),
            grant_type,
            token_id: signed.id,
            client,
        };
        self.record_token(event, &service, expires_at, origin)
            .await?;
        Ok(IssuedToken {
            access_token: signed.text,
            expires_in: LIFETIME,
            scopes: grant.scopes,
        })
    }

    /// The service that a request names, by name or URL; if it does both, they must agree.
    async fn find_audience(
        &self,
        parameters: TokenParameters<'_>,
    ) -> Result<Option<Arc<ServiceEntry>>, TokenError> {
        let by_name =
            |name: &str, services: &std::collections::HashMap<_, _>| services.get(name).cloned();
        let resource = parameters.resource.map(Resource::parse).transpose()?;
        let (named, located) = self
            .in_service_index(|index| {
                let named = parameters
                    .audience
                    .map(|name| by_name(name, &index.services));
                let located = resource
                    .as_ref()
                    .map(|one| index.of_host(&one.host, one.is_https).cloned());
                (named, located)
            })
            .await?;
        let target = || TokenError::Refused(TokenRefusal::InvalidTarget);
        match (named, located) {
            (None, None) => Ok(None),
            (Some(one), None) | (None, Some(one)) => one.map(Some).ok_or_else(target),
            (Some(Some(named)), Some(Some(located))) if named.facts.id == located.facts.id => {
                Ok(Some(named))
            }
            (Some(_), Some(_)) => Err(target()),
        }
    }

    async fn record_token(
        &self,
        event: TokenIssued,
        service: &ServiceEntry,
        expires_at: OffsetDateTime,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let client = event.client.id;
        let actor = Actor::Client(client, event.client.name.clone());
        let mut tx = self.begin_unordered(actor, origin).await?;
        if service.access_tokens.token_use == TokenUse::SingleActive {
            let id = &event.token_id;
            self.note_newest(&tx, client, service.facts.id, id, expires_at)
                .await?;
        }
        tx.apply(event).await?;
        tx.commit().await
    }
}

/// The URL of a service (RFC 8707 §2: absolute, without a fragment).
struct Resource {
    host: Host,
    is_https: bool,
}

impl Resource {
    fn parse(text: &str) -> Result<Self, TokenRefusal> {
        let target = TokenRefusal::InvalidTarget;
        let url = Url::parse(text).map_err(|_| target)?;
        let is_plain =
            url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(target),
        };
        let host = url.host_str().filter(|_| is_plain).ok_or(target)?;
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self {
            host: Host::parse(&host).map_err(|_| target)?,
            is_https,
        })
    }
}

impl TokenError {
    /// The value of `error`; `None` for our own faults.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        match self {
            Self::Failed(_) => None,
            other => Some(other.to_string()),
        }
    }

    /// Logs our own fault.
    pub fn log(&self) {
        if let Self::Failed(cause @ Error::Internal(_)) = self {
            tracing::error!(error = %chain(cause), "no token was issued");
        }
    }
}
