//! Users and their grants in memory.

use super::{
    bounded_cache::LastUsed,
    compact_time::{AtomicCompactTime, CompactTime},
};
use crate::{Engine, Result, access, access::identity_token::Kept, error::chain, identity};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::subject::Subject,
    access::verify::{AccessGrantFacts, UserFacts},
    id::{ServiceId, UserId},
    identity::email::Email,
    name::DisplayName,
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// A user as verify needs them.
pub(crate) struct CachedUser {
    pub(crate) facts: UserFacts,
    pub(crate) email: Email,
    pub(crate) name: DisplayName,
    /// In the order of their services' ids.
    grants: Box<[CachedGrant]>,
    used_at: AtomicCompactTime,
}

/// A grant as verify needs it.
pub(crate) struct CachedGrant {
    service: ServiceId,
    /// `None` if its sealed value does not open: under a master key that was removed, or changed.
    pub(crate) subject: Option<Subject>,
    scopes: Scopes,
    origin: AccessGrantOrigin,
    expires_at: CompactTime,
    assertions: OnceLock<Box<Mutex<Vec<Kept>>>>,
}

impl CachedGrant {
    pub(crate) fn facts(&self) -> AccessGrantFacts {
        AccessGrantFacts {
            scopes: self.scopes,
            origin: self.origin,
            expires_at: self.expires_at.time(),
            has_subject: self.subject.is_some(),
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
        self.used_at.store(CompactTime::at(now));
    }
}

impl LastUsed for Arc<CachedUser> {
    fn used_at(&self) -> i64 {
        self.used_at.load().seconds()
    }
}

/// Nothing of it: it holds addresses and assertions.
impl fmt::Debug for CachedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedUser").finish_non_exhaustive()
    }
}

impl Engine {
    /// A user with their grants, from memory or the database.
    pub(crate) async fn cached_user(&self, id: UserId) -> Result<Option<Arc<CachedUser>>> {
        let snapshot = &self.inner.snapshot;
        if let Some(entry) = snapshot.users.read(&id, Arc::clone) {
            return Ok(Some(entry));
        }
        Box::pin(self.load_user(id)).await
    }

    async fn load_user(&self, id: UserId) -> Result<Option<Arc<CachedUser>>> {
        let snapshot = &self.inner.snapshot;
        let generation = snapshot.generation();
        let Some(user) = identity::store::user::find(&self.read(), id).await? else {
            return Ok(None);
        };
        let mut grants = Vec::new();
        for grant in access::store::access_grant::list_by_user(&self.read(), id).await? {
            let subject = self.open_subject(&grant).map_err(|cause| {
                tracing::error!(grant = %grant.id.uuid(), user = %id.uuid(), service = %grant.service_id.uuid(), error = %chain(&cause), "the pseudonym of a grant cannot be read, so access is denied at this service; put back the line of the master key file, or add the grant again");
            });
            grants.push(CachedGrant {
                service: grant.service_id,
                subject: subject.ok(),
                scopes: grant.scopes,
                origin: grant.origin,
                expires_at: CompactTime::maybe(
                    grant.expires_at.map(time::OffsetDateTime::unix_timestamp),
                ),
                assertions: OnceLock::new(),
            });
        }
        grants.sort_unstable_by_key(|grant| grant.service);
        let entry = Arc::new(CachedUser {
            facts: UserFacts::from(&user),
            email: user.email,
            name: user.name,
            grants: grants.into(),
            used_at: AtomicCompactTime::new(CompactTime::at(self.now().unix_timestamp())),
        });
        snapshot.keep_if_current(generation, || {
            snapshot.users.insert(id, Arc::clone(&entry));
        });
        Ok(Some(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_users_and_grants_are_small() {
        assert_eq!(size_of::<CachedUser>(), 72);
        assert_eq!(size_of::<CachedGrant>(), 56);
    }
}
