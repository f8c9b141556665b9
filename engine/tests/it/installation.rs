//! An installation in a directory, whose master key file the test writes.

use crate::test_engine::{CLIENT, OPERATOR, START, new_user, totp};
use latchkey_domain::identity::user::PasskeyOnly;
use latchkey_engine::{
    Clock, Engine, MasterKeyFault, NewService, OpenError, Rng, Settings, SignedIn, VerifyDecision,
};
use sea_orm::{ConnectionTrait, Database, QueryResult, Statement};
use std::fs;
use tempfile::TempDir;

pub(crate) const OLD: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
pub(crate) const NEW: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

pub(crate) struct Installation {
    dir: TempDir,
    pub(crate) clock: Clock,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let installation = Self {
            dir: tempfile::tempdir().unwrap(),
            clock: Clock::manual(START),
        };
        installation.master_keys(&[OLD]);
        installation
    }

    /// Writes the master key file.
    pub(crate) fn master_keys(&self, lines: &[&str]) {
        let path = self.key_file();
        fs::write(&path, lines.join("\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    fn key_file(&self) -> std::path::PathBuf {
        self.dir.path().join("keys")
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            data_dir: self.dir.path().join("data"),
            database_url: None,
            redis_url: None,
            master_key_file: Some(self.key_file()),
            public_url: "http://localhost:3000".parse().unwrap(),
            site_name: "Latchkey".to_owned(),
            passkey_only: PasskeyOnly::default(),
            key_rotation: None,
            sends_mail: false,
            recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
            recovery_confirms_by_mail: false,
            risk: latchkey_engine::RiskSettings::off(),
            passkeys: latchkey_engine::PasskeySettings::default(),
            clock: self.clock.clone(),
            rng: Rng::system().unwrap(),
        }
    }

    /// Opens it, or returns what is wrong with its master key file.
    pub(crate) async fn try_open(&self) -> Result<Engine, MasterKeyFault> {
        let opened = Engine::open(self.settings()).await;
        opened.map_err(|refused| match refused {
            OpenError::MasterKey { fault, .. } => fault,
            other => panic!("{other}"),
        })
    }

    pub(crate) async fn open(&self) -> Engine {
        self.try_open().await.unwrap()
    }

    /// The rows that a statement returns.
    pub(crate) async fn sql(&self, statement: &str) -> Vec<QueryResult> {
        let database = self.dir.path().join("data/latchkey.db");
        let db = Database::connect(format!("sqlite://{}", database.display()));
        let db = db.await.unwrap();
        let statement = Statement::from_string(db.get_database_backend(), statement);
        let rows = db.query_all_raw(statement).await.unwrap();
        db.close().await.unwrap();
        rows
    }
}

/// A user with an authenticator app, a device and a grant.
pub(crate) struct Ada {
    pub(crate) uri: String,
    signed_in: SignedIn,
    token: String,
}

impl Ada {
    pub(crate) async fn new(engine: &Engine) -> Self {
        let ada = new_user("ada@example.com");
        let made = engine.add_user_with_totp(&OPERATOR, ada, &CLIENT);
        let (_, uri) = made.await.unwrap().commit().await.unwrap();
        let uri = uri.expose_secret().to_owned();
        let service = engine.add_service(&OPERATOR, "photos", NewService::default(), &CLIENT);
        let (_, token) = service.await.unwrap().commit().await.unwrap();
        let scopes = "read:email".parse().unwrap();
        engine
            .add_grant(
                &OPERATOR,
                "ada@example.com",
                "photos",
                scopes,
                None,
                &CLIENT,
            )
            .await
            .unwrap();
        Self {
            signed_in: register(engine, &uri).await.unwrap(),
            uri,
            token: token.expose_secret().to_owned(),
        }
    }

    pub(crate) fn cookie(&self) -> String {
        self.signed_in.cookie.value.expose_secret().to_owned()
    }

    pub(crate) async fn is_granted(&self, engine: &Engine, cookie: &str) -> bool {
        let decision = engine.verify("photos", Some(&self.token), Some(cookie));
        matches!(decision.await, VerifyDecision::Granted(_))
    }

    pub(crate) async fn subject(&self, engine: &Engine, cookie: &str) -> String {
        match engine
            .verify("photos", Some(&self.token), Some(cookie))
            .await
        {
            VerifyDecision::Granted(granted) => granted.subject.to_string(),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn register(engine: &Engine, uri: &str) -> latchkey_engine::Result<SignedIn> {
    let code = totp(uri, engine.now());
    engine
        .register_device("ada@example.com", &code, "", None, &CLIENT)
        .await
}
