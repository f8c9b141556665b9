//! All services with their tokens, hosts and rules, as verify needs them: they are few, so they are
//! loaded together, and dropped together when one changes.

use crate::{
    Engine, Result, access,
    access::service_token::{self, Token},
    database,
};
use latchkey_domain::{
    access::permission::Administrator,
    access::rule::Rules,
    access::service::ServiceName,
    access::verify::ServiceFacts,
    id::ServiceId,
    request::host::{Host, HostPattern},
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};
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
pub(crate) struct ServiceIndex {
    pub(crate) services: HashMap<String, Arc<ServiceEntry>>,
    pub(crate) tokens: HashMap<String, TokenEntry>,
    /// By host, and by the host above a wildcard's; without a port that is the scheme's own.
    hosts: HashMap<String, Owner>,
    wildcards: HashMap<String, Owner>,
}

/// Whose a host is.
enum Owner {
    One(Arc<ServiceEntry>),
    /// Two services have it since before spellings were compared: it is nobody's until an
    /// administrator takes it from one of them, because the rules of either may be the laxer ones.
    Disputed(Vec<ServiceName>),
}

impl Owner {
    fn one(&self) -> Option<&Arc<ServiceEntry>> {
        match self {
            Self::One(service) => Some(service),
            Self::Disputed(_) => None,
        }
    }

    fn and(&mut self, other: Arc<ServiceEntry>) {
        match self {
            Self::One(service) if service.facts.id == other.facts.id => {}
            Self::One(service) => {
                *self = Self::Disputed(vec![service.name.clone(), other.name.clone()]);
            }
            Self::Disputed(names) if names.contains(&other.name) => {}
            Self::Disputed(names) => names.push(other.name.clone()),
        }
    }
}

/// A host that several services have, so that nobody comes in by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictingHost {
    /// The host or wildcard.
    pub host: String,
    /// The services, by name.
    pub services: Vec<ServiceName>,
}

impl ServiceIndex {
    /// Whose token it is, if it is right and in time. What is missing or malformed costs as much.
    pub(crate) fn caller(&self, token: Option<&str>, now: OffsetDateTime) -> Option<ServiceId> {
        let token = token.and_then(Token::parse);
        let known = token
            .as_ref()
            .and_then(|token| Some((token, self.tokens.get(token.label)?)));
        let Some((token, known)) = known else {
            service_token::burn_equal_work();
            return None;
        };
        let is_right = token.is_secret_of(&known.salt, &known.digest);
        (is_right && known.expires_at.is_none_or(|end| now < end)).then_some(known.service)
    }

    /// The service that answers on a host: the one that names it, or else a wildcard's.
    pub(crate) fn of_host(&self, host: &Host, is_https: bool) -> Option<&Arc<ServiceEntry>> {
        let host = host.without_own_port(is_https);
        match self.hosts.get(host) {
            // Not a wildcard's either if it is disputed.
            Some(owner) => owner.one(),
            None => {
                let (_, above) = host.split_once('.')?;
                self.wildcards.get(above)?.one()
            }
        }
    }

    fn disputed(&self) -> Vec<ConflictingHost> {
        let exact = self.hosts.iter().map(|(host, owner)| (host.clone(), owner));
        let wild = self.wildcards.iter();
        let mut found: Vec<_> = exact
            .chain(wild.map(|(host, owner)| (format!("*.{host}"), owner)))
            .filter_map(|(host, owner)| match owner {
                Owner::One(_) => None,
                Owner::Disputed(names) => {
                    let mut services = names.clone();
                    services.sort();
                    Some(ConflictingHost { host, services })
                }
            })
            .collect();
        found.sort_by(|a, b| a.host.cmp(&b.host));
        found
    }
}

impl Engine {
    /// Hosts that several services have.
    ///
    /// # Errors
    /// Internal only.
    pub async fn conflicting_hosts(
        &self,
        _administrator: &Administrator,
    ) -> Result<Vec<ConflictingHost>> {
        self.in_service_index(ServiceIndex::disputed).await
    }

