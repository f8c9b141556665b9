//! Sample clients, one of which gets a token each day.

use super::NotFilled;
use latchkey_domain::{
    access::permission::Operator,
    tokens::{
        access_token::TokenAlgorithm,
        client::{ClientKind, GrantType, SECRET_OVERLAP},
        policy::TokenUse,
    },
};
use latchkey_engine::{
    ClientCredentials, Engine, Error, NewAccessTokens, NewClient, RequestOrigin, TokenError,
    TokenParameters,
};

/// Services whose tokens have scopes.
const SCOPES: [(&str, &str, TokenUse); 3] = [
    ("photos", "albums:read albums:write", TokenUse::SingleActive),
    ("files", "files:read", TokenUse::Reusable),
    ("metrics", "metrics:write", TokenUse::OneShot),
];

/// The client that gets a token each day.
pub(super) struct Backup {
    id: String,
    secret: String,
    origin: RequestOrigin,
}

/// Adds the clients.
pub(super) async fn add(engine: &Engine) -> Result<Backup, NotFilled> {
    let (operator, origin) = (Operator, RequestOrigin::default());
    for (service, scopes, token_use) in SCOPES {
        engine
            .change_access_tokens(
                &operator,
                service,
                NewAccessTokens::new(scopes, token_use),
                &origin,
            )
            .await?;
    }
    let backup = new_client("Backup", "photos files", "albums:read files:read");
    let gateway = NewClient {
        algorithm: TokenAlgorithm::Es256,
        ..new_client("Sensor gateway", "metrics", "metrics:write")
    };
    let app = NewClient {
        kind: ClientKind::Public,
        grant_types: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
        ..new_client("Album uploader", "photos", "albums:write")
    };
    for new in [gateway, app] {
        let added = engine.add_client(&operator, new, &origin).await?;
        added.commit().await?;
    }
    let added = engine.add_client(&operator, backup, &origin).await?;
    let (client, secret) = added.commit().await?;
    Ok(Backup {
        id: client.id.to_string(),
        secret: secret
            .map(|secret| secret.expose_secret().to_owned())
            .unwrap_or_default(),
        origin: RequestOrigin {
            ip: Some([192, 0, 2, 80].into()),
            user_agent: "backup/2.1".to_owned(),
        },
    })
}

/// Rotates the secret of one of them, so that its old one is about to expire.
pub(super) async fn rotate(engine: &Engine) -> Result<(), NotFilled> {
    let (operator, origin) = (Operator, RequestOrigin::default());
    engine
        .rotate_client_secret(&operator, "Sensor gateway", SECRET_OVERLAP, &origin)
        .await?
        .commit()
        .await?;
    Ok(())
}

fn new_client(name: &str, audiences: &str, scopes: &str) -> NewClient {
    NewClient::new(name, ClientKind::Confidential, audiences, scopes)
}

impl Backup {
    /// Gets a token.
    pub(super) async fn get_token(&self, engine: &Engine) -> Result<(), NotFilled> {
        let credentials = ClientCredentials {
            id: Some(&self.id),
            secret: Some(&self.secret),
            assertion: None,
        };
        let parameters = TokenParameters {
            grant_type: Some(GrantType::ClientCredentials.as_str()),
            audience: Some("photos"),
            ..TokenParameters::default()
        };
        let issued = engine
            .issue_token(credentials, parameters, &self.origin)
            .await;
        match issued {
            Ok(_) => Ok(()),
            Err(TokenError::Failed(cause)) => Err(cause.into()),
            Err(refused) => Err(Error::internal(refused).into()),
        }
    }
}
