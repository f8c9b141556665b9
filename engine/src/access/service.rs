//! Services: adding, changing, rotating tokens, deleting.

use crate::{
    Engine, Error, RequestOrigin, Result, UncommittedSecret, access,
    access::service_token,
    audit::log::{Entry, Target},
    database,
    identity::cascade,
};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser},
    access::rule::Rules,
    access::service::{Policy, Requirement, Service, ServiceName},
    audit::event::{Action, FieldChange},
    id::ServiceId,
    identity::user::Role,
    pagination::{ListQuery, Page},
    request::host::HostPattern,
    secret::SecretText,
};
use sea_orm::ConnectionTrait;
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
    /// Adds a service; its token is shown once.
    ///
    /// # Errors
    /// Bad input (`name`, `hosts`), conflict (`name`, `hosts`).
    pub async fn add_service(
        &self,
        administrator: &Administrator,
        name: &str,
        new: NewService,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (Service, SecretText)>> {
        let name = ServiceName::parse(name.trim())
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let (hosts, rules) = (parse_hosts(&new.hosts)?, parse_rules(&new.rules)?);
        let mut change = self.change(administrator, origin).await?;
        if access::store::service::find_by_name(change.db(), name.as_str())
            .await?
            .is_some()
        {
            return Err(Error::Conflict {
                field: "name",
                message: format!("There is a service called {name} already."),
            });
        }
        refuse_taken(change.db(), None, &hosts).await?;
        let id = ServiceId::from_uuid(self.inner.settings.rng.uuid(self.now()));
        access::store::service::insert(
            change.db(),
            id,
            &name,
            &new.policy,
            &rules,
            self.now().unix_timestamp(),
        )
        .await?;
        access::store::service::set_hosts(change.db(), id, &hosts).await?;
        let token = self.insert_token(change.db(), id).await?;
        let after = facts(listed(&hosts), rules.to_string(), &new.policy);
        change.record_with(
            &Entry {
                action: Action::ServiceAdded,
                target: Target::Service(id),
                name: name.as_str(),
                subject: None,
                detail: &listed(&hosts),
            },
            after.map(|(field, after)| FieldChange::added(field, after)),
        );
        let service = self.shown(change.db(), name.as_str()).await?;
        Ok(UncommittedSecret::new(change, (service, token)))
    }

    async fn insert_token(
        &self,
        db: &impl ConnectionTrait,
        service: ServiceId,
    ) -> Result<SecretText> {
        let made = service_token::generate(&self.inner.settings.rng);
        let row = access::store::service::token::Model {
            label: made.label,
            service_id: service.uuid(),
            salt: made.salt.to_vec(),
            digest: made.digest.to_vec(),
            created_at: self.now().unix_timestamp(),
            expires_at: None,
        };
        access::store::service::add_token(db, row).await?;
        Ok(made.text)
    }

    /// Services. Sort: `name` (default), `created`, `grants`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_services(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<Service>> {
        access::store::service::list(
            self.db(),
            &query.clone().bounded(),
            self.now().unix_timestamp(),
        )
        .await
    }

    /// One service.
    ///
    /// # Errors
    /// Not found.
    pub async fn service(&self, _administrator: &Administrator, name: &str) -> Result<Service> {
        self.shown(self.db(), name).await
    }

    async fn shown(&self, db: &impl ConnectionTrait, name: &str) -> Result<Service> {
        access::store::service::show(db, name, self.now().unix_timestamp())
            .await?
            .ok_or(Error::NotFound("service"))
    }

    /// The hosts of all services.
    ///
    /// # Errors
    /// Internal only.
    pub async fn service_hosts(&self, _administrator: &Administrator) -> Result<Vec<HostPattern>> {
        let hosts = access::store::service::all_hosts(self.db()).await?;
        hosts.iter().map(|host| database::parsed(host)).collect()
    }

    /// Changes hosts and rules.
    ///
    /// # Errors
    /// Bad input (`hosts`), conflict (`hosts`), not found.
    pub async fn change_service(
        &self,
        administrator: &Administrator,
        name: &str,
        new: NewService,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let (hosts, rules) = (parse_hosts(&new.hosts)?, parse_rules(&new.rules)?);
        let mut change = self.change(administrator, origin).await?;
        let service = existing(change.db(), name).await?;
        let id = ServiceId::from_uuid(service.id);
        refuse_taken(change.db(), Some(id), &hosts).await?;
        let before = facts_of(change.db(), &service).await?;
        access::store::service::set_policy(change.db(), id, &new.policy, &rules).await?;
        access::store::service::set_hosts(change.db(), id, &hosts).await?;
        let after = facts(listed(&hosts), rules.to_string(), &new.policy);
        let fields = before.into_iter().zip(after);
        change.record_with(
            &Entry {
                action: Action::ServiceChanged,
                target: Target::Service(id),
                name: &service.name,
                subject: None,
                detail: &listed(&hosts),
            },
            fields.map(|((field, before), (_, after))| FieldChange::new(field, before, after)),
        );
        change.commit().await
    }

    /// Makes a new token; the old one is accepted for `overlap` (0 to 30 days) more.
    ///
    /// # Errors
    /// Not found, bad input (`overlap`).
    pub async fn rotate_service_token(
        &self,
        administrator: &Administrator,
        name: &str,
        overlap: Duration,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, SecretText>> {
        if overlap.is_negative() || overlap > MAX_OVERLAP {
            return Err(Error::bad_input("overlap")(
                "The old token can stay for 0 to 720 hours (30 days).".to_owned(),
            ));
        }
        let mut change = self.change(administrator, origin).await?;
        let service = existing(change.db(), name).await?;
        let id = ServiceId::from_uuid(service.id);
        access::store::service::retire_tokens(
            change.db(),
            id,
            (self.now() + overlap).unix_timestamp(),
        )
        .await?;
        let token = self.insert_token(change.db(), id).await?;
        let overlap = format!("{} h", overlap.whole_hours());
        change.record_with(
            &Entry {
                action: Action::ServiceTokenRotated,
                target: Target::Service(id),
                name: &service.name,
                subject: None,
                detail: &format!("old one for {overlap} more"),
            },
            [FieldChange::added("overlap", overlap.clone())],
        );
        Ok(UncommittedSecret::new(change, token))
    }

    /// Deletes a service with its grants and tokens.
    ///
    /// # Errors
    /// Not found.
    pub async fn delete_service(
        &self,
        administrator: &Administrator,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let service = existing(change.db(), name).await?;
        let id = ServiceId::from_uuid(service.id);
        let before = facts_of(change.db(), &service).await?;
        let ended = cascade::end_service(&mut change, id).await?;
        change.record_with(
            &Entry {
                action: Action::ServiceDeleted,
                target: Target::Service(id),
                name: &service.name,
                subject: None,
                detail: &ended,
            },
            before.map(|(field, before)| FieldChange::removed(field, before)),
        );
        change.commit().await
    }

    /// The services this person can enter.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_services(&self, current_user: &CurrentUser) -> Result<Vec<MyService>> {
        let rows = access::store::access_grant::services_of(
            self.db(),
            current_user.user_id,
            current_user.role == Role::Admin,
            self.now().unix_timestamp(),
        )
        .await?;
        let scheme = self.public_url().scheme();
        let mut services = Vec::with_capacity(rows.len());
        for row in rows {
            // A wildcard is no address to go to.
            let host = access::store::service::first_host(self.db(), row.id).await?;
            services.push(MyService {
                name: database::parsed(&row.name)?,
                url: host
                    .map(|host| database::parsed::<HostPattern>(&host))
                    .transpose()?
                    .filter(|host| !host.is_wildcard())
                    .map(|host| format!("{scheme}://{host}/")),
            });
        }
        Ok(services)
    }
}

