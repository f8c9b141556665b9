//! Access tokens (RFC 9068): how long they live, and which request gets which.

use crate::{
    id::ServiceId,
    tokens::{
        client::{Client, GrantType},
        scope::TokenScopes,
    },
};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;
use time::Duration;

/// How long an access token lives unless its client says otherwise: nobody has to revoke what ends by itself.
pub const LIFETIME: Duration = Duration::minutes(2);

/// The longest that a client's can live.
pub const MAX_LIFETIME: Duration = Duration::minutes(15);

/// How far the clocks of whoever verifies may differ.
pub const LEEWAY: Duration = Duration::seconds(5);

/// The `typ` of access tokens (RFC 9068 §2.1).
pub const TYP: &str = "at+jwt";

/// With what an access token is signed (RFC 7518 §3.1, RFC 8037 §3.1). There is no HS256: whoever can verify could forge.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum TokenAlgorithm {
    /// Ed25519.
    #[default]
    #[serde(rename = "EdDSA")]
    #[strum(serialize = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256 and SHA-256, for libraries without Ed25519.
    #[serde(rename = "ES256")]
    #[strum(serialize = "ES256")]
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for libraries that know nothing newer.
    #[serde(rename = "RS256")]
    #[strum(serialize = "RS256")]
    Rs256,
}

impl TokenAlgorithm {
    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a client asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The service; `None` if it named none.
    pub audience: Option<ServiceId>,
    /// The scopes; `None` if it named none.
    pub scopes: Option<TokenScopes>,
}

/// What a client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGrant {
    /// The service that accepts the token.
    pub audience: ServiceId,
    /// What it may do there.
    pub scopes: TokenScopes,
}

/// Why a client gets no token (RFC 6749 §5.2, RFC 8707 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenRefusal {
    /// The client may not use this grant type.
    #[error("unauthorized_client")]
    UnauthorizedClient,
    /// The service is none of the client's, or has to be named.
    #[error("invalid_target")]
    InvalidTarget,
    /// A scope is none of the client's, or the service does not know it.
    #[error("invalid_scope")]
    InvalidScope,
}

/// Decides what a client gets that has authenticated. `known` are the scopes of the service, by id.
///
/// # Errors
/// [`TokenRefusal`].
pub fn decide(
    client: &Client,
    grant_type: GrantType,
    request: &TokenRequest,
    known: impl FnOnce(ServiceId) -> TokenScopes,
) -> Result<TokenGrant, TokenRefusal> {
    if !client.grant_types.contains(&grant_type) {
        return Err(TokenRefusal::UnauthorizedClient);
    }
    let audience = request
        .audience
        .or_else(|| client.only_audience())
        .filter(|audience| client.audiences.contains(audience))
        .ok_or(TokenRefusal::InvalidTarget)?;
    let allowed = client.scopes.intersection(&known(audience));
    let scopes = match &request.scopes {
        // A client that names none gets what it may have (RFC 6749 §3.3).
        None => allowed,
        Some(scopes) if allowed.contains_all(scopes) => scopes.clone(),
        Some(_) => return Err(TokenRefusal::InvalidScope),
    };
    Ok(TokenGrant { audience, scopes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::ClientId, tokens::client::ClientKind};
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn service(number: u128) -> ServiceId {
        ServiceId::from_uuid(Uuid::from_u128(number))
    }

    fn scopes(text: &str) -> TokenScopes {
        text.parse().unwrap()
    }

    fn client(audiences: &[u128]) -> Client {
        Client {
            id: ClientId::from_uuid(Uuid::nil()),
            name: "Backup".parse().unwrap(),
            kind: ClientKind::Confidential,
            grant_types: [GrantType::ClientCredentials].into(),
            audiences: audiences.iter().copied().map(service).collect(),
            scopes: scopes("read write"),
            redirect_uris: std::collections::BTreeSet::new(),
            algorithm: TokenAlgorithm::default(),
            token_lifetime: LIFETIME,
            keys: None,
            requires_dpop: false,
            created_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn ask(
        audiences: &[u128],
        audience: Option<u128>,
        asked: Option<&str>,
        known: &str,
    ) -> Result<(ServiceId, String), TokenRefusal> {
        let request = TokenRequest {
            audience: audience.map(service),
            scopes: asked.map(scopes),
        };
        let grant = GrantType::ClientCredentials;
        decide(&client(audiences), grant, &request, |_| scopes(known))
            .map(|grant| (grant.audience, grant.scopes.to_string()))
    }

    #[test]
    fn a_client_gets_tokens_for_its_own_services_alone() {
        let target = Err(TokenRefusal::InvalidTarget);
        assert_eq!(
            ask(&[1], None, None, "read"),
            Ok((service(1), "read".to_owned()))
        );
        assert_eq!(
            ask(&[1, 2], Some(2), None, ""),
            Ok((service(2), String::new()))
        );
        assert_eq!(ask(&[1, 2], None, None, "read"), target);
        assert_eq!(ask(&[1], Some(2), None, "read"), target);
        assert_eq!(ask(&[], None, None, "read"), target);
    }

    #[test]
    fn a_token_has_no_scope_that_client_or_service_does_not_have() {
        let wrong = Err(TokenRefusal::InvalidScope);
        let got = |text: &str| Ok((service(1), text.to_owned()));
        assert_eq!(
            ask(&[1], None, None, "read write delete"),
            got("read write")
        );
        assert_eq!(ask(&[1], None, Some("read"), "read write"), got("read"));
        assert_eq!(ask(&[1], None, Some("delete"), "delete"), wrong);
        assert_eq!(ask(&[1], None, Some("write"), "read"), wrong);
        assert_eq!(ask(&[1], None, Some("read write"), "read"), wrong);
        assert_eq!(ask(&[1], None, Some(""), "read"), got(""));
    }

    #[test]
    fn a_client_uses_only_its_grant_types() {
        for grant in [GrantType::DeviceCode, GrantType::RefreshToken] {
            let asked = decide(&client(&[1]), grant, &TokenRequest::default(), |_| {
                TokenScopes::default()
            });
            assert_eq!(asked, Err(TokenRefusal::UnauthorizedClient));
        }
    }
}
