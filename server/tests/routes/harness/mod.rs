//! A complete Latchkey in a temporary directory, with a manual clock and seeded randomness,
//! and its users.

mod browser;
mod data_dir;
mod passkey;
mod response;
mod service;
mod user;

pub(crate) use browser::{Browser, ceremony_body};
pub(crate) use response::TestResponse;
pub(crate) use service::Service;
pub(crate) use user::TestUser;

use axum::{Router, routing::MethodRouter};
use data_dir::DataDir;
use latchkey::{
    config::{Config, Inputs},
    web::{
        Web,
        admission::{Admission, ProgramQuota, Quota, Quotas},
        public,
    },
};
use latchkey_domain::{
    access::access_grant::Scopes, access::permission::Operator, tokens::client::ClientKind,
};
use latchkey_engine::{Clock, Engine, NewClient, NewService, RequestOrigin, Rng};
use sea_orm::ConnectionTrait;
use std::time::Instant;
use time::{Duration, OffsetDateTime, macros::datetime};

/// The time at which every test begins.
pub(crate) const START: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// The host of the public URL.
pub(crate) const HOST: &str = "localhost:3000";

/// A whole Latchkey.
pub(crate) struct TestApp {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) web: Web,
    pub(crate) public: Router,
    /// The origin of its pages.
    pub(crate) origin: String,
    data: DataDir,
}

impl TestApp {
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// One with settings of its own.
    pub(crate) async fn with(settings: &[(&'static str, &str)]) -> Self {
        // The clock stands still, and tests send more requests than users do.
        let ample = Quota {
            burst: 100_000,
            per_second: 100_000,
        };
        let quotas = Quotas {
            device: ample,
            network: ample,
            network_programs: ample,
            programs: ample,
            program: ProgramQuota {
                requests: 0,
                ..Quotas::default().program
            },
            everybody: ample,
            attempts: ample,
            attempts_of_everybody: ample,
            ..Quotas::default()
        };
        // Not by the clock of Latchkey, which some tests set back.
        let start = Instant::now();
        let admission = Admission::new(quotas, move || start.elapsed());
        Self::in_dir(DataDir::new(), settings, Clock::manual(START), 7, admission).await
    }

    /// One with these quotas, by its own clock.
    pub(crate) async fn admitting(settings: &[(&'static str, &str)], quotas: Quotas) -> Self {
        let clock = Clock::manual(START);
        let ticks = clock.clone();
        let admission = Admission::new(quotas, move || {
            (ticks.now() - OffsetDateTime::UNIX_EPOCH)
                .try_into()
                .unwrap_or_default()
        });
        Self::in_dir(DataDir::new(), settings, clock, 7, admission).await
    }

    /// Another Latchkey, with keys of its own.
    pub(crate) async fn elsewhere(settings: &[(&'static str, &str)]) -> Self {
        let clock = Clock::manual(START);
        Self::in_dir(DataDir::new(), settings, clock, 9, Admission::default()).await
    }

    /// The same data, opened by another process with settings of its own.
    pub(crate) async fn reopen_with(self, settings: &[(&'static str, &str)]) -> Self {
        Self::in_dir(self.data, settings, self.clock, 8, Admission::default()).await
    }

    async fn in_dir(
        data: DataDir,
        settings: &[(&'static str, &str)],
        clock: Clock,
        dice: u64,
        admission: Admission,
    ) -> Self {
        let data_dir = ("data_dir", "--flag", data.path().display().to_string());
        let settings = settings
            .iter()
            .map(|(name, value)| (*name, "--flag", (*value).to_owned()));
        let config = Config::load(&Inputs {
            flags: settings.chain([data_dir]).collect(),
            ..Inputs::default()
        })
        .unwrap();
        let engine = Engine::open(config.engine_settings(clock.clone(), Rng::seeded(dice)))
            .await
            .unwrap();
        let web = Web::admitting(engine.clone(), &config, false, admission);
        Self {
            engine,
            clock,
            public: public::router(&web),
            web,
            origin: config.server.public_url.origin(),
            data,
        }
    }

    /// The same app with another handler on one of its routes.
    pub(crate) fn with_handler(self, path: &str, handler: MethodRouter<Web>) -> Self {
        Self {
            public: public::router_with(&self.web, path, handler),
            ..self
        }
    }

    /// The same data, opened by another process.
    pub(crate) async fn reopen(self) -> Self {
        self.reopen_with(&[]).await
    }

    /// Removes tables under the running process.
    pub(crate) async fn break_database(&self) {
        let url = format!(
            "sqlite://{}",
            self.data.path().join("latchkey.db").display()
        );
        let other = sea_orm::Database::connect(url).await.unwrap();
        for table in ["invalidations", "devices", "enrolment_codes", "services"] {
            other
                .execute_unprepared(&format!("ALTER TABLE {table} RENAME TO {table}_gone"))
                .await
                .unwrap();
        }
    }

    /// Changes the database under the running process.
    pub(crate) async fn sql(&self, statements: &str) {
        let path = self.data.path().join("latchkey.db");
        let url = format!("sqlite://{}", path.display());
        let other = sea_orm::Database::connect(url).await.unwrap();
        other.execute_unprepared(statements).await.unwrap();
    }

    /// Another process opens a write transaction and keeps it until it is dropped.
    pub(crate) async fn lock_writes(&self) -> sea_orm::DatabaseConnection {
        let path = self.data.path().join("latchkey.db");
        let mut one = sea_orm::ConnectOptions::new(format!("sqlite://{}", path.display()));
        one.max_connections(1);
        let other = sea_orm::Database::connect(one).await.unwrap();
        other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        other
    }

    /// The master key is rotated: a new line on top.
    pub(crate) async fn rotate_key(self) -> Self {
        let path = self.data.path().join("master.key");
        let old = std::fs::read_to_string(&path).unwrap();
        let new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0";
        std::fs::write(&path, format!("{new}\n{old}")).unwrap();
        self.reopen().await
    }

    /// The overlap is over: the line below is taken away.
    pub(crate) async fn forget_old_key(self) -> Self {
        let path = self.data.path().join("master.key");
        let keys = std::fs::read_to_string(&path).unwrap();
        let first = keys.lines().next().unwrap();
        std::fs::write(&path, first).unwrap();
        self.reopen().await
    }

    /// The host that browsers use.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("://").unwrap().1
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.engine.now()
    }

    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// A browser without a device.
    pub(crate) fn anon(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Adds a service.
    pub(crate) async fn service(&self, name: &str, new: NewService) -> Service<'_> {
        let (_, token) = self
            .engine
            .add_service(&Operator, name, new, &RequestOrigin::default())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        Service::new(self, name, token.expose_secret())
    }

    /// Adds a client of a service; returns its id.
    pub(crate) async fn client(&self, name: &str, service: &str) -> String {
        let new = NewClient::new(name, ClientKind::Confidential, service, "");
        let (operator, origin) = (Operator, RequestOrigin::default());
        let added = self.engine.add_client(&operator, new, &origin).await;
        let (client, _) = added.unwrap().commit().await.unwrap();
        client.id.to_string()
    }

    /// Adds a grant.
    pub(crate) async fn grant(&self, user: &TestUser, service: &str, scopes: Scopes) {
        self.engine
            .add_grant(
                &Operator,
                &user.email,
                service,
                scopes,
                None,
                &RequestOrigin::default(),
            )
            .await
            .unwrap();
    }
}
