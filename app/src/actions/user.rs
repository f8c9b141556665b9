//! People, for administrators: adding, inviting, switching off and on, roles, deleting.

use crate::{
    actions::error::ActionError,
    enrolment_url::enrolment_url,
    form::{self, Fields, Next},
    format,
    request_context::Effect,
    response,
};
use latchkey_domain::{id::UserId, identity::user::Role, secret::SecretText};
use latchkey_engine::{Error, NewUser};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Adds a person and shows their enrolment link, once.
#[server(prefix = "/actions", endpoint = "user/add")]
pub async fn add_user(
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] role: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .kept("email", &email)
        .kept("name", &name)
        .kept("role", &role);
    form::handle_form("/actions/user/add", fields, "/admin/users", async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let new = NewUser {
            email,
            name,
            role: role_of(&role)?,
        };
        let (user, code) = context
            .engine()
            .add_user(&administrator, new, &context.facts().origin)
            .await?
            .commit()
            .await?;
        Ok(showing(
            &enrolment_url(context.engine().public_url().as_str(), &code),
            code.expires_at,
            user.id,
            &format!("{} was added.", user.name),
        ))
    })
    .await
}

/// Makes a new enrolment link and shows it, once.
#[server(prefix = "/actions", endpoint = "user/invite")]
pub async fn invite_user(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/invite",
        Fields::none(),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            let id = form::id(&id, "person")?;
            let code = context
                .engine()
                .invite_user(&administrator, id, &context.facts().origin)
                .await?
                .commit()
                .await?;
            Ok(showing(
                &enrolment_url(context.engine().public_url().as_str(), &code),
                code.expires_at,
                id,
                "A new link was created; older ones are no longer valid.",
            ))
        },
    )
    .await
}

/// Switches an account off.
#[server(prefix = "/actions", endpoint = "user/disable")]
pub async fn disable_user(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/disable",
        Fields::none(),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            context
                .engine()
                .disable_user(
                    &administrator,
                    form::id(&id, "person")?,
                    &context.facts().origin,
                )
                .await?;
            Ok(Next::back().saying(
            "The account is disabled. The user has no access; enabling the account restores it.",
        ))
        },
    )
    .await
}

/// Switches an account on again.
#[server(prefix = "/actions", endpoint = "user/enable")]
pub async fn enable_user(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/enable",
        Fields::none(),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            context
                .engine()
                .enable_user(
                    &administrator,
                    form::id(&id, "person")?,
                    &context.facts().origin,
                )
                .await?;
            Ok(Next::back()
                .saying("The account is enabled. Its devices and grants are valid again."))
        },
    )
    .await
}

/// Deletes an account; one's own signs out.
#[server(prefix = "/actions", endpoint = "user/delete")]
pub async fn delete_user(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/delete",
        Fields::none(),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            let id: UserId = form::id(&id, "person")?;
            let user = context.engine().user(&administrator, id).await?;
            context
                .engine()
                .delete_user(&administrator, id, &context.facts().origin)
                .await?;
            if context.current_user()?.user_id == id {
                context.leave(Effect::ForgetDevice);
                return Ok(Next::page("/login")
                    .saying("Your account was deleted. This device no longer has access."));
            }
            Ok(Next::page("/admin/users").saying(format!(
                "{} was deleted. The audit log is kept.",
                user.email
            )))
        },
    )
    .await
}

/// Changes what a person may do here.
#[server(prefix = "/actions", endpoint = "user/role")]
pub async fn set_role(
    #[server(default)] id: String,
    #[server(default)] role: String,
) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/role",
        Fields::none().kept("role", &role),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            let role = role_of(&role)?;
            context
                .engine()
                .set_role(
                    &administrator,
                    form::id(&id, "person")?,
                    role,
                    &context.facts().origin,
                )
                .await?;
            Ok(Next::back().saying(match role {
                Role::Admin => {
                    "The user is now an administrator. The user was signed out everywhere and can administer after signing in again, with a passkey."
                }
                Role::User => "The user is now a member. The user was signed out everywhere.",
            }))
        },
    )
    .await
}

/// Sets whether a person signs in with passkeys only.
#[server(prefix = "/actions", endpoint = "user/sign-in")]
pub async fn set_passkey_only(
    #[server(default)] id: String,
    #[server(default)] factors: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().kept("factors", &factors);
    form::handle_form("/actions/user/sign-in", fields, "/admin/users", async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let passkey_only = match factors.as_str() {
            "passkeys" => true,
            "all" => false,
            _ => {
                return Err(Error::BadInput {
                    field: "factors",
                    message: "Choose how the user signs in.".to_owned(),
                });
            }
        };
        context
            .engine()
            .set_passkey_only(
                &administrator,
                form::id(&id, "person")?,
                passkey_only,
                &context.facts().origin,
            )
            .await?;
        Ok(Next::back().saying(match passkey_only {
            true => {
                "The user now signs in with passkeys only. Codes can no longer register devices."
            }
            false => "Codes from the user’s authenticator app can register devices again.",
        }))
    })
    .await
}

/// Lets a person's codes count again after too many wrong ones.
#[server(prefix = "/actions", endpoint = "user/resume-codes")]
pub async fn resume_codes(#[server(default)] id: String) -> Result<(), ActionError> {
    form::handle_form(
        "/actions/user/resume-codes",
        Fields::none(),
        "/admin/users",
        async {
            let context = response::request_context();
            let administrator = context.administrator()?;
            context
                .engine()
                .lift_code_pause(
                    &administrator,
                    form::id(&id, "person")?,
                    &context.facts().origin,
                )
                .await?;
            Ok(Next::back().saying("Codes are accepted on new devices again."))
        },
    )
    .await
}

fn role_of(word: &str) -> latchkey_engine::Result<Role> {
    word.parse().map_err(|_| Error::BadInput {
        field: "role",
        message: "Choose a role.".to_owned(),
    })
}

/// To the user's page, with the link.
fn showing(
    link: &SecretText,
    expires_at: OffsetDateTime,
    user: UserId,
    what_happened: &str,
) -> Next {
    let words = format!(
        "{what_happened} Send the link below to the user over a channel you trust. It works once, and expires after 24 hours: {}.",
        format::exact(expires_at)
    );
    Next::page(format!("/admin/users/{user}")).revealing(
        words,
        "Enrolment link",
        link.expose_secret(),
    )
}
