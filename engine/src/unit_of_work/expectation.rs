//! Changes that are made only if a resource is as its caller saw it (RFC 9110 §13.1.1, `If-Match`).

use crate::{Engine, Error, Result, access, database::Reads, identity, keys::keyring, tokens};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::id::{AccessGrantId, DeviceId, UserId};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use time::OffsetDateTime;

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A user.
    User(UserId),
    /// A device.
    Device(DeviceId),
    /// A service, by name.
    Service(String),
    /// A grant.
    Grant(AccessGrantId),
    /// A client, by id.
    Client(String),
    /// A role that an administrator defined, by name.
    Role(String),
}

/// What changes by itself, with every use: nobody's change depends on it.
const VOLATILE: [&str; 2] = ["last_seen_at", "last_ip"];

/// The entity tag of a resource as it is shown, without its quotation marks. It stays while only times of last use change.
///
/// # Errors
/// Internal only.
pub fn etag(view: &impl Serialize) -> Result<String> {
    let mut value = serde_json::to_value(view).map_err(Error::internal)?;
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !VOLATILE.contains(&name.as_str()));
    }
    let digest = keyring::digest("entity tag", value.to_string().as_bytes());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]))
}

/// A resource, and the entity tags of which it must have one.
#[derive(Debug)]
pub(crate) struct Expectation {
    resource: Resource,
    tags: Vec<String>,
    and: Option<Arc<Expectation>>,
}

impl Engine {
    /// The same use cases, for changes that are made only if the resource has one of these entity tags then, beside what was
    /// expected already.
    #[must_use]
    pub fn expecting(&self, resource: Resource, tags: Vec<String>) -> Self {
        let and = self.expectation.clone();
        Self {
            expectation: Some(Arc::new(Expectation {
                resource,
                tags,
                and,
            })),
            ..self.clone()
        }
    }
}

impl Expectation {
    /// Compares with what the transaction sees.
    ///
    /// # Errors
    /// [`Error::PreconditionFailed`], also when there is no such resource.
    pub(super) async fn check(&self, db: &impl Reads, now: OffsetDateTime) -> Result<()> {
        let tag = match &self.resource {
            Resource::User(id) => tag(identity::store::user::view::show(db, *id, now).await?)?,
            Resource::Device(id) => tag(identity::store::device::view::show(db, *id).await?)?,
            Resource::Service(name) => {
                tag(access::store::service::view::show(db, name, now).await?)?
            }
            Resource::Grant(id) => tag(access::store::access_grant::view::find(db, *id).await?)?,
            Resource::Client(id) => tag(tokens::store::client::view::show(db, id, now).await?)?,
            Resource::Role(name) => tag(identity::role::view(db, name).await?)?,
        };
        if !tag.is_some_and(|tag| self.tags.contains(&tag)) {
            return Err(Error::PreconditionFailed);
        }
        match &self.and {
            Some(and) => Box::pin(and.check(db, now)).await,
            None => Ok(()),
        }
    }
}

fn tag(view: Option<impl Serialize>) -> Result<Option<String>> {
    view.as_ref().map(etag).transpose()
}
