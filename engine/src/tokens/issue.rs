//! `POST /oauth/token`: what a client gets, signed, and recorded.

use super::{
    access_token::TokenBasis,
    authentication::{AuthenticatedClient, ClientCredentials},
    error::TokenError,
    recording::TokenIssue,
};
use crate::{
    Engine, Lane, RequestOrigin, Result,
    cache::service_index::ServiceEntry,
    tokens::dpop::ProvenRequest,
    unit_of_work::{Accepts, CommitOrder, Tx},
};
use latchkey_domain::{
    access::access_grant::Scopes,
    event::TokenIssued,
    id::ServiceId,
    request::host::Host,
    secret::SecretText,
    tokens::{
        access_token::{TokenGrant, TokenRefusal, TokenRequest, decide},
        client::{Client, GrantType},
        policy::TokenUse,
        scope::TokenScopes,
    },
};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use url::Url;

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
    /// `device_code` (RFC 8628 §3.4).
    pub device_code: Option<&'a str>,
    /// `refresh_token`.
    pub refresh_token: Option<&'a str>,
    /// `assertion` (RFC 7523 §2.1).
    pub assertion: Option<&'a str>,
    /// `dpop_jkt`: the thumbprint of the key to which a device code is bound (RFC 9449 §10).
    pub dpop_jkt: Option<&'a str>,
    /// The proof of possession, if the request has one.
    pub proof: Option<ProvenRequest<'a>>,
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
    /// Whether it is bound to a key, so that each use needs a proof.
    pub is_bound: bool,
    /// With what the next one is got.
    pub refresh_token: Option<SecretText>,
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
        // It has proven who it is, so it does not wait for those who have not.
        let engine = match caller.secret {
            Some(_) => self.in_lane(Lane::Known),
            None => self.clone(),
        };
        if !caller.client.may_use(grant_type) {
            return Err(TokenRefusal::UnauthorizedClient.into());
        }
        // Whatever waits for the database is boxed: its room would be copied with every token of a client.
        let key = match parameters.proof {
            Some(proof) => Some(Box::pin(engine.check_token_proof(proof)).await?.thumbprint),
            None if caller.client.requires_dpop => return Err(TokenError::InvalidRequest),
            None => None,
        };
        match grant_type {
            GrantType::ClientCredentials => {
                let issued = engine.issue_to_client(caller, key, parameters, origin);
                issued.await
            }
            GrantType::DeviceCode => {
                let code = parameters.device_code.ok_or(TokenError::InvalidRequest)?;
                let issued = engine.redeem_device_code(caller.client, code, key, origin);
                Box::pin(issued).await
            }
            GrantType::RefreshToken => {
                let token = parameters.refresh_token.ok_or(TokenError::InvalidRequest)?;
                let scope = parameters.scope;
                let issued = engine.refresh_tokens(caller.client, token, key, scope, origin);
                Box::pin(issued).await
            }
            GrantType::JwtBearer => {
                let assertion = parameters.assertion.ok_or(TokenError::InvalidRequest)?;
                let key = key.ok_or(TokenError::InvalidRequest)?;
                let issued =
                    engine.issue_to_device(caller.client, assertion, &key, parameters, origin);
                Box::pin(issued).await
            }
        }
    }

    async fn issue_to_client(
        &self,
        caller: AuthenticatedClient,
        key: Option<String>,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let AuthenticatedClient { client, secret } = caller;
        let secret = secret.ok_or(TokenError::InvalidClient)?;
        self.take_of_quota(client.id, None)?;
        let grant_type = GrantType::ClientCredentials;
        let (service, grant) = self
            .decide_token(&client, grant_type, parameters, |service| {
                service.access_tokens.scopes.clone()
            })
            .await?;
        let (now, lifetime) = (self.now(), client.token_lifetime);
        let basis = TokenBasis {
            client: &client,
            audience: (service.facts.id, &service.name),
            scopes: &grant.scopes,
            sid: &secret,
            key: key.as_deref(),
            user: None,
        };
        let signed = self.sign_access_token(&basis, now)?;
        let subject = client.id.to_string();
        let event = TokenIssued {
            audience: service.name.clone(),
            scopes: grant.scopes.clone(),
            grant_type,
            token_id: signed.id,
            user: None,
            client,
        };
        let issue = TokenIssue {
            event,
            service,
            subject,
            issued_at: now,
            ip: origin.ip_text(),
            rotation: None,
        };
        self.write_in_group(issue).await?;
        Ok(IssuedToken {
            access_token: signed.text,
            expires_in: lifetime,
            scopes: grant.scopes,
            is_bound: key.is_some(),
            refresh_token: None,
        })
    }

    /// Which service and scopes a client gets. `known` are the scopes that tokens for a service can have.
    pub(super) async fn decide_token(
        &self,
        client: &Client,
        grant_type: GrantType,
        parameters: TokenParameters<'_>,
        known: impl FnOnce(&ServiceEntry) -> TokenScopes,
    ) -> Result<(Arc<ServiceEntry>, TokenGrant), TokenError> {
        let audience = self.find_audience(parameters).await?;
        let request = TokenRequest {
            audience,
            scopes: (parameters.scope)
                .map(|scope| scope.parse().map_err(|_| TokenRefusal::InvalidScope))
                .transpose()?,
        };
        // The only one, if the client named none.
        let wanted = audience.or_else(|| client.only_audience());
        let wanted = wanted.ok_or(TokenRefusal::InvalidTarget)?;
        let service = self.service_of(wanted).await?;
        let service = service.ok_or(TokenRefusal::InvalidTarget)?;
        let grant = decide(client, grant_type, &request, |_| known(&service))?;
        Ok((service, grant))
    }

    /// A service by id.
    pub(super) async fn service_of(&self, id: ServiceId) -> Result<Option<Arc<ServiceEntry>>> {
        self.in_service_index(|index| index.of_id(id).cloned())
            .await
    }

    /// The service that a request names, by name or URL; if it does both, they must agree.
    pub(super) async fn find_audience(
        &self,
        parameters: TokenParameters<'_>,
    ) -> Result<Option<ServiceId>, TokenError> {
        let resource = parameters.resource.map(Resource::parse).transpose()?;
        let (named, located) = self
            .in_service_index(|index| {
                let id = |service: Option<&Arc<ServiceEntry>>| service.map(|one| one.facts.id);
                let named = parameters.audience.map(|name| id(index.services.get(name)));
                let located = resource
                    .as_ref()
                    .map(|one| id(index.of_host(&one.host, one.is_https)));
                (named, located)
            })
            .await?;
        let target = || TokenError::Refused(TokenRefusal::InvalidTarget);
        match (named, located) {
            (None, None) => Ok(None),
            (Some(one), None) | (None, Some(one)) => one.map(Some).ok_or_else(target),
            (Some(Some(named)), Some(Some(located))) if named == located => Ok(Some(named)),
            (Some(_), Some(_)) => Err(target()),
        }
    }

    /// Records a token of a subject, in the change that issues it.
    pub(super) async fn record_token<O>(
        &self,
        tx: &mut Tx<'_, O>,
        event: TokenIssued,
        subject: &str,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<()>
    where
        O: CommitOrder + Accepts<TokenIssued> + Sync,
    {
        if service.access_tokens.token_use == TokenUse::SingleActive {
            let of = (event.client.id, subject, service.facts.id);
            let until = now + event.client.token_lifetime;
            self.note_newest(tx, of, &event.token_id, until).await?;
        }
        tx.apply(event).await
    }
}

/// The scopes that tokens for users can have at a service: its own, and those that tell it about the user.
pub(super) fn scopes_for_users(service: &ServiceEntry) -> TokenScopes {
    service.access_tokens.scopes.union(&Scopes::ALL.into())
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
