//! Device cookies for each situation.

use crate::common::{
    Result,
    seed::{self, DEVICES_EACH},
};
use latchkey_domain::access::permission::Operator;
use latchkey_engine::{Engine, NewService, RequestOrigin};
use std::path::Path;

/// Devices per transaction.
const BATCH: usize = 4_000;

/// Cookies by the response that they get.
pub(crate) struct Devices {
    pub(crate) service: String,
    pub(crate) token: String,
    /// Of users with a grant.
    pub(crate) granted: Vec<String>,
    /// The same with a changed tag.
    pub(crate) forged: Vec<String>,
    /// Valid, of deleted devices.
    pub(crate) unknown: Vec<String>,
    /// Of users without a grant.
    pub(crate) ungranted: Vec<String>,
}

impl Devices {
    /// Fills a data directory.
    pub(crate) async fn seed(data: &Path, devices: usize, services: usize) -> Result<Self> {
        let operator = Operator;
        let engine = seed::open(data).await?;
        let (names, token) = add_services(&engine, services).await?;
        let mut number = 0;
        let mut users = |count| {
            number += count;
            seed::users(number - count, count)
        };
        let mut granted = Vec::with_capacity(devices);
        while granted.len() < devices {
            let missing = (devices - granted.len()).min(BATCH);
            let users = users(missing.div_ceil(DEVICES_EACH));
            let cookies = engine
                .seed_users(&operator, &users, DEVICES_EACH.min(missing), &names[..2])
                .await?;
            granted.extend(seed::values(&cookies));
        }
        granted.truncate(devices);
        let ungranted = engine
            .seed_users(&operator, &users(250), DEVICES_EACH, &[])
            .await?;
        let deleted = users(1);
        let unknown = engine
            .seed_users(&operator, &deleted, 1000, &names[..2])
            .await?;
        let user = engine.user_by_email(&operator, &deleted[0].email).await?;
        engine
            .delete_user(&operator, user.id, &RequestOrigin::default())
            .await?;
        engine.close().await;
        Ok(Self {
            service: names[0].clone(),
            token,
            forged: granted
                .iter()
                .take(BATCH)
                .map(|cookie| forge(cookie))
                .collect(),
            granted,
            unknown: seed::values(&unknown),
            ungranted: seed::values(&ungranted),
        })
    }
}

/// Adds services. Returns their names, and the token of the first.
async fn add_services(engine: &Engine, count: usize) -> Result<(Vec<String>, String)> {
    let (operator, origin) = (Operator, RequestOrigin::default());
    let (mut names, mut token) = (Vec::new(), None);
    for number in 0..count {
        let name = format!("service-{number}");
        let (_, secret) = engine
            .add_service(&operator, &name, NewService::default(), &origin)
            .await?
            .commit()
            .await?;
        token.get_or_insert_with(|| secret.expose_secret().to_owned());
        names.push(name);
    }
    Ok((names, token.ok_or("no service")?))
}

/// Changes a character of the tag.
fn forge(cookie: &str) -> String {
    let index = cookie.len() - 10;
    let other = if cookie[index..].starts_with('A') {
        'B'
    } else {
        'A'
    };
    format!("{}{other}{}", &cookie[..index], &cookie[index + 1..])
}
