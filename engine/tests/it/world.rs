//! A small world to test in, and the people in it.

use latchkey_domain::{
    access::{Account, Administrator},
    grant::Scopes,
    id::UserId,
    user::Role,
};
use latchkey_engine::{
    Client, Clock, Engine, NewService, NewUser, Result, Rng, SessionFacts, Settings, SignedIn,
};
use time::{OffsetDateTime, macros::datetime};
use totp_rs::{Builder, Secret};

pub(crate) const START: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    _dir: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let settings = Settings {
            data_dir: dir.path().to_owned(),
            database_url: Some("sqlite::memory:".to_owned()),
            master_key_file: None,
            public_url: "http://localhost:3000".parse().unwrap(),
            site_name: "Latchkey".to_owned(),
            clock: clock.clone(),
            rng: Rng::seeded(7),
        };
        Self {
            engine: Engine::open(settings).await.unwrap(),
            clock,
            _dir: dir,
        }
    }

    /// The code that an authenticator app shows now for an `otpauth://` URI.
    pub(crate) fn totp(&self, uri: &str) -> String {
        totp(uri, self.engine.now())
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(time::Duration::seconds(seconds));
    }

    /// Somebody with an authenticator app and no device; the URI of the app.
    pub(crate) async fn provisioned(&self, email: &str) -> (UserId, String) {
        let (user, uri) = self
            .engine
            .add_user_with_totp(&Administrator::Operator, new_user(email), &client())
            .await
            .unwrap();
        (user.id, uri.reveal_once().to_owned())
    }

    /// Types address and code where no device is registered yet.
    pub(crate) async fn register(&self, email: &str, code: &str) -> Result<SignedIn> {
        self.engine
            .register_device(email, code, "", None, &client())
            .await
    }

    /// Somebody on a device registered with a code.
    pub(crate) async fn registered(&self, email: &str) -> SignedIn {
        let (_, uri) = self.provisioned(email).await;
        self.register(email, &self.totp(&uri)).await.unwrap()
    }

    /// A service and its token.
    pub(crate) async fn service(&self, name: &str) -> String {
        let new = NewService {
            hosts: format!("{name}.example.com"),
            ..NewService::default()
        };
        let (_, token) = self
            .engine
            .add_service(&Administrator::Operator, name, new, &client())
            .await
            .unwrap();
        token.reveal_once().to_owned()
    }

    pub(crate) async fn grant(&self, email: &str, service: &str, scopes: &str) {
        let scopes: Scopes = scopes.parse().unwrap();
        self.engine
            .add_grant(
                &Administrator::Operator,
                email,
                service,
                scopes,
                None,
                &client(),
            )
            .await
            .unwrap();
    }

    /// Whether the device cookie of a sign-in still names somebody.
    pub(crate) async fn knows(&self, signed_in: &SignedIn) -> bool {
        self.engine
            .identify(Some(cookie(signed_in)), None)
            .await
            .unwrap()
            .is_some()
    }

    /// The person behind a sign-in, as the next request of their browser finds them.
    pub(crate) async fn account(&self, signed_in: &SignedIn) -> Option<Account> {
        let session = SessionFacts {
            device_id: signed_in.account.device_id,
            sign_in: signed_in.account.sign_in.unwrap(),
        };
        let found = self
            .engine
            .identify(Some(cookie(signed_in)), Some(session))
            .await
            .unwrap();
        found.map(|found| found.account)
    }
}

/// A member whose name is made from the address.
pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser {
        email: email.to_owned(),
        name: String::new(),
        role: Role::User,
    }
}

/// The code that an authenticator app shows at a time for an `otpauth://` URI.
pub(crate) fn totp(uri: &str, at: OffsetDateTime) -> String {
    let (_, rest) = uri.split_once("secret=").unwrap();
    let secret = rest.split('&').next().unwrap();
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build()
        .unwrap();
    totp.generate(u64::try_from(at.unix_timestamp()).unwrap())
        .to_string()
}

pub(crate) fn client() -> Client {
    Client {
        ip: Some([203, 0, 113, 9].into()),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".to_owned(),
    }
}

pub(crate) fn cookie(signed_in: &SignedIn) -> &str {
    signed_in.cookie.value.reveal_once()
}

/// The code at the end of a link.
pub(crate) fn code_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}
