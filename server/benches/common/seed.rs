//! Fills data directories with users, devices and services.

use super::Result;
use latchkey_domain::identity::user::{PasskeyOnly, Role};
use latchkey_engine::{Clock, Engine, IssuedCookie, NewUser, Rng, Settings};
use std::path::Path;

/// Devices per user.
pub(crate) const DEVICES_EACH: usize = 4;

/// Opens an engine on a data directory.
pub(crate) async fn open(data: &Path) -> Result<Engine> {
    Ok(Engine::open(Settings {
        data_dir: data.to_owned(),
        database_url: None,
        redis_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse()?,
        site_name: "Bench".to_owned(),
        passkey_only: PasskeyOnly::default(),
        key_rotation: None,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: latchkey_engine::RiskSettings::off(),
        passkeys: latchkey_engine::PasskeySettings::default(),
        clock: Clock::system(),
        rng: Rng::system()?,
    })
    .await?)
}

/// New users with consecutive numbers from `first`.
pub(crate) fn users(first: usize, count: usize) -> Vec<NewUser> {
    let user = |number| NewUser {
        email: format!("user-{number:07}@bench.example"),
        name: "Bench User".to_owned(),
        role: Role::Member,
    };
    (first..first + count).map(user).collect()
}

/// The values of cookies.
pub(crate) fn values(cookies: &[IssuedCookie]) -> Vec<String> {
    cookies
        .iter()
        .map(|cookie| cookie.value.expose_secret().to_owned())
        .collect()
}
