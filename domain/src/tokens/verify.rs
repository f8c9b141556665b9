//! Whether a service accepts an access token whose signature, issuer and times are right.

use crate::{
    id::ServiceId,
    tokens::{client::GrantType, scope::TokenScopes},
};
use std::collections::BTreeSet;

/// What a token claims.
#[derive(Debug, Clone, Copy)]
pub struct Claimed<'a> {
    /// The service in `aud`, if there is one of that name.
    pub audience: Option<ServiceId>,
    /// How its client got it.
    pub grant_type: GrantType,
    /// The scopes.
    pub scopes: &'a TokenScopes,
}

/// What is known of its client now, after whatever happened since the token was issued.
#[derive(Debug, Clone, Copy)]
pub struct ClientFacts<'a> {
    /// The services that it gets tokens for.
    pub audiences: &'a BTreeSet<ServiceId>,
    /// How it gets tokens.
    pub grant_types: &'a BTreeSet<GrantType>,
    /// The scopes that it may ask for.
    pub scopes: &'a TokenScopes,
    /// Whether the credential with which it got the token is still accepted.
    pub has_credential: bool,
}

/// Whether a token still holds: of what it claims, nothing may have been taken from its client since.
#[must_use]
pub fn holds(claimed: Claimed<'_>, client: Option<ClientFacts<'_>>) -> bool {
    let (Some(audience), Some(client)) = (claimed.audience, client) else {
        return false;
    };
    client.has_credential
        && client.grant_types.contains(&claimed.grant_type)
        && client.audiences.contains(&audience)
        && client.scopes.contains_all(claimed.scopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn service(number: u128) -> ServiceId {
        ServiceId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn r15_a_token_ends_with_everything_that_it_rests_on() {
        let scopes = |text: &str| text.parse::<TokenScopes>().unwrap();
        let (one, other) = ([service(1)].into(), [service(2)].into());
        let (own, none) = ([GrantType::ClientCredentials].into(), BTreeSet::new());
        let (read, write) = (scopes("read"), scopes("write"));
        let claimed = Claimed {
            audience: Some(service(1)),
            grant_type: GrantType::ClientCredentials,
            scopes: &read,
        };
        let client = ClientFacts {
            audiences: &one,
            grant_types: &own,
            scopes: &read,
            has_credential: true,
        };
        assert!(holds(claimed, Some(client)));
        for (what, claimed, client) in [
            ("its client was deleted", claimed, None),
            (
                "its service was deleted",
                Claimed {
                    audience: None,
                    ..claimed
                },
                Some(client),
            ),
            (
                "its client lost the service",
                claimed,
                Some(ClientFacts {
                    audiences: &other,
                    ..client
                }),
            ),
            (
                "its client lost the grant type",
                claimed,
                Some(ClientFacts {
                    grant_types: &none,
                    ..client
                }),
            ),
            (
                "its client lost the scope",
                claimed,
                Some(ClientFacts {
                    scopes: &write,
                    ..client
                }),
            ),
            (
                "its secret was replaced",
                claimed,
                Some(ClientFacts {
                    has_credential: false,
                    ..client
                }),
            ),
        ] {
            assert!(!holds(claimed, client), "{what}");
        }
    }
}
