//! All services with their tokens, hosts and rules, as verify needs them: they are few, so they are
//! loaded together, and dropped together when one changes.

use crate::{
    Engine, Result, store,
    token::{self, Token},
};
use latchkey_domain::{
    host::{Host, HostPattern},
    id::ServiceId,
    rule::Rules,
    service::ServiceName,
    verify::ServiceFacts,
};
use std::{collections::HashMap, sync::Arc};
use time::OffsetDateTime;

/// A service token as verify needs it.
pub(crate) struct TokenEntry {
    pub(crate) service: ServiceId,
    pub(crate) salt: Box<[u8]>,
    pub(crate) digest: Box<[u8]>,
    pub(crate) expires_at: Option<OffsetDateTime>,
}

/// A service as verify needs it.
pub(crate) struct ServiceEntry {
    pub(crate) facts: ServiceFacts,
    pub(crate) name: ServiceName,
    pub(crate) rules: Rules,
}

/// All services and tokens: they are few.
#[derive(Default)]
pub(crate) struct Directory {
    pub(crate) services: HashMap<String, Arc<ServiceEntry>>,
    pub(crate) tokens: HashMap<String, TokenEntry>,
    /// By host, and by the host above a wildcard's; without a port that is the scheme's own.
    hosts: HashMap<String, Arc<ServiceEntry>>,
    wildcards: HashMap<String, Arc<ServiceEntry>>,
}

impl Directory {
    /// Whose token it is, if it is right and in time. What is missing or malformed costs as much.
    pub(crate) fn caller(&self, token: Option<&str>, now: OffsetDateTime) -> Option<ServiceId> {
        let token = token.and_then(Token::parse);
        let known = token
            .as_ref()
            .and_then(|token| Some((token, self.tokens.get(token.label)?)));
        let Some((token, known)) = known else {
            token::waste_as_much();
            return None;
        };
        let is_right = token.is_secret_of(&known.salt, &known.digest);
        (is_right && known.expires_at.is_none_or(|end| now < end)).then_some(known.service)
    }

    /// The service that answers on a host: the one that names it, or else a wildcard's.
    pub(crate) fn of_host(&self, host: &Host, is_https: bool) -> Option<&Arc<ServiceEntry>> {
        let host = host.without_own_port(is_https);
        self.hosts.get(host).or_else(|| {
            let (_, above) = host.split_once('.')?;
            self.wildcards.get(above)
        })
    }
}

impl Engine {
    /// What `read` makes of the directory, which is in memory or read from the database. Its readers are
    /// not counted: all of them would write to one place.
    pub(crate) async fn in_directory<R>(&self, read: impl FnOnce(&Directory) -> R) -> Result<R> {
        if let Some(directory) = self.inner.snapshot.directory.load().as_deref() {
            return Ok(read(directory));
        }
        let directory = Box::pin(self.load_directory()).await?;
        Ok(read(&directory))
    }

    async fn load_directory(&self) -> Result<Arc<Directory>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let (services, tokens, hosts) = store::service::all(self.db()).await?;
        let mut directory = Directory::default();
        let mut by_id = HashMap::new();
        for row in services {
            let entry = Arc::new(ServiceEntry {
                facts: ServiceFacts {
                    id: ServiceId::from_uuid(row.id),
                    policy: row.policy(),
                },
                name: store::parsed(&row.name)?,
                rules: store::parsed(&row.rules)?,
            });
            by_id.insert(row.id, Arc::clone(&entry));
            directory.services.insert(row.name, entry);
        }
        let is_https = self.public_url().scheme() == "https";
        for row in hosts {
            let pattern: HostPattern = store::parsed(&row.host)?;
            let host = pattern.host().without_own_port(is_https).to_owned();
            if let Some(service) = by_id.get(&row.service_id).map(Arc::clone) {
                let map = match pattern.is_wildcard() {
                    true => &mut directory.wildcards,
                    false => &mut directory.hosts,
                };
                map.insert(host, service);
            }
        }
        for row in tokens {
            let entry = TokenEntry {
                service: ServiceId::from_uuid(row.service_id),
                salt: row.salt.into_boxed_slice(),
                digest: row.digest.into_boxed_slice(),
                expires_at: row.expires_at.map(store::at),
            };
            directory.tokens.insert(row.label, entry);
        }
        let directory = Arc::new(directory);
        snapshot.keep_if_current(generation, || {
            snapshot.directory.store(Some(Arc::clone(&directory)));
        });
        Ok(directory)
    }
}
