//! Services, for administrators: adding, changing, new tokens, deleting.

use crate::{
    actions::error::ActionError,
    address::escape,
    form::{self, Fields, Next},
    format, response,
};
use latchkey_domain::access::service::{Policy, Requirement};
use latchkey_engine::{Error, NewService, Result as EngineResult};
use leptos::prelude::*;
use time::Duration;

/// The oldest passkey assertion that a service may accept, in minutes: a year.
pub(crate) const MAX_AGE_MINUTES: u32 = 525_600;

/// Adds a service and shows its token, once.
#[server(prefix = "/actions", endpoint = "service/add")]
pub async fn add_service(
    #[server(default)] name: String,
    #[server(default)] hosts: String,
    #[server(default)] requirement: String,
    #[server(default)] max_age: String,
    #[server(default)] admins: String,
) -> Result<(), ActionError> {
    let fields = fields(&name, &hosts, &requirement, &max_age, &admins);
    form::handle_form("/actions/service/add", fields, "/admin/services", async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let new = NewService { hosts, policy: policy(&requirement, &max_age, &admins)?, rules: String::new() };
        let (service, token) = context.engine().add_service(&administrator, &name, new, &context.facts().origin).await?.commit().await?;
        let said = format!("{} was added. Put this token into its proxy with the configuration below, then grant access to users.", service.name);
        Ok(Next::page(page_of(service.name.as_str())).revealing(said, "Service token", token.expose_secret()))
    })
    .await
}

/// Changes hosts and policy.
#[server(prefix = "/actions", endpoint = "service/change")]
pub async fn change_service(
    #[server(default)] name: String,
    #[server(default)] hosts: String,
    #[server(default)] requirement: String,
    #[server(default)] max_age: String,
    #[server(default)] admins: String,
    #[server(default)] rules: String,
) -> Result<(), ActionError> {
    let fields = fields(&name, &hosts, &requirement, &max_age, &admins).kept("rules", &rules);
    form::handle_form("/actions/service/change", fields, &page_of(&name), async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let new = NewService {
            hosts,
            policy: policy(&requirement, &max_age, &admins)?,
            rules,
        };
        context
            .engine()
            .change_service(&administrator, &name, new, &context.facts().origin)
            .await?;
        Ok(Next::back().saying("Hosts and policy were saved. They apply from the next request."))
    })
    .await
}

/// Makes a new token and shows it, once; `overlap` is in hours.
#[server(prefix = "/actions", endpoint = "service/rotate-token")]
pub async fn rotate_service_token(
    #[server(default)] name: String,
    #[server(default)] overlap: String,
) -> Result<(), ActionError> {
    form::handle_form("/actions/service/rotate-token", Fields::none().kept("name", &name), &page_of(&name), async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let hours: u32 = overlap.parse().map_err(|_| bad_input("overlap", "Choose how long the old token keeps working."))?;
        let token = context.engine().rotate_service_token(&administrator, &name, Duration::hours(hours.into()), &context.facts().origin).await?.commit().await?;
        let said = match hours {
            0 => "The token was rotated. The old one is refused from now on.".to_owned(),
            _ => format!(
                "The token was rotated. The old one works for another {}; put the new one into the proxy before then.",
                format::whole(Duration::hours(hours.into()).unsigned_abs())
            ),
        };
        Ok(Next::page(page_of(&name)).revealing(said, "New service token", token.expose_secret()))
    })
    .await
}

/// Deletes a service.
#[server(prefix = "/actions", endpoint = "service/delete")]
pub async fn delete_service(#[server(default)] name: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/service/delete",
        Fields::none(),
        "/admin/services",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            context
                .engine()
                .delete_service(&administrator, &name, &context.facts().origin)
                .await?;
            Ok(Next::page("/admin/services")
                .saying(format!("{name} was deleted, with its tokens and grants.")))
        },
    )
    .await
}

fn page_of(name: &str) -> String {
    format!("/admin/services/{}", escape(name))
}

fn fields(name: &str, hosts: &str, requirement: &str, max_age: &str, admins: &str) -> Fields {
    Fields::none()
        .kept("name", name)
        .kept("hosts", hosts)
        .kept("requirement", requirement)
        .kept("max_age", max_age)
        .kept("admins", admins)
}

fn policy(requirement: &str, max_age: &str, admins: &str) -> EngineResult<Policy> {
    let requirement = match requirement {
        "device" => Requirement::Device,
        "passkey" => match max_age.trim().parse() {
            Ok(minutes @ 1..=MAX_AGE_MINUTES) => Requirement::Passkey {
                max_age_seconds: minutes * 60,
            },
            _ => {
                return Err(bad_input(
                    "max_age",
                    "Enter a number of minutes from 1 to 525600 (a year).",
                ));
            }
        },
        _ => {
            return Err(bad_input(
                "requirement",
                "Choose the assurance that is required.",
            ));
        }
    };
    Ok(Policy {
        requirement,
        admins_enter: !admins.is_empty(),
    })
}

fn bad_input(field: &'static str, message: &str) -> Error {
    Error::BadInput {
        field,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_from_what_was_chosen() {
        assert_eq!(policy("device", "", "yes").unwrap(), Policy::default());
        assert_eq!(
            policy("device", "nonsense", "").unwrap(),
            Policy {
                requirement: Requirement::Device,
                admins_enter: false
            }
        );
        assert_eq!(
            policy("passkey", " 90 ", "").unwrap().requirement,
            Requirement::Passkey {
                max_age_seconds: 5400
            }
        );
        for (requirement, max_age, field) in [
            ("passkey", "0", "max_age"),
            ("passkey", "", "max_age"),
            ("passkey", "-1", "max_age"),
            ("passkey", "525601", "max_age"),
            ("passkey", "71582789", "max_age"),
            ("", "5", "requirement"),
        ] {
            assert!(
                matches!(policy(requirement, max_age, ""), Err(Error::BadInput { field: at_fault, .. }) if at_fault == field),
                "{requirement:?} {max_age:?}"
            );
        }
    }
}