    /// What `read` makes of the directory, which is in memory or read from the database. Its readers are
    /// not counted: all of them would write to one place.
    pub(crate) async fn in_service_index<R>(
        &self,
        read: impl FnOnce(&ServiceIndex) -> R,
    ) -> Result<R> {
        if let Some(service_index) = self.inner.snapshot.service_index.load().as_deref() {
            return Ok(read(service_index));
        }
        let service_index = Box::pin(self.load_directory()).await?;
        Ok(read(&service_index))
    }

    async fn load_directory(&self) -> Result<Arc<ServiceIndex>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let (services, tokens, hosts) = access::store::service::all(self.db()).await?;
        let mut service_index = ServiceIndex::default();
        let mut by_id = HashMap::new();
        for row in services {
            let entry = Arc::new(ServiceEntry {
                facts: ServiceFacts {
                    id: ServiceId::from_uuid(row.id),
                    policy: row.policy(),
                },
                name: database::parsed(&row.name)?,
                rules: row.rules(),
            });
            by_id.insert(row.id, Arc::clone(&entry));
            service_index.services.insert(row.name, entry);
        }
        for row in hosts {
            let pattern: HostPattern = database::parsed(&row.host)?;
            let host = pattern.host().to_string();
            if let Some(service) = by_id.get(&row.service_id).map(Arc::clone) {
                let map = match pattern.is_wildcard() {
                    true => &mut service_index.wildcards,
                    false => &mut service_index.hosts,
                };
                match map.entry(host) {
                    Entry::Vacant(free) => drop(free.insert(Owner::One(service))),
                    Entry::Occupied(mut taken) => taken.get_mut().and(service),
                }
            }
        }
        for ConflictingHost { host, services } in service_index.disputed() {
            let services: Vec<_> = services.iter().map(ServiceName::as_str).collect();
            tracing::error!(
                %host,
                services = services.join(" "),
                "several services have this host, so requests for it are denied; take it from all but one"
            );
        }
        for row in tokens {
            let entry = TokenEntry {
                service: ServiceId::from_uuid(row.service_id),
                salt: row.salt.into_boxed_slice(),
                digest: row.digest.into_boxed_slice(),
                expires_at: row.expires_at.map(database::at),
            };
            service_index.tokens.insert(row.label, entry);
        }
        let service_index = Arc::new(service_index);
        snapshot.keep_if_current(generation, || {
            snapshot
                .service_index
                .store(Some(Arc::clone(&service_index)));
        });
        Ok(service_index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, NewService, RequestOrigin, Rng, Settings};
    use sea_orm::ConnectionTrait;

    const OPERATOR: Administrator = Administrator::Operator;

    async fn engine(dir: &std::path::Path) -> Engine {
        let settings = Settings {
            data_dir: dir.to_owned(),
            database_url: Some("sqlite::memory:".to_owned()),
            master_key_file: None,
            public_url: "https://login.example.com".parse().unwrap(),
            site_name: String::new(),
            passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
            clock: Clock::system(),
            rng: Rng::seeded(7),
        };
        Engine::open(settings).await.unwrap()
    }

    async fn service(engine: &Engine, name: &str, hosts: &str) {
        let new = NewService {
            hosts: hosts.to_owned(),
            ..NewService::default()
        };
        engine
            .add_service(&OPERATOR, name, new, &RequestOrigin::default())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
    }

