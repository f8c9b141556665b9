//! An engine on a file, with services, clients and their tokens.

use latchkey_domain::{
    access::permission::Operator,
    id::ClientId,
    identity::user::{PasskeyOnly, Role},
    tokens::{
        access_token::TokenAlgorithm,
        client::{ClientKind, GrantType},
        policy::TokenUse,
    },
};
use latchkey_engine::{
    CallerCredentials, ClientCredentials, Clock, Engine, IssuedToken, NewAccessTokens, NewClient,
    NewService, NewUser, PresentedToken, RequestOrigin, Rng, Settings, TokenParameters,
    VerifyDecision,
};
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct TokenEngine {
    engine: Engine,
    services: AtomicUsize,
    _data: tempfile::TempDir,
}

/// A client, and the service that accepts its tokens.
#[derive(Clone)]
pub(crate) struct TestClient {
    id: ClientId,
    id_text: String,
    secret: Option<String>,
    service: String,
    service_token: String,
}

impl TokenEngine {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let engine = Engine::open(Settings {
            data_dir: data.path().to_owned(),
            database_url: None,
            redis_url: None,
            master_key_file: None,
            public_url: "https://login.example.com".parse().unwrap(),
            site_name: "Bench".to_owned(),
            passkey_only: PasskeyOnly::default(),
            key_rotation: None,
            sends_mail: false,
            recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
            recovery_confirms_by_mail: false,
            risk: latchkey_engine::RiskSettings::off(),
            passkeys: latchkey_engine::PasskeySettings::default(),
            clock: Clock::system(),
            rng: Rng::system().unwrap(),
        })
        .await
        .unwrap();
        engine.spawn_change_feed();
        Self {
            engine,
            services: AtomicUsize::new(0),
            _data: data,
        }
    }

    /// A client with a service of its own.
    pub(crate) async fn client(
        &self,
        token_use: TokenUse,
        algorithm: TokenAlgorithm,
    ) -> TestClient {
        self.add_client(token_use, |new| new.algorithm = algorithm)
            .await
    }

    async fn add_client(
        &self,
        token_use: TokenUse,
        change: impl FnOnce(&mut NewClient),
    ) -> TestClient {
        let (engine, origin) = (&self.engine, RequestOrigin::default());
        let number = self.services.fetch_add(1, Ordering::Relaxed);
        let service = format!("photos-{number}");
        let added = engine.add_service(&Operator, &service, NewService::default(), &origin);
        let (_, service_token) = added.await.unwrap().commit().await.unwrap();
        engine
            .change_access_tokens(
                &Operator,
                &service,
                NewAccessTokens::new("read write", token_use),
                &origin,
            )
            .await
            .unwrap();
        let mut new = NewClient::new(&service, ClientKind::Confidential, &service, "read write");
        change(&mut new);
        let added = engine.add_client(&Operator, new, &origin).await.unwrap();
        let (client, secret) = added.commit().await.unwrap();
        TestClient {
            id: client.id,
            id_text: client.id.to_string(),
            secret: secret.map(|secret| secret.expose_secret().to_owned()),
            service,
            service_token: service_token.expose_secret().to_owned(),
        }
    }

    /// As many token families of one client, each of a user of its own: their refresh tokens.
    pub(crate) async fn families(&self, count: usize) -> (TestClient, Vec<String>) {
        let client = self
            .add_client(TokenUse::Reusable, |new| {
                new.grant_types = [GrantType::DeviceCode, GrantType::RefreshToken].into();
            })
            .await;
        let users: Vec<_> = (0..count)
            .map(|number| NewUser {
                email: format!("user{number}@example.com"),
                name: String::new(),
                role: Role::Member,
            })
            .collect();
        let services = [client.service.clone()];
        let seeded = self.engine.seed_users(&Operator, &users, 1, &services);
        let mut tokens = Vec::new();
        for cookie in seeded.await.unwrap() {
            let cookie = cookie.value.expose_secret();
            let token = self.engine.seed_token_family(&Operator, client.id, cookie);
            tokens.push(token.await.unwrap().expose_secret().to_owned());
        }
        (client, tokens)
    }

    async fn request(&self, client: &TestClient, parameters: TokenParameters<'_>) -> IssuedToken {
        let credentials = ClientCredentials {
            id: Some(&client.id_text),
            secret: client.secret.as_deref(),
            assertion: None,
        };
        let origin = RequestOrigin::default();
        let issued = self.engine.issue_token(credentials, parameters, &origin);
        issued.await.unwrap()
    }

    /// An access token for the client itself.
    pub(crate) async fn issue(&self, client: &TestClient) -> String {
        let parameters = TokenParameters {
            grant_type: Some("client_credentials"),
            ..TokenParameters::default()
        };
        let issued = self.request(client, parameters).await;
        issued.access_token.expose_secret().to_owned()
    }

    /// The next refresh token.
    pub(crate) async fn refresh(&self, client: &TestClient, token: &str) -> String {
        let parameters = TokenParameters {
            grant_type: Some("refresh_token"),
            refresh_token: Some(token),
            ..TokenParameters::default()
        };
        let issued = self.request(client, parameters).await;
        issued.refresh_token.unwrap().expose_secret().to_owned()
    }

    /// Whether the client's service accepts an access token.
    pub(crate) async fn accepts(&self, client: &TestClient, token: &str) -> bool {
        let caller = CallerCredentials {
            cookie: None,
            origin: latchkey_engine::CallerOrigin::default(),
            access_token: Some(&PresentedToken {
                text: token,
                proof: None,
            }),
        };
        let token = Some(&*client.service_token);
        let decision = self.engine.verify(&client.service, token, caller).await;
        matches!(decision, VerifyDecision::TokenAccepted(_))
    }
}
