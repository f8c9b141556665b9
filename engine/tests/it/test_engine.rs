//! A test engine, and helpers for its users.

use latchkey_domain::{
    access::access_grant::Scopes,
    access::permission::{CurrentUser, Operator},
    id::{DeviceId, UserId},
    identity::user::{PasskeyOnly, Role, UserView},
};
use latchkey_engine::{
    Clock, Engine, Error, KnownBrowser, NewService, NewUser, Refusal, RequestOrigin, Result, Rng,
    SessionFacts, SessionRow, Settings, SignedIn,
};
use std::sync::LazyLock;
use time::{OffsetDateTime, macros::datetime};
use totp_rs::{Builder, Secret};

pub(crate) static OPERATOR: Operator = Operator;
pub(crate) const START: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

pub(crate) struct TestEngine {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    settings: Settings,
    dir: tempfile::TempDir,
}

impl TestEngine {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// On a database file, with as many connections as in production.
    pub(crate) async fn on_disk() -> Self {
        Self::with(|settings| settings.database_url = None).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let mut settings = Settings {
            data_dir: dir.path().to_owned(),
            database_url: Some("sqlite::memory:".to_owned()),
            redis_url: None,
            master_key_file: None,
            public_url: "http://localhost:3000".parse().unwrap(),
            site_name: "Latchkey".to_owned(),
            passkey_only: PasskeyOnly::default(),
            key_rotation: None,
            sends_mail: false,
            recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
            recovery_confirms_by_mail: false,
            risk: latchkey_engine::RiskSettings::off(),
            passkeys: latchkey_engine::PasskeySettings::default(),
            clock: clock.clone(),
            rng: Rng::seeded(7),
        };
        change(&mut settings);
        Self {
            engine: Engine::open(settings.clone()).await.unwrap(),
            clock,
            settings,
            dir,
        }
    }

    /// An engine as another process has it, on the same database file.
    pub(crate) async fn second_process(&self) -> Engine {
        let settings = Settings {
            rng: Rng::seeded(8),
            ..self.settings.clone()
        };
        Engine::open(settings).await.unwrap()
    }

    /// Where its files are.
    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// The code that an authenticator app shows now for an `otpauth://` URI.
    pub(crate) fn totp(&self, uri: &str) -> String {
        totp(uri, self.engine.now())
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(time::Duration::seconds(seconds));
    }

    /// A user with an authenticator app and no device; the URI of the app.
    pub(crate) async fn provisioned(&self, email: &str) -> (UserId, String) {
        let (user, uri) = self
            .engine
            .add_user_with_totp(&OPERATOR, new_user(email), &origin())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        (user.id, uri.expose_secret().to_owned())
    }

    /// Registers a new device with e-mail and code.
    pub(crate) async fn register(&self, email: &str, code: &str) -> Result<SignedIn> {
        self.register_on(email, code, None).await
    }

    /// The same in a browser that is or was a device.
    pub(crate) async fn register_on(
        &self,
        email: &str,
        code: &str,
        browser: Option<KnownBrowser>,
    ) -> Result<SignedIn> {
        self.engine
            .register_device(email, code, "", browser, &origin())
            .await
    }

    /// A user on a device registered with a code.
    pub(crate) async fn registered(&self, email: &str) -> SignedIn {
        let (_, uri) = self.provisioned(email).await;
        self.register(email, &self.totp(&uri)).await.unwrap()
    }

    /// The same with the code that the app shows now, which must be accepted.
    pub(crate) async fn sign_in(&self, email: &str, uri: &str) -> SignedIn {
        self.register(email, &self.totp(uri)).await.unwrap()
    }

    pub(crate) async fn user(&self, email: &str) -> UserView {
        let user = self.engine.user_by_email(&OPERATOR, email).await;
        user.unwrap()
    }

    pub(crate) async fn set_role(&self, user: UserId, role: Role) {
        let changed = self.engine.set_role(&OPERATOR, user, role, &origin()).await;
        changed.unwrap();
    }

    pub(crate) async fn disable(&self, user: UserId) {
        let disabled = self.engine.disable_user(&OPERATOR, user, &origin()).await;
        disabled.unwrap();
    }

    pub(crate) async fn enable(&self, user: UserId) {
        let enabled = self.engine.enable_user(&OPERATOR, user, &origin()).await;
        enabled.unwrap();
    }

    pub(crate) async fn revoke(&self, device: DeviceId) {
        let client = origin();
        let revoked = self.engine.revoke_device(&OPERATOR, device, &[], &client);
        revoked.await.unwrap();
    }

    /// A service and its token.
    pub(crate) async fn service(&self, name: &str) -> String {
        let new = NewService {
            hosts: format!("{name}.example.com"),
            ..NewService::default()
        };
        let (_, token) = self
            .engine
            .add_service(&OPERATOR, name, new, &origin())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        token.expose_secret().to_owned()
    }

    pub(crate) async fn grant(&self, email: &str, service: &str, scopes: &str) {
        let scopes: Scopes = scopes.parse().unwrap();
        self.engine
            .add_grant(&OPERATOR, email, service, scopes, None, &origin())
            .await
            .unwrap();
    }

    /// How many entries the audit log has.
    pub(crate) async fn entries(&self) -> u64 {
        let query = latchkey_domain::pagination::ListQuery::default();
        let events = self.engine.list_events(&OPERATOR, &query);
        events.await.unwrap().total
    }

    /// Whether the device cookie of a sign-in is still valid.
    pub(crate) async fn knows(&self, signed_in: &SignedIn) -> bool {
        self.engine
            .authenticate(Some(cookie(signed_in)), None)
            .await
            .unwrap()
            .current_user
            .is_some()
    }

    /// A session for a sign-in, as the web layer begins one.
    pub(crate) async fn session(&self, signed_in: &SignedIn) -> SessionFacts {
        let (device_id, sign_in) = (
            signed_in.current_user.device_id,
            signed_in.current_user.sign_in.unwrap(),
        );
        let id = device_id.uuid().into_bytes();
        let row = SessionRow {
            device_id: Some(device_id),
            data: Vec::new(),
            expires_at: sign_in.at + time::Duration::DAY,
        };
        // The same session, if it was begun before.
        let _ = self.engine.create_session(&id, row).await;
        let found = self.engine.load_session(&id).await.unwrap();
        SessionFacts {
            device_id,
            sign_in,
            digest: found.map_or([0; 32], |found| found.digest),
        }
    }

    /// The user of a sign-in, as the next request of the browser sees it.
    pub(crate) async fn current_user(&self, signed_in: &SignedIn) -> Option<CurrentUser> {
        let session = self.session(signed_in).await;
        self.engine
            .authenticate(Some(cookie(signed_in)), Some(session))
            .await
            .unwrap()
            .current_user
    }
}

/// A member whose name is made from the address.
pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser {
        email: email.to_owned(),
        name: String::new(),
        role: Role::Member,
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

/// The default client.
pub(crate) static CLIENT: LazyLock<RequestOrigin> = LazyLock::new(origin);

pub(crate) fn origin() -> RequestOrigin {
    from([203, 0, 113, 9])
}

/// A client at another address.
pub(crate) fn from(ip: [u8; 4]) -> RequestOrigin {
    RequestOrigin {
        ip: Some(ip.into()),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".to_owned(),
    }
}

pub(crate) fn cookie(signed_in: &SignedIn) -> &str {
    signed_in.cookie.value.expose_secret()
}

/// Refused for what was typed, and not for how often.
pub(crate) fn is_refused<T>(response: &Result<T>) -> bool {
    matches!(response, Err(Error::Refused(Refusal::InvalidCredentials)))
}
