//! The people who knock.

use crate::Outcome;
use latchkey_domain::{access::permission::Administrator, identity::user::Role};
use latchkey_engine::{
    Clock, Engine, IssuedCookie, NewService, NewUser, RequestOrigin, Rng, Settings,
};
use std::path::Path;

/// A telephone, a tablet, a computer at home and one at work.
const DEVICES_EACH: usize = 4;

/// Devices in one change.
const BATCH: usize = 4_000;

/// Cookies by what they lead to.
pub(crate) struct Crowd {
    pub(crate) service: String,
    pub(crate) token: String,
    /// Devices whose owners have a grant.
    pub(crate) granted: Vec<String>,
    /// The same, each with another letter in the tag.
    pub(crate) forged: Vec<String>,
    /// Genuine, of devices that have been deleted.
    pub(crate) unknown: Vec<String>,
    /// Devices whose owners have no grant.
    pub(crate) ungranted: Vec<String>,
}

impl Crowd {
    /// Fills a data directory.
    pub(crate) async fn gather(data: &Path, devices: usize, services: usize) -> Outcome<Self> {
        let operator = Administrator::operator();
        let client = RequestOrigin::default();
        let engine = open(data).await?;
        let mut names = Vec::new();
        let mut token = None;
        for number in 0..services {
            let name = format!("service-{number}");
            let (_, secret) = engine
                .add_service(&operator, &name, NewService::default(), &client)
                .await?
                .commit()
                .await?;
            token.get_or_insert_with(|| secret.expose_secret().to_owned());
            names.push(name);
        }
        let mut number = 0;
        let mut people = |count: usize| -> Vec<NewUser> {
            (0..count)
                .map(|_| {
                    number += 1;
                    NewUser {
                        email: format!("person-{number:07}@bench.example"),
                        name: "Bench Person".to_owned(),
                        role: Role::User,
                    }
                })
                .collect()
        };
        let mut granted = Vec::with_capacity(devices);
        while granted.len() < devices {
            let missing = (devices - granted.len()).min(BATCH);
            let people = people(missing.div_ceil(DEVICES_EACH));
            let cookies = engine
                .seed_users(&operator, &people, DEVICES_EACH.min(missing), &names[..2])
                .await?;
            granted.extend(values(&cookies));
        }
        granted.truncate(devices);
        let forged = granted
            .iter()
            .take(BATCH)
            .map(|cookie| {
                let place = cookie.len() - 10;
                let other = if cookie[place..].starts_with('A') {
                    'B'
                } else {
                    'A'
                };
                format!("{}{other}{}", &cookie[..place], &cookie[place + 1..])
            })
            .collect();
        let ungranted = values(
            &engine
                .seed_users(&operator, &people(250), DEVICES_EACH, &[])
                .await?,
        );
        let leaving = people(1);
        let unknown = values(
            &engine
                .seed_users(&operator, &leaving, 1000, &names[..2])
                .await?,
        );
        let gone = engine.user_by_email(&operator, &leaving[0].email).await?;
        engine.delete_user(&operator, gone.id, &client).await?;
        engine.close().await;
        Ok(Self {
            service: names[0].clone(),
            token: token.ok_or("no service")?,
            granted,
            forged,
            unknown,
            ungranted,
        })
    }
}

/// An engine on a data directory.
pub(crate) async fn open(data: &Path) -> Outcome<Engine> {
    Ok(Engine::open(Settings {
        data_dir: data.to_owned(),
        database_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse()?,
        site_name: "Bench".to_owned(),
        passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
        clock: Clock::system(),
        rng: Rng::system()?,
    })
    .await?)
}

/// The values of cookies.
pub(crate) fn values(cookies: &[IssuedCookie]) -> Vec<String> {
    cookies
        .iter()
        .map(|cookie| cookie.value.expose_secret().to_owned())
        .collect()
}
