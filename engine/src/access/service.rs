//! Services: adding, changing, rotating tokens, deleting.

use crate::{
    Conflict, Engine, Error, InvalidInput, Noun, RequestOrigin, Result, UncommittedSecret, access,
    database::Reads,
    keys::rotating_secret::{self, SecretKind},
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, ServicesRead, ServicesWrite},
    access::rule::Rules,
    access::service::{Policy, RiskPolicy, Service, ServiceName, ServiceToken, ServiceView},
    event::Ended,
    id::ServiceId,
    identity::user::Role,
    pagination::{Batch, Cursor, ListQuery, Page},
    request::host::HostPattern,
    secret::SecretText,
    tokens::policy::AccessTokenPolicy,
};
use time::Duration;

/// The longest overlap of an old token with a new one.
const MAX_OVERLAP: Duration = Duration::days(30);
/// The most hosts of one service.
const MAX_HOSTS: usize = 32;

/// A service to add, or what to change of one.
#[derive(Debug, Clone, Default)]
pub struct NewService {
    /// Hosts as typed; separators are spaces, commas and new lines.
    pub hosts: String,
    /// How sure a device must be, and whether administrators enter.
    pub policy: Policy,
    /// Rules for paths as typed, one a line.
    pub rules: String,
}

/// A service as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyService {
    /// Its name.
    pub name: ServiceName,
    /// Where it is, if it has a host.
    pub url: Option<String>,
}

impl Engine {
    /// A batch of services.
    ///
    /// # Errors
    /// Internal only.
    pub async fn service_batch(
        &self,
        _proof: &dyn Authorizes<ServicesRead>,
        cursor: Cursor<ServiceId>,
    ) -> Result<Batch<ServiceView>> {
        access::store::service::view::batch(&self.read(), cursor, self.now()).await
    }

    /// Adds a service; its token is shown once.
    ///
    /// # Errors
    /// Bad input (`name`, `hosts`), conflict (`name`, `hosts`).
    pub async fn add_service(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        new: NewService,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (ServiceView, SecretText)>> {
        let name = ServiceName::parse(name.trim()).map_err(Error::bad_input("name"))?;
        let (hosts, rules) = (parse_hosts(&new.hosts)?, parse_rules(&new.rules)?);
        let mut tx = self.begin(proof, origin).await?;
        if access::store::service::find_by_name(&tx, name.as_str())
            .await?
            .is_some()
        {
            return Err(Error::conflict("name", Conflict::ServiceName(name)));
        }
        refuse_taken(&tx, None, &hosts).await?;
        let now = self.now();
        let service = Service {
            id: ServiceId::from_uuid(self.inner.settings.rng.uuid(now)),
            name,
            hosts,
            policy: new.policy,
            rules,
            risk: RiskPolicy::default(),
            access_tokens: AccessTokenPolicy::default(),
            created_at: now,
        };
        let (token, text) = self.new_token(service.id);
        let name = service.name.clone();
        tx.apply(service.add(token)).await?;
        let service = self.shown(&tx, name.as_str()).await?;
        Ok(UncommittedSecret::new(tx, (service, text)))
    }

    /// A token that is not written yet, and its text.
    fn new_token(&self, service: ServiceId) -> (ServiceToken, SecretText) {
        let rng = &self.inner.settings.rng;
        rotating_secret::generate(SecretKind::ServiceToken, rng, service, self.now())
    }

    /// Services. Sort: `name` (default), `created`, `grants`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_services(
        &self,
        _proof: &dyn Authorizes<ServicesRead>,
        query: &ListQuery,
    ) -> Result<Page<ServiceView>> {
        access::store::service::view::list(&self.read(), &query.clone().bounded(), self.now()).await
    }

    /// One service.
    ///
    /// # Errors
    /// Not found.
    pub async fn service(
        &self,
        _proof: &dyn Authorizes<ServicesRead>,
        name: &str,
    ) -> Result<ServiceView> {
        self.shown(&self.read(), name).await
    }

    async fn shown(&self, db: &impl Reads, name: &str) -> Result<ServiceView> {
        access::store::service::view::show(db, name, self.now())
            .await?
            .ok_or(Error::NotFound(Noun::Service))
    }

