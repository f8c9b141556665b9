//! Grants, for administrators: letting users into services, what services learn, taking it back.

use crate::{
    actions::error::ActionError,
    form::{
        Fields, FormError, FormResult, Next,
        change::{self, Change},
    },
    messages::m,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView, Scope, Scopes},
    access::permission::{Authorized, GrantsRead, GrantsWrite, UsersRead},
    pagination::{ListQuery, PAGE_SIZE},
};
use latchkey_engine::{AccessGrantFilter, Error, Noun, Result as EngineResult};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

/// The longest time for which a grant can be given: ten years.
pub(crate) const MAX_DAYS: u32 = 3650;

/// Lets a user into a service, or changes what it learns of them; `expires` is in days.
#[server(prefix = "/actions", endpoint = "grant/add")]
pub async fn add_grant(
    #[server(default)] email: String,
    #[server(default)] service: String,
    #[server(default)] read_username: String,
    #[server(default)] read_email: String,
    #[server(default)] read_user_role: String,
    #[server(default)] expires: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("email", &email)
        .field("service", &service)
        .field("expires", &expires);
    let fields = fields
        .field("read_username", &read_username)
        .field("read_email", &read_email)
        .field("read_user_role", &read_user_role);
    change::administer(
        GrantsWrite,
        "/actions/grant/add",
        fields,
        "/admin/services",
        |change| async move {
            let scopes = scopes(&[
                (Scope::Username, &read_username),
                (Scope::Email, &read_email),
                (Scope::UserRole, &read_user_role),
            ]);
            let expires_at = end(&expires, change.engine().now())?;
            let grant = change
                .engine()
                .add_grant(
                    &change.proof,
                    &email,
                    &service,
                    scopes,
                    expires_at,
                    change.origin(),
                )
                .await
                .map_err(beside_its_field)?;
            let (service, user) = (grant.service.as_str(), grant.user.as_str());
            Ok(Next::back().saying(m::grant_added(service, user)))
        },
    )
    .await
}

/// Changes what a service learns of the users named in `users`: `cells` holds a `user scope` for each scope that is to
/// be. Who is not named stays as they are.
#[server(prefix = "/actions", endpoint = "grant/change")]
pub async fn change_grants(
    #[server(default)] service: String,
    #[server(default)] users: Vec<String>,
    #[server(default)] cells: Vec<String>,
) -> Result<(), ActionError> {
    change::administer(
        GrantsWrite,
        "/actions/grant/change",
        Fields::none(),
        "/admin/services",
        |change| async move {
            let mut changed = 0;
            // As many as a page shows: a longer list did not come from one of ours.
            for email in users.iter().take(PAGE_SIZE as usize) {
                let scopes = cells
                    .iter()
                    .filter_map(|cell| cell.split_once(' '))
                    .filter(|(user, _)| user == email);
                let scopes = scopes
                    .filter_map(|(_, scope)| scope.parse::<Scope>().ok())
                    .collect();
                changed += u64::from(change_one(&change, email, &service, scopes).await?);
            }
            Ok(Next::back().saying(m::grants_changed(changed, service)))
        },
    )
    .await
}

/// Takes a grant away.
#[server(prefix = "/actions", endpoint = "grant/remove")]
pub async fn remove_grant(
    #[server(default)] email: String,
    #[server(default)] service: String,
) -> Result<(), ActionError> {
    change::administer(
        GrantsWrite,
        "/actions/grant/remove",
        Fields::none(),
        "/admin/services",
        |change| async move {
            change
                .engine()
                .remove_grant(&change.proof, &email, &service, change.origin())
                .await?;
            Ok(Next::back().saying(m::grant_removed(email, service)))
        },
    )
    .await
}

/// Changes the scopes of one grant, if they are different; says whether they were. A grant that
/// ended or went away meanwhile is not brought back, and an administrator's own link is not made
/// into a grant that would outlive the role.
async fn change_one(
    change: &Change<Authorized<GrantsWrite>>,
    email: &str,
    service: &str,
    scopes: Scopes,
) -> EngineResult<bool> {
    let Some(grant) = find(change, email, service).await? else {
        return Ok(false);
    };
    let has_ended = grant
        .expires_at
        .is_some_and(|end| end <= change.engine().now());
    if grant.origin != AccessGrantOrigin::Explicit || has_ended || grant.scopes == scopes {
        return Ok(false);
    }
    change
        .engine()
        .add_grant(
            &change.proof,
            email,
            service,
            scopes,
            grant.expires_at,
            change.origin(),
        )
        .await?;
    Ok(true)
}

async fn find(
    change: &Change<Authorized<GrantsWrite>>,
    email: &str,
    service: &str,
) -> EngineResult<Option<AccessGrantView>> {
    let user = match change
        .engine()
        .user_by_email(&change.context.authorize(UsersRead)?, email)
        .await
    {
        Ok(user) => user,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let filter = AccessGrantFilter {
        user: Some(user.id),
        service: Some(service.to_owned()),
    };
    let grants = change
        .engine()
        .list_grants(
            &change.context.authorize(GrantsRead)?,
            &filter,
            &ListQuery::default().bounded(),
        )
        .await?;
    Ok(grants.items.into_iter().next())
}

fn scopes(chosen: &[(Scope, &String)]) -> Scopes {
    chosen
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(scope, _)| *scope)
        .collect()
}

/// When a grant ends, from a number of days as typed; empty is never.
fn end(days: &str, now: OffsetDateTime) -> FormResult<Option<OffsetDateTime>> {
    match days.trim() {
        "" => Ok(None),
        typed => match typed.parse() {
            Ok(days @ 1..=MAX_DAYS) => Ok(Some(now + Duration::days(days.into()))),
            _ => Err(FormError::field("expires", m::invalid_days(MAX_DAYS))),
        },
    }
}

/// What is not there was typed or chosen here: the message belongs beside that field.
fn beside_its_field(error: Error) -> FormError {
    match error {
        Error::NotFound(Noun::User) => FormError::field("email", m::UNKNOWN_EMAIL),
        Error::NotFound(Noun::Service) => FormError::field("service", m::CHOOSE_SERVICE),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_ends_after_days_or_never() {
        let now = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(end("", now).unwrap(), None);
        assert_eq!(end(" 30 ", now).unwrap(), Some(now + Duration::days(30)));
        for typed in ["0", "-1", "3651", "4294967296", "a week", "1.5"] {
            assert!(
                matches!(end(typed, now), Err(FormError::Field("expires", _))),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn only_ticked_boxes_are_scopes() {
        let (yes, no) = ("yes".to_owned(), String::new());
        let scopes = scopes(&[
            (Scope::Username, &yes),
            (Scope::Email, &no),
            (Scope::UserRole, &yes),
        ]);
        assert_eq!(scopes.to_string(), "read:username read:user-role");
    }
}
