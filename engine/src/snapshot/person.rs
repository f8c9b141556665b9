//! People and their grants in memory.

use super::{
    moment::{AtomicMoment, Moment},
    recent::Used,
};
use crate::{Engine, Result, assertion::Kept, store};
use latchkey_domain::{
    email::Email,
    grant::{AccessGrantOrigin, Scopes},
    id::{ServiceId, UserId},
    name::DisplayName,
    subject::Subject,
    verify::{AccessGrantFacts, UserFacts},
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// A person as verify needs them.
pub(crate) struct CachedUser {
    pub(crate) facts: UserFacts,
    pub(crate) email: Email,
    pub(crate) name: DisplayName,
    /// In the order of their services' ids.
    grants: Box<[CachedGrant]>,
    used_at: AtomicMoment,
}

/// A grant as verify needs it.
pub(crate) struct CachedGrant {
    service: ServiceId,
    pub(crate) subject: Subject,
    scopes: Scopes,
    origin: AccessGrantOrigin,
    expires_at: Moment,
    assertions: OnceLock<Box<Mutex<Vec<Kept>>>>,
}

impl CachedGrant {
    pub(crate) fn facts(&self) -> AccessGrantFacts {
        AccessGrantFacts {
            scopes: self.scopes,
            origin: self.origin,
            expires_at: self.expires_at.time(),
        }
    }

    /// What was signed lately. Most grants are never asked for an assertion, and have no room for one.
    pub(crate) fn assertions(&self) -> MutexGuard<'_, Vec<Kept>> {
        let kept = self.assertions.get_or_init(Box::default);
        kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedUser {
    /// The grant to a service.
    pub(crate) fn grant(&self, service: ServiceId) -> Option<&CachedGrant> {
        let place = self
            .grants
            .binary_search_by_key(&service, |grant| grant.service);
        self.grants.get(place.ok()?)
    }

    pub(super) fn note_use(&self, now: i64) {
        self.used_at.store(Moment::at(now));
    }
}

impl Used for Arc<CachedUser> {
    fn used_at(&self) -> i64 {
        self.used_at.load().seconds()
    }
}

/// Nothing of it: it holds addresses and assertions.
impl fmt::Debug for CachedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonEntry").finish_non_exhaustive()
    }
}

impl Engine {
    /// A person with their grants, from memory or the database.
    pub(crate) async fn cached_user(&self, id: UserId) -> Result<Option<Arc<CachedUser>>> {
        let snapshot = &self.inner.snapshot;
        if let Some(entry) = snapshot.people.read(&id, Arc::clone) {
            return Ok(Some(entry));
        }
        Box::pin(self.load_user(id)).await
    }

    async fn load_user(&self, id: UserId) -> Result<Option<Arc<CachedUser>>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let Some(row) = store::user::find(self.db(), id).await? else {
            return Ok(None);
        };
        let mut grants = Vec::new();
        for grant in store::grant::rows_of(self.db(), id).await? {
            grants.push(CachedGrant {
                service: ServiceId::from_uuid(grant.service_id),
                subject: self.open_subject(&grant)?,
                scopes: store::grant::scopes(&grant.scopes),
                origin: store::grant::origin(&grant.origin),
                expires_at: Moment::maybe(grant.expires_at),
                assertions: OnceLock::new(),
            });
        }
        grants.sort_unstable_by_key(|grant| grant.service);
        let entry = Arc::new(CachedUser {
            facts: UserFacts {
                role: row.role(),
                is_disabled: row.disabled_at.is_some(),
            },
            email: store::parsed(&row.email)?,
            name: store::parsed(&row.name)?,
            grants: grants.into(),
            used_at: AtomicMoment::new(Moment::at(self.now().unix_timestamp())),
        });
        snapshot.keep_if_current(generation, || {
            snapshot.people.insert(id, Arc::clone(&entry));
        });
        Ok(Some(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_grants_are_small() {
        assert_eq!(size_of::<CachedUser>(), 56);
        assert_eq!(size_of::<CachedGrant>(), 56);
    }
}