    /// The hosts of all services.
    ///
    /// # Errors
    /// Internal only.
    pub async fn service_hosts(
        &self,
        _proof: &dyn Authorizes<ServicesRead>,
    ) -> Result<Vec<HostPattern>> {
        access::store::service::all_hosts(&self.read()).await
    }

    /// Changes hosts and rules.
    ///
    /// # Errors
    /// Bad input (`hosts`), conflict (`hosts`), not found.
    pub async fn change_service(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        new: NewService,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let (hosts, rules) = (parse_hosts(&new.hosts)?, parse_rules(&new.rules)?);
        let mut tx = self.begin(proof, origin).await?;
        let service = require_service(&tx, name).await?;
        refuse_taken(&tx, Some(service.id), &hosts).await?;
        let (_, event) = service.change(hosts, new.policy, rules);
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Makes a new token; the old one is accepted for `overlap` (0 to 30 days) more.
    ///
    /// # Errors
    /// Not found, bad input (`overlap`).
    pub async fn rotate_service_token(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        overlap: Duration,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, SecretText>> {
        check_overlap(overlap)?;
        let mut tx = self.begin(proof, origin).await?;
        let service = require_service(&tx, name).await?;
        let (token, text) = self.new_token(service.id);
        tx.apply(service.rotate_token(token, overlap)).await?;
        Ok(UncommittedSecret::new(tx, text))
    }

    /// Deletes a service with its grants and tokens.
    ///
    /// # Errors
    /// Not found.
    pub async fn delete_service(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let service = require_service(&tx, name).await?;
        let tokens = access::store::service::token::count_by_service(&tx, service.id).await?;
        let grants = access::store::access_grant::count_by_service(&tx, service.id).await?;
        let ended = Ended::new([(tokens, "token"), (grants, "grant")]);
        tx.apply(service.delete(ended)).await?;
        tx.commit().await
    }

    /// The services this user can enter.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_services(&self, current_user: &CurrentUser) -> Result<Vec<MyService>> {
        let services = access::store::access_grant::list_services_by_user(
            &self.read(),
            current_user.user_id,
            current_user.role == Role::Admin,
            self.now(),
        )
        .await?;
        let scheme = self.public_url().scheme();
        Ok(services
            .into_iter()
            .map(|(name, host)| MyService {
                name,
                // A wildcard is no address to go to.
                url: host
                    .filter(|host| !host.is_wildcard())
                    .map(|host| format!("{scheme}://{host}/")),
            })
            .collect())
    }
}

/// Whether an old secret may be accepted for this long beside a new one.
pub(crate) fn check_overlap(overlap: Duration) -> Result<()> {
    if overlap.is_negative() || overlap > MAX_OVERLAP {
        let reason = InvalidInput::Overlap { most: MAX_OVERLAP };
        return Err(Error::bad_input("overlap")(reason));
    }
    Ok(())
}

/// A service by name, or that there is none.
pub(crate) async fn require_service(db: &impl Reads, name: &str) -> Result<Service> {
    access::store::service::find_by_name(db, name)
        .await?
        .ok_or(Error::NotFound(Noun::Service))
}

fn parse_rules(typed: &str) -> Result<Rules> {
    Rules::parse(typed).map_err(Error::bad_input("rules"))
}

fn parse_hosts(typed: &str) -> Result<Vec<HostPattern>> {
    let mut hosts: Vec<HostPattern> = Vec::new();
    for text in typed
        .split([' ', ',', '\n', '\r', '\t', ';'])
        .filter(|text| !text.is_empty())
    {
        let host = HostPattern::parse(text).map_err(|_| {
            let start = text.chars().take(80).collect();
            Error::bad_input("hosts")(InvalidInput::Host(start))
        })?;
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.len() > MAX_HOSTS {
        let reason = InvalidInput::TooManyHosts { most: MAX_HOSTS };
        return Err(Error::bad_input("hosts")(reason));
    }
    Ok(hosts)
}

/// A host is one service's: with two, the order of rows would decide which service's rules and grants hold. A
/// wildcard beside a host below it is no such case: the host that is named in full goes first, as in proxies.
async fn refuse_taken(db: &impl Reads, id: Option<ServiceId>, hosts: &[HostPattern]) -> Result<()> {
    match access::store::service::taken_host(db, id, hosts).await? {
        Some(host) => Err(Error::conflict("hosts", Conflict::Host(host))),
        None => Ok(()),
    }
}
