//! Grants: letting a person into a service, and taking it back.

use crate::{
    Engine, Error, RequestOrigin, Result, access,
    access::service::existing,
    audit::log::{Entry, Target},
    database, identity,
    keys::seal,
};
use latchkey_domain::{
    access::access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
    access::permission::Administrator,
    access::subject::Subject,
    audit::event::{Action, FieldChange},
    id::{AccessGrantId, ServiceId, UserId},
    identity::email::Email,
    pagination::{ListQuery, Page},
};
use sea_orm::ConnectionTrait;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// Which grants to list.
#[derive(Debug, Clone, Default)]
pub struct AccessGrantFilter {
    /// Of one person.
    pub user: Option<UserId>,
    /// To one service, by name.
    pub service: Option<String>,
}

/// The associated data of a sealed subject: of whom, and for which service.
pub(crate) fn aad(user: Uuid, service: Uuid) -> Vec<u8> {
    [b"subject".as_slice(), user.as_bytes(), service.as_bytes()].concat()
}

impl Engine {
    /// Lets a person into a service, or changes what the service learns of them.
    ///
    /// # Errors
    /// Bad input (`email`, `expires`), not found (`person`, `service`).
    pub async fn add_grant(
        &self,
        administrator: &Administrator,
        email: &str,
        service: &str,
        scopes: Scopes,
        expires_at: Option<OffsetDateTime>,
        origin: &RequestOrigin,
    ) -> Result<AccessGrant> {
        if expires_at.is_some_and(|end| end <= self.now()) {
            return Err(Error::bad_input("expires")(
                "That time has passed.".to_owned(),
            ));
        }
        let mut change = self.change(administrator, origin).await?;
        let (user, service) = pair(change.db(), email, service).await?;
        let (user_id, service_id) = (UserId::from_uuid(user.id), ServiceId::from_uuid(service.id));
        let before = access::store::access_grant::find(change.db(), user_id, service_id).await?;
        let (id, action) = match &before {
            Some(grant) => {
                access::store::access_grant::change(
                    change.db(),
                    grant.id,
                    scopes,
                    expires_at.map(OffsetDateTime::unix_timestamp),
                )
                .await?;
                (AccessGrantId::from_uuid(grant.id), Action::GrantChanged)
            }
            None => (
                self.insert_grant(
                    change.db(),
                    user_id,
                    service_id,
                    scopes,
                    AccessGrantOrigin::Explicit,
                    expires_at,
                )
                .await?,
                Action::GrantAdded,
            ),
        };
        let before = before.as_ref().map(facts_of).unwrap_or_default();
        let after = facts(&scopes.to_string(), AccessGrantOrigin::Explicit, expires_at);
        change.record_with(
            &Entry {
                action,
                target: Target::Grant(id),
                name: &format!("{} → {}", user.email, service.name),
                subject: Some(user_id),
                detail: &scopes.to_string(),
            },
            FIELDS
                .into_iter()
                .zip(before.into_iter().zip(after))
                .map(|(field, (before, after))| FieldChange::new(field, before, after)),
        );
        change.commit().await?;
        access::store::access_grant::show(self.db(), user_id, service_id)
            .await?
            .ok_or(Error::NotFound("grant"))
    }

    /// A new row with a fresh pseudonymous subject, within a change.
    pub(crate) async fn insert_grant(
        &self,
        db: &impl ConnectionTrait,
        user: UserId,
        service: ServiceId,
        scopes: Scopes,
        origin: AccessGrantOrigin,
        expires_at: Option<OffsetDateTime>,
    ) -> Result<AccessGrantId> {
        let now = self.now();
        let id = self.inner.settings.rng.uuid(now);
        // Random, not derived: two services cannot find out that they know the same person.
        let subject = Subject::from_bytes(self.inner.settings.rng.bytes());
        let row = access::store::access_grant::Model {
            id,
            user_id: user.uuid(),
            service_id: service.uuid(),
            scopes: scopes.to_string(),
            origin: origin.as_str().to_owned(),
            subject_sealed: seal::seal(
                &self.inner.keys,
                &self.inner.settings.rng,
                &aad(user.uuid(), service.uuid()),
                subject.to_string().as_bytes(),
            )?,
            created_at: now.unix_timestamp(),
            expires_at: expires_at.map(OffsetDateTime::unix_timestamp),
        };
        access::store::access_grant::insert(db, row).await?;
        Ok(AccessGrantId::from_uuid(id))
    }

