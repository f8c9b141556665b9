//! Grants, for administrators: letting people into services, what services learn, taking it back.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next},
    format,
    request_context::RequestContext,
    response,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView, Scope, Scopes},
    access::permission::Administrator,
    pagination::{ListQuery, PAGE_SIZE},
};
use latchkey_engine::{AccessGrantFilter, Error, Result as EngineResult};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

/// The longest time for which a grant can be given: ten years.
pub(crate) const MAX_DAYS: u32 = 3650;

/// Lets a person into a service, or changes what it learns of them; `expires` is in days.
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
        .kept("email", &email)
        .kept("service", &service)
        .kept("expires", &expires);
    let fields = fields
        .kept("read_username", &read_username)
        .kept("read_email", &read_email)
        .kept("read_user_role", &read_user_role);
    form::handle_form("/actions/grant/add", fields, "/admin/services", async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let scopes = scopes(&[
            (Scope::Username, &read_username),
            (Scope::Email, &read_email),
            (Scope::UserRole, &read_user_role),
        ]);
        let expires_at = end(&expires, context.engine().now())?;
        let grant = context
            .engine()
            .add_grant(
                &administrator,
                &email,
                &service,
                scopes,
                expires_at,
                &context.facts().origin,
            )
            .await;
        let grant = grant.map_err(beside_its_field)?;
        Ok(Next::back().saying(format!(
            "{} now has access to {}. It applies from the next request.",
            grant.person, grant.service
        )))
    })
    .await
}

/// Changes what a service learns of the people named in `people`: `cells` holds a `person scope`
/// for each scope that is to be. Whoever is not named stays as they are.
#[server(prefix = "/actions", endpoint = "grant/change")]
pub async fn change_grants(
    #[server(default)] service: String,
    #[server(default)] people: Vec<String>,
    #[server(default)] cells: Vec<String>,
) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/grant/change",
        Fields::none(),
        "/admin/services",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            let mut changed = 0;
            // As many as a page shows: a longer list did not come from one of ours.
            for email in people.iter().take(PAGE_SIZE as usize) {
                let scopes = cells
                    .iter()
                    .filter_map(|cell| cell.split_once(' '))
                    .filter(|(person, _)| person == email);
                let scopes = scopes
                    .filter_map(|(_, scope)| scope.parse::<Scope>().ok())
                    .collect();
                changed +=
                    u64::from(change_one(&context, &administrator, email, &service, scopes).await?);
            }
            Ok(Next::back().saying(match changed {
                0 => "No scope was changed.".to_owned(),
                _ => format!(
                    "The scopes of {} for {service} were changed. They apply from the next request.",
                    format::count(changed, "user")
                ),
            }))
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
    form::handle_form(
        "/actions/grant/remove",
        Fields::none(),
        "/admin/services",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            context
                .engine()
                .remove_grant(&administrator, &email, &service, &context.facts().origin)
                .await?;
            Ok(Next::back().saying(format!(
                "{email} no longer has access to {service}. The next request is refused."
            )))
        },
    )
    .await
}

/// Changes the scopes of one grant, if they are different; says whether they were. A grant that
/// ended or went away meanwhile is not brought back, and an administrator's own link is not made
/// into a grant that would outlive the role.
async fn change_one(
    context: &RequestContext,
    administrator: &Administrator,
    email: &str,
    service: &str,
    scopes: Scopes,
) -> EngineResult<bool> {
    let Some(grant) = find(context, administrator, email, service).await? else {
        return Ok(false);
    };
    let has_ended = grant
        .expires_at
        .is_some_and(|end| end <= context.engine().now());
    if grant.origin != AccessGrantOrigin::Explicit || has_ended || grant.scopes == scopes {
        return Ok(false);
    }
    context
        .engine()
        .add_grant(
            administrator,
            email,
            service,
            scopes,
            grant.expires_at,
            &context.facts().origin,
        )
        .await?;
    Ok(true)
}

async fn find(
    context: &RequestContext,
    administrator: &Administrator,
    email: &str,
    service: &str,
) -> EngineResult<Option<AccessGrantView>> {
    let user = match context.engine().user_by_email(administrator, email).await {
        Ok(user) => user,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let filter = AccessGrantFilter {
        user: Some(user.id),
        service: Some(service.to_owned()),
    };
    let grants = context
        .engine()
        .list_grants(administrator, &filter, &ListQuery::default().bounded())
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
fn end(days: &str, now: OffsetDateTime) -> EngineResult<Option<OffsetDateTime>> {
    match days.trim() {
        "" => Ok(None),
        typed => match typed.parse() {
            Ok(days @ 1..=MAX_DAYS) => Ok(Some(now + Duration::days(days.into()))),
            _ => Err(Error::BadInput {
                field: "expires",
                message: "Enter a number of days from 1 to 3650, or leave it empty for no expiry."
                    .to_owned(),
            }),
        },
    }
}

/// What is not there was typed or chosen here: the words belong beside that field.
fn beside_its_field(error: Error) -> Error {
    let at = |field, message: &str| Error::BadInput {
        field,
        message: message.to_owned(),
    };
    match error {
        Error::NotFound("person") => at(
            "email",
            "No user has this e-mail address. Add the user first, under Users.",
        ),
        Error::NotFound("service") => at("service", "Choose a service."),
        other => other,
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
                matches!(
                    end(typed, now),
                    Err(Error::BadInput {
                        field: "expires",
                        ..
                    })
                ),
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
