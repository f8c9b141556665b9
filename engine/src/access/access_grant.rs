//! Access grants: letting a user into a service, and taking that back.

use crate::{
    Engine, Error, InvalidInput, Noun, RequestOrigin, Result, access,
    access::service::require_service, database, database::Reads, identity,
    identity::user::require_user, keys::seal,
};
use latchkey_domain::{
    access::access_grant::{AccessGrant, AccessGrantOrigin, AccessGrantView, Scopes},
    access::permission::{Authorizes, GrantsRead, GrantsWrite},
    access::service::Service,
    access::subject::Subject,
    event::GrantNames,
    id::{AccessGrantId, ServiceId, UserId},
    identity::email::Email,
    identity::user::User,
    pagination::{Batch, Cursor, ListQuery, Page},
};
use time::OffsetDateTime;

/// Which grants to list.
#[derive(Debug, Clone, Default)]
pub struct AccessGrantFilter {
    /// Of one user.
    pub user: Option<UserId>,
    /// To one service, by name.
    pub service: Option<String>,
}

/// The associated data of a sealed subject: of whom, and for which service.
pub(crate) fn aad(user: UserId, service: ServiceId) -> Vec<u8> {
    [
        b"subject".as_slice(),
        user.uuid().as_bytes(),
        service.uuid().as_bytes(),
    ]
    .concat()
}

impl Engine {
    /// A batch of grants, of one user or to one service when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn grant_batch(
        &self,
        _proof: &dyn Authorizes<GrantsRead>,
        cursor: Cursor<AccessGrantId>,
        filter: &AccessGrantFilter,
    ) -> Result<Batch<AccessGrantView>> {
        let (db, service) = (self.read(), filter.service.as_deref());
        access::store::access_grant::view::batch(&db, cursor, filter.user, service).await
    }

    /// One grant.
    ///
    /// # Errors
    /// Not found.
    pub async fn grant(
        &self,
        _proof: &dyn Authorizes<GrantsRead>,
        id: AccessGrantId,
    ) -> Result<AccessGrantView> {
        let grant = access::store::access_grant::view::find(&self.read(), id).await?;
        grant.ok_or(Error::NotFound(Noun::Grant))
    }

    /// Lets a user into a service, or changes what the service learns of them. A grant whose pseudonym cannot be read is
    /// replaced: the service then knows the user by a new one.
    ///
    /// # Errors
    /// Bad input (`email`, `expires`), not found (user, service).
    pub async fn add_grant(
        &self,
        proof: &dyn Authorizes<GrantsWrite>,
        email: &str,
        service: &str,
        scopes: Scopes,
        expires_at: Option<OffsetDateTime>,
        origin: &RequestOrigin,
    ) -> Result<AccessGrantView> {
        if expires_at.is_some_and(|end| end <= self.now()) {
            return Err(Error::bad_input("expires")(InvalidInput::Expired));
        }
        let mut tx = self.begin(proof, origin).await?;
        let (user, service) = find_user_and_service(&tx, email, service).await?;
        let (user_id, service_id) = (user.id, service.id);
        let names = names(user, service);
        let found = access::store::access_grant::find(&tx, user_id, service_id).await?;
        match found {
            Some(grant) if self.open_subject(&grant).is_ok() => {
                let (_, event) = grant.change(scopes, expires_at, names);
                tx.apply(event).await?;
            }
            unreadable => {
                if let Some(grant) = unreadable {
                    tx.apply(grant.remove(names.clone())).await?;
                }
                let origin = AccessGrantOrigin::Explicit;
                let grant = self.new_grant(user_id, service_id, scopes, origin, expires_at)?;
                tx.apply(grant.add(names)).await?;
            }
        }
        let grant = access::store::access_grant::view::show(&tx, user_id, service_id).await?;
        tx.commit().await?;
        grant.ok_or(Error::NotFound(Noun::Grant))
    }

    /// A grant with a new pseudonymous subject that is not written yet.
    pub(crate) fn new_grant(
        &self,
        user: UserId,
        service: ServiceId,
        scopes: Scopes,
        origin: AccessGrantOrigin,
        expires_at: Option<OffsetDateTime>,
    ) -> Result<AccessGrant> {
        let (now, rng) = (self.now(), &self.inner.settings.rng);
        // Random, not derived: two services cannot find out that they know the same user.
        let subject = Subject::from_bytes(rng.bytes()).to_string();
        Ok(AccessGrant {
            id: AccessGrantId::from_uuid(rng.uuid(now)),
            user_id: user,
            service_id: service,
            scopes,
            origin,
            subject_sealed: seal::seal(
                &self.inner.keys,
                rng,
                &aad(user, service),
                subject.as_bytes(),
            )?,
            created_at: now,
            expires_at,
        })
    }

    /// The subject by which a service knows a user.
    pub(crate) fn open_subject(&self, grant: &AccessGrant) -> Result<Subject> {
        let plain = seal::open(
            &self.inner.keys,
            &aad(grant.user_id, grant.service_id),
            &grant.subject_sealed,
        )?;
        database::parsed(std::str::from_utf8(&plain).map_err(Error::internal)?)
    }

    /// Grants, explicit ones and those of administrators' first accesses. Sort: `email` (default), `service`, `created`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_grants(
        &self,
        _proof: &dyn Authorizes<GrantsRead>,
        filter: &AccessGrantFilter,
        query: &ListQuery,
    ) -> Result<Page<AccessGrantView>> {
        access::store::access_grant::view::list(
            &self.read(),
            filter.user,
            filter.service.as_deref(),
            &query.clone().bounded(),
        )
        .await
    }

    /// [`Engine::remove_grant`], by id.
    ///
    /// # Errors
    /// Not found.
    pub async fn remove_grant_by_id(
        &self,
        proof: &dyn Authorizes<GrantsWrite>,
        id: AccessGrantId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let missing = || Error::NotFound(Noun::Grant);
        let view = access::store::access_grant::view::find(&tx, id).await?;
        let view = view.ok_or_else(missing)?;
        let (user, service) = (
            require_user(&tx, view.user_id).await?,
            require_service(&tx, view.service.as_str()).await?,
        );
        let grant = access::store::access_grant::find(&tx, user.id, service.id).await?;
        let grant = grant.ok_or_else(missing)?;
        tx.apply(grant.remove(names(user, service))).await?;
        tx.commit().await
    }

    /// Takes a grant away; verify denies the next request.
    ///
    /// # Errors
    /// Bad input (`email`), not found.
    pub async fn remove_grant(
        &self,
        proof: &dyn Authorizes<GrantsWrite>,
        email: &str,
        service: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let (user, service) = find_user_and_service(&tx, email, service).await?;
        let grant = access::store::access_grant::find(&tx, user.id, service.id)
            .await?
            .ok_or(Error::NotFound(Noun::Grant))?;
        tx.apply(grant.remove(names(user, service))).await?;
        tx.commit().await
    }
}

/// How the audit log names a grant.
pub(crate) fn names(user: User, service: Service) -> GrantNames {
    GrantNames {
        email: user.email,
        service: service.name,
    }
}

async fn find_user_and_service(
    db: &impl Reads,
    email: &str,
    service: &str,
) -> Result<(User, Service)> {
    let email = Email::parse(email).map_err(Error::bad_input("email"))?;
    let user = identity::store::user::find_by_email(db, &email)
        .await?
        .ok_or(Error::NotFound(Noun::User))?;
    Ok((user, require_service(db, service).await?))
}
