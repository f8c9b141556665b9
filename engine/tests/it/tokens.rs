//! Access tokens of clients: who gets which, and how long one is accepted.

mod administrator;
mod approval;
mod bound;
mod client;
mod device_grant;
mod explanation;
mod families;
mod introspection;
mod issued;
mod management;
mod native;
mod native_ends;
mod policy;
mod redis_marks;
mod refresh;
mod restored;
mod reuse;
mod revocation;
mod rs256;

use crate::{
    test_engine::{OPERATOR, TestEngine, origin},
    verify::word,
};
use latchkey_domain::tokens::{client::ClientKind, policy::TokenUse};
use latchkey_engine::{
    CallerCredentials, ClientCredentials, Engine, IssuedToken, NewAccessTokens, NewClient,
    PresentedToken, RequestOrigin, TokenError, TokenParameters,
};
use std::sync::LazyLock;

static ORIGIN: LazyLock<RequestOrigin> = LazyLock::new(origin);

/// A confidential client for these services and scopes.
pub(crate) fn new_client(name: &str, audiences: &str, scopes: &str) -> NewClient {
    NewClient::new(name, ClientKind::Confidential, audiences, scopes)
}

/// A client with its credentials.
#[derive(Clone)]
pub(crate) struct TestClient {
    id: String,
    secret: String,
}

impl TestClient {
    pub(crate) async fn add(engine: &Engine, new: NewClient) -> Self {
        let added = engine.add_client(&OPERATOR, new, &ORIGIN).await.unwrap();
        let (client, secret) = added.commit().await.unwrap();
        Self {
            id: client.id.to_string(),
            secret: secret.map_or_else(String::new, |text| text.expose_secret().to_owned()),
        }
    }

    pub(crate) fn credentials(&self) -> ClientCredentials<'_> {
        ClientCredentials {
            id: Some(&self.id),
            secret: Some(&*self.secret).filter(|secret| !secret.is_empty()),
            assertion: None,
        }
    }

    /// Whatever grant type the parameters have.
    async fn request(
        &self,
        engine: &Engine,
        parameters: TokenParameters<'_>,
    ) -> Result<IssuedToken, TokenError> {
        (engine.issue_token(self.credentials(), parameters, &ORIGIN)).await
    }

    async fn ask(
        &self,
        engine: &Engine,
        parameters: TokenParameters<'_>,
    ) -> Result<IssuedToken, TokenError> {
        let parameters = TokenParameters {
            grant_type: Some("client_credentials"),
            ..parameters
        };
        (engine.issue_token(self.credentials(), parameters, &ORIGIN)).await
    }

    /// A token for the client's only service, with all that it may have.
    async fn token(&self, engine: &Engine) -> String {
        let issued = self.ask(engine, TokenParameters::default()).await.unwrap();
        issued.access_token.expose_secret().to_owned()
    }
}

/// A service `photos` with the scopes `read` and `write`, its token, and a client that may have both.
async fn photos(test: &TestEngine, token_use: TokenUse) -> (String, TestClient) {
    let service = test.service("photos").await;
    let engine = &test.engine;
    engine
        .change_access_tokens(
            &OPERATOR,
            "photos",
            NewAccessTokens::new("read write", token_use),
            &ORIGIN,
        )
        .await
        .unwrap();
    let client = TestClient::add(engine, new_client("Backup", "photos", "read write")).await;
    (service, client)
}

fn bearer(text: &str) -> PresentedToken<'_> {
    PresentedToken { text, proof: None }
}

/// What the service is told about whoever brings an access token.
async fn ask(engine: &Engine, service: &str, token: &str, access_token: &str) -> &'static str {
    let caller = CallerCredentials {
        cookie: None,
        origin: latchkey_engine::CallerOrigin::default(),
        access_token: Some(&bearer(access_token)),
    };
    word(&engine.verify(service, Some(token), caller).await)
}