/// The row of a service by name, or that there is none.
pub(crate) async fn existing(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<access::store::service::Model> {
    access::store::service::find_by_name(db, name)
        .await?
        .ok_or(Error::NotFound("service"))
}

fn parse_rules(typed: &str) -> Result<Rules> {
    Rules::parse(typed).map_err(|wrong| Error::bad_input("rules")(wrong.to_string()))
}

fn parse_hosts(typed: &str) -> Result<Vec<HostPattern>> {
    let mut hosts: Vec<HostPattern> = Vec::new();
    for text in typed
        .split([' ', ',', '\n', '\r', '\t', ';'])
        .filter(|text| !text.is_empty())
    {
        let host = HostPattern::parse(text).map_err(|wrong| {
            Error::bad_input("hosts")(format!(
                "`{}`: {wrong}",
                text.chars().take(80).collect::<String>()
            ))
        })?;
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if hosts.len() > MAX_HOSTS {
        return Err(Error::bad_input("hosts")(format!(
            "A service has at most {MAX_HOSTS} hosts."
        )));
    }
    Ok(hosts)
}

/// A host is one service's: with two, the order of rows would decide which service's rules and grants hold. A
/// wildcard beside a host below it is no such case: the host that is named in full goes first, as in proxies.
async fn refuse_taken(
    db: &impl ConnectionTrait,
    id: Option<ServiceId>,
    hosts: &[HostPattern],
) -> Result<()> {
    match access::store::service::taken_host(db, id, hosts).await? {
        Some(host) => Err(Error::Conflict {
            field: "hosts",
            message: format!("{host} belongs to another service."),
        }),
        None => Ok(()),
    }
}

/// What the audit log tells of a service: each field of it, under the name that forms and commands have for it.
type Facts = [(&'static str, String); 4];

fn facts(hosts: String, rules: String, policy: &Policy) -> Facts {
    let requirement = match policy.requirement {
        Requirement::Device => "device".to_owned(),
        Requirement::Passkey { max_age_seconds } => {
            format!("passkey, at most {max_age_seconds} s old")
        }
    };
    [
        ("hosts", hosts),
        ("rules", rules),
        ("requirement", requirement),
        ("admins_enter", policy.admins_enter.to_string()),
    ]
}

async fn facts_of(
    db: &impl ConnectionTrait,
    service: &access::store::service::Model,
) -> Result<Facts> {
    let hosts = access::store::service::hosts_of(db, service.id)
        .await?
        .join(" ");
    Ok(facts(hosts, service.rules.clone(), &service.policy()))
}

fn listed(hosts: &[HostPattern]) -> String {
    hosts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}