    /// The subject by which a service knows a person.
    pub(crate) fn open_subject(&self, row: &access::store::access_grant::Model) -> Result<Subject> {
        let plain = seal::open(
            &self.inner.keys,
            &aad(row.user_id, row.service_id),
            &row.subject_sealed,
        )?;
        database::parsed(std::str::from_utf8(&plain).map_err(Error::internal)?)
    }

    /// Grants, explicit ones and administrators' links. Sort: `email` (default), `service`, `created`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_grants(
        &self,
        _administrator: &Administrator,
        filter: &AccessGrantFilter,
        query: &ListQuery,
    ) -> Result<Page<AccessGrant>> {
        access::store::access_grant::list(
            self.db(),
            filter.user,
            filter.service.as_deref(),
            &query.clone().bounded(),
        )
        .await
    }

    /// Takes a grant away; refused by verify with the next request.
    ///
    /// # Errors
    /// Bad input (`email`), not found.
    pub async fn remove_grant(
        &self,
        administrator: &Administrator,
        email: &str,
        service: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let (user, service) = pair(change.db(), email, service).await?;
        let (user_id, service_id) = (UserId::from_uuid(user.id), ServiceId::from_uuid(service.id));
        let grant = access::store::access_grant::find(change.db(), user_id, service_id)
            .await?
            .ok_or(Error::NotFound("grant"))?;
        access::store::access_grant::delete(change.db(), grant.id).await?;
        change.record_with(
            &Entry {
                action: Action::GrantRemoved,
                target: Target::Grant(AccessGrantId::from_uuid(grant.id)),
                name: &format!("{} → {}", user.email, service.name),
                subject: Some(user_id),
                detail: "",
            },
            FIELDS
                .into_iter()
                .zip(facts_of(&grant))
                .map(|(field, before)| FieldChange::removed(field, before)),
        );
        change.commit().await
    }
}

/// What the audit log tells of a grant.
const FIELDS: [&str; 3] = ["scopes", "origin", "expires"];

fn facts(
    scopes: &str,
    origin: AccessGrantOrigin,
    expires_at: Option<OffsetDateTime>,
) -> [Option<String>; 3] {
    [
        Some(scopes.to_owned()),
        Some(origin.as_str().to_owned()),
        expires_at.and_then(|end| end.format(&Rfc3339).ok()),
    ]
}

/// What a new grant changes.
pub(crate) fn added_grant(
    scopes: Scopes,
    origin: AccessGrantOrigin,
    expires_at: Option<OffsetDateTime>,
) -> impl Iterator<Item = FieldChange> {
    FIELDS
        .into_iter()
        .zip(facts(&scopes.to_string(), origin, expires_at))
        .map(|(field, value)| FieldChange::added(field, value))
}

fn facts_of(grant: &access::store::access_grant::Model) -> [Option<String>; 3] {
    facts(
        &grant.scopes,
        AccessGrantOrigin::from_word(&grant.origin),
        grant.expires_at.map(database::at),
    )
}

async fn pair(
    db: &impl ConnectionTrait,
    email: &str,
    service: &str,
) -> Result<(identity::store::user::Model, access::store::service::Model)> {
    let email =
        Email::parse(email).map_err(|wrong| Error::bad_input("email")(wrong.to_string()))?;
    let user = identity::store::user::find_by_email(db, &email)
        .await?
        .ok_or(Error::NotFound("person"))?;
    Ok((user, existing(db, service).await?))
}
