//! All services with their tokens, hosts and rules, as verify needs them: they are few, so they are
//! loaded together, and dropped together when one changes.

use crate::{
    Engine, Result, access,
    keys::rotating_secret::{SecretIndex, SecretKind},
};
use latchkey_domain::{
    access::permission::{Authorizes, PermissionSet, ServicesRead},
    access::rule::Rules,
    access::service::ServiceName,
    access::verify::ServiceFacts,
    id::ServiceId,
    request::host::Host,
    tokens::policy::AccessTokenPolicy,
    tokens::scope::{MANAGEMENT_SERVICE, TokenScopes},
};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};
use time::OffsetDateTime;

/// A service as verify needs it.
pub(crate) struct ServiceEntry {
    pub(crate) facts: ServiceFacts,
    pub(crate) name: ServiceName,
    pub(crate) rules: Rules,
    pub(crate) access_tokens: AccessTokenPolicy,
}

/// All services and tokens: they are few.
#[derive(Default)]
pub(crate) struct ServiceIndex {
    pub(crate) services: HashMap<String, Arc<ServiceEntry>>,
    by_id: HashMap<ServiceId, Arc<ServiceEntry>>,
    tokens: SecretIndex<ServiceId>,
    /// By host, and by the host above a wildcard's; without a port that is the scheme's own.
    hosts: HashMap<String, Owner>,
    wildcards: HashMap<String, Owner>,
}

/// Whose a host is.
enum Owner {
    One(Arc<ServiceEntry>),
    /// Two services have had it since before spellings were compared: requests for it are denied until an
    /// administrator takes it from one of them, because the rules of either may be the laxer ones.
    Conflicting(Vec<ServiceName>),
}

impl Owner {
    fn one(&self) -> Option<&Arc<ServiceEntry>> {
        match self {
            Self::One(service) => Some(service),
            Self::Conflicting(_) => None,
        }
    }

    fn add(&mut self, other: Arc<ServiceEntry>) {
        match self {
            Self::One(service) if service.facts.id == other.facts.id => {}
            Self::One(service) => {
                *self = Self::Conflicting(vec![service.name.clone(), other.name.clone()]);
            }
            Self::Conflicting(names) if names.contains(&other.name) => {}
            Self::Conflicting(names) => names.push(other.name.clone()),
        }
    }
}

/// A host that several services have, so that requests for it are denied.
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
        self.tokens.find(token, now).map(|known| known.owner)
    }

    /// A service by id.
    pub(crate) fn of_id(&self, id: ServiceId) -> Option<&Arc<ServiceEntry>> {
        self.by_id.get(&id)
    }

    /// The service that answers on a host: the one that names it, or else a wildcard's.
    pub(crate) fn of_host(&self, host: &Host, is_https: bool) -> Option<&Arc<ServiceEntry>> {
        let host = host.without_own_port(is_https);
        match self.hosts.get(host) {
            // Not a wildcard's either if several services have it.
            Some(owner) => owner.one(),
            None => {
                let (_, above) = host.split_once('.')?;
                self.wildcards.get(above)?.one()
            }
        }
    }

    fn conflicting_hosts(&self) -> Vec<ConflictingHost> {
        let exact = self.hosts.iter().map(|(host, owner)| (host.clone(), owner));
        let wild = self.wildcards.iter();
        let mut found: Vec<_> = exact
            .chain(wild.map(|(host, owner)| (format!("*.{host}"), owner)))
            .filter_map(|(host, owner)| match owner {
                Owner::One(_) => None,
                Owner::Conflicting(names) => {
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
        _proof: &dyn Authorizes<ServicesRead>,
    ) -> Result<Vec<ConflictingHost>> {
        self.in_service_index(ServiceIndex::conflicting_hosts).await
    }

    /// What `read` makes of the index, which is in memory or read from the database. No reference is counted: readers would
    /// contend for one cache line.
    pub(crate) async fn in_service_index<R>(
        &self,
        read: impl FnOnce(&ServiceIndex) -> R,
    ) -> Result<R> {
        if let Some(service_index) = self.inner.snapshot.service_index.load().as_deref() {
            return Ok(read(service_index));
        }
        let service_index = Box::pin(self.load_service_index()).await?;
        Ok(read(&service_index))
    }

    async fn load_service_index(&self) -> Result<Arc<ServiceIndex>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let (services, tokens) = access::store::service::all(&self.read()).await?;
        let mut service_index = ServiceIndex {
            tokens: SecretIndex::new(SecretKind::ServiceToken, tokens),
            ..ServiceIndex::default()
        };
        for service in services {
            let mut access_tokens = service.access_tokens;
            if service.name.as_str() == MANAGEMENT_SERVICE {
                let management = TokenScopes::from(PermissionSet::all());
                access_tokens.scopes = access_tokens.scopes.union(&management);
            }
            let entry = Arc::new(ServiceEntry {
                facts: ServiceFacts {
                    id: service.id,
                    policy: service.policy,
                    risk: service.risk,
                },
                name: service.name,
                rules: service.rules,
                access_tokens,
            });
            for pattern in service.hosts {
                let map = match pattern.is_wildcard() {
                    true => &mut service_index.wildcards,
                    false => &mut service_index.hosts,
                };
                match map.entry(pattern.host().to_string()) {
                    Entry::Vacant(free) => drop(free.insert(Owner::One(Arc::clone(&entry)))),
                    Entry::Occupied(mut taken) => taken.get_mut().add(Arc::clone(&entry)),
                }
            }
            (service_index.by_id).insert(entry.facts.id, Arc::clone(&entry));
            (service_index.services).insert(entry.name.to_string(), entry);
        }
        for ConflictingHost { host, services } in service_index.conflicting_hosts() {
            let services: Vec<_> = services.iter().map(ServiceName::as_str).collect();
            tracing::error!(
                %host,
                services = services.join(" "),
                "several services have this host, so requests for it are denied; take it from all but one"
            );
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
mod tests;
