//! For tests of internals: an engine in memory, a service, and users who may enter it.

use crate::{Clock, Engine, NewService, NewUser, RequestOrigin, Rng, Settings, VerifyDecision};
use latchkey_domain::{
    access::permission::Operator,
    id::UserId,
    identity::user::{PasskeyOnly, Role},
};
use sea_orm::ConnectionTrait;

pub(crate) struct TestEngine {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) token: String,
    _data: tempfile::TempDir,
}

impl TestEngine {
    /// One service, `photos`.
    pub(crate) async fn new() -> Self {
        Self::with(|settings| settings.database_url = Some("sqlite::memory:".to_owned())).await
    }

    /// The same in a file, where lanes have connections of their own.
    pub(crate) async fn in_file() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Clock::manual(time::macros::datetime!(2026-11-21 12:00 UTC));
        let mut settings = Settings {
            data_dir: data.path().to_owned(),
            database_url: None,
            redis_url: None,
            master_key_file: None,
            public_url: "http://localhost:3000".parse().unwrap(),
            site_name: String::new(),
            passkey_only: PasskeyOnly::default(),
            key_rotation: None,
            sends_mail: false,
            recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
            recovery_confirms_by_mail: false,
            risk: crate::RiskSettings::off(),
            passkeys: crate::PasskeySettings::default(),
            clock: clock.clone(),
            rng: Rng::seeded(7),
        };
        change(&mut settings);
        let engine = Engine::open(settings).await.unwrap();
        let (_, token) = engine
            .add_service(
                &Operator,
                "photos",
                NewService::default(),
                &RequestOrigin::default(),
            )
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        Self {
            engine,
            clock,
            token: token.expose_secret().to_owned(),
            _data: data,
        }
    }

    /// Users with a device and a grant each; their cookies.
    pub(crate) async fn users<const N: usize>(&self, emails: [&str; N]) -> [String; N] {
        let users = emails.map(|email| NewUser {
            email: email.to_owned(),
            name: String::new(),
            role: Role::Member,
        });
        let cookies = (self.engine)
            .seed_users(&Operator, &users, 1, &["photos".to_owned()])
            .await
            .unwrap();
        std::array::from_fn(|place| cookies[place].value.expose_secret().to_owned())
    }

    /// Gives a user a passkey, which was just used on their only device.
    pub(crate) async fn give_passkey(&self, email: &str) {
        let now = self.clock.now().unix_timestamp();
        let permit = self.engine.acquire_write_permit().await.unwrap();
        for sql in [
            format!(
                "INSERT INTO passkeys (id, user_id, device_id, credential_digest, credential, name, backed_up, created_at) \
                 SELECT randomblob(16), users.id, devices.id, x'00', '{{}}', 'Key', 0, {now} \
                 FROM users JOIN devices ON devices.user_id = users.id WHERE email = '{email}'"
            ),
            format!(
                "UPDATE devices SET passkey_verified_at = {now} \
                 WHERE user_id = (SELECT id FROM users WHERE email = '{email}')"
            ),
        ] {
            permit.db().execute_unprepared(&sql).await.unwrap();
        }
    }

    pub(crate) async fn id_of(&self, email: &str) -> UserId {
        let operator = Operator;
        let found = self.engine.user_by_email(&operator, email).await;
        found.unwrap().id
    }

    pub(crate) async fn delete(&self, id: UserId) {
        (self.engine)
            .delete_user(&Operator, id, &RequestOrigin::default())
            .await
            .unwrap();
    }

    pub(crate) async fn ask(&self, cookie: &str) -> VerifyDecision {
        (self.engine)
            .verify("photos", Some(&self.token), Some(cookie))
            .await
    }
}