    async fn of_host(engine: &Engine, host: &str, is_https: bool) -> Option<String> {
        let host = Host::parse(host).unwrap();
        engine
            .in_service_index(|service_index| {
                let service = service_index.of_host(&host, is_https)?;
                Some(service.name.to_string())
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn audit_14_a_host_claimed_by_two_services_belongs_to_neither() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path()).await;
        service(&engine, "open", "dup.example.com *.apps.example.com").await;
        service(&engine, "closed", "x.example.com").await;
        service(&engine, "wide", "*.example.com").await;
        // As it could be stored before spellings were compared.
        for host in ["dup.example.com:80", "*.apps.example.com:443"] {
            engine
                .db()
                .execute_unprepared(&format!(
                    "INSERT INTO service_hosts (host, service_id, place) SELECT '{host}', id, 7 FROM services WHERE name = 'closed'"
                ))
                .await
                .unwrap();
        }
        for (host, is_https) in [
            ("dup.example.com", true),
            ("dup.example.com:443", true),
            ("dup.example.com", false),
            ("a.apps.example.com", true),
        ] {
            assert_eq!(of_host(&engine, host, is_https).await, None, "{host}");
        }
        assert_eq!(
            of_host(&engine, "x.example.com", true).await.as_deref(),
            Some("closed")
        );
        let disputed = engine.conflicting_hosts(&OPERATOR).await.unwrap();
        let named: Vec<_> = disputed.iter().map(|one| one.host.as_str()).collect();
        assert_eq!(named, ["*.apps.example.com", "dup.example.com"]);
        let services: Vec<_> = disputed[1]
            .services
            .iter()
            .map(ServiceName::as_str)
            .collect();
        assert_eq!(services, ["closed", "open"]);

        // Taken from one of them it is the other's, stored as it is looked up.
        let hosts = |hosts: &str| NewService {
            hosts: hosts.to_owned(),
            ..NewService::default()
        };
        let kept = engine
            .change_service(
                &OPERATOR,
                "closed",
                hosts("dup.example.com:80"),
                &RequestOrigin::default(),
            )
            .await;
        assert!(matches!(
            kept,
            Err(crate::Error::Conflict { field: "hosts", .. })
        ));
        engine
            .change_service(
                &OPERATOR,
                "closed",
                hosts("x.example.com"),
                &RequestOrigin::default(),
            )
            .await
            .unwrap();
        assert_eq!(
            of_host(&engine, "dup.example.com", true).await.as_deref(),
            Some("open")
        );
        assert_eq!(engine.conflicting_hosts(&OPERATOR).await.unwrap(), []);
    }

    #[tokio::test]
    async fn audit_15_rules_that_no_longer_parse_deny_their_own_service_only() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path()).await;
        service(&engine, "odd", "odd.example.com").await;
        service(&engine, "photos", "photos.example.com").await;
        engine
            .db()
            .execute_unprepared(
                "UPDATE services SET rules = 'public /%C2%A0./*' WHERE name = 'odd'",
            )
            .await
            .unwrap();
        for (name, rules) in [("odd", Rules::closed()), ("photos", Rules::default())] {
            let found = engine
                .in_service_index(|service_index| {
                    service_index
                        .services
                        .get(name)
                        .map(|service| service.rules.clone())
                })
                .await
                .unwrap();
            assert_eq!(found.as_ref(), Some(&rules));
            assert_eq!(engine.service(&OPERATOR, name).await.unwrap().rules, rules);
        }
    }

    #[tokio::test]
    async fn audit_10_known_hosts_are_answered_from_memory() {
        let dir = tempfile::tempdir().unwrap();
        let engine = engine(dir.path()).await;
        service(&engine, "photos", "photos.example.com *.apps.example.com").await;
        let leads_to = async |text: &str| {
            engine
                .return_target(text)
                .await
                .map(|target| target.is_some())
        };
        assert!(leads_to("https://photos.example.com/a").await.unwrap());
        engine
            .db()
            .execute_unprepared("DROP TABLE service_hosts")
            .await
            .unwrap();
        for (text, expected) in [
            ("https://photos.example.com/a", true),
            ("https://a.apps.example.com/", true),
            ("https://evil.example/", false),
            ("http://photos.example.com/", false),
            ("/devices", true),
            ("//evil.example", false),
        ] {
            assert_eq!(leads_to(text).await.unwrap(), expected, "{text}");
        }
    }
}
