//! Users, for administrators: adding, inviting, disabling and enabling, roles, deleting.

use crate::{
    actions::error::ActionError,
    enrolment_url::enrolment_url,
    form::{self, Fields, FormError, FormResult, Next, change},
    format,
    messages::{Message, m},
    request_context::ResponseEffect,
};
use latchkey_domain::{
    access::permission::{RolesWrite, UsersInvite, UsersRead, UsersWrite},
    id::UserId,
    identity::user::Role,
    secret::SecretText,
};
use latchkey_engine::{NewUser, Noun};
use leptos::prelude::*;

/// Adds a user and shows their enrolment link, once.
#[server(prefix = "/actions", endpoint = "user/add")]
pub async fn add_user(
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] role: String,
    #[server(default)] by_mail: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("by_mail", &by_mail)
        .field("email", &email)
        .field("name", &name)
        .field("role", &role);
    change::administer(
        UsersInvite,
        "/actions/user/add",
        fields,
        "/admin/users",
        |change| async move {
            let new = NewUser {
                email,
                name,
                role: parse_role(&role)?,
            };
            let added = change
                .engine()
                .add_user(&change.proof, new, change.origin())
                .await?;
            if !by_mail.is_empty() {
                let id = added.made().0.id;
                let (user, _) = added.commit_by_mail(id, |(_, code)| code).await?;
                let text = m::user_added_by_mail(user.email.as_str(), user.name.as_str());
                return Ok(Next::page(format!("/admin/users/{id}")).saying(text));
            }
            let (user, code) = added.commit().await?;
            let link = enrolment_url(change.engine().public_url().as_str(), &code);
            let text = m::user_added(format::exact(code.expires_at), user.name.as_str());
            Ok(showing(&link, user.id, text))
        },
    )
    .await
}

/// Makes a new enrolment link and shows it, once.
#[server(prefix = "/actions", endpoint = "user/invite")]
pub async fn invite_user(
    #[server(default)] id: String,
    #[server(default)] vouch: String,
    #[server(default)] by_mail: String,
) -> Result<(), ActionError> {
    change::administer(
        UsersInvite,
        "/actions/user/invite",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::User)?;
            let invited = change
                .engine()
                .invite_user(&change.proof, id, !vouch.is_empty(), change.origin())
                .await?;
            if !by_mail.is_empty() {
                invited.commit_by_mail(id, |code| code).await?;
                let proof = change.context.authorize(UsersRead)?;
                let user = change.engine().user(&proof, id).await?;
                return Ok(Next::back().saying(m::user_invited_by_mail(user.email.as_str())));
            }
            let code = invited.commit().await?;
            let link = enrolment_url(change.engine().public_url().as_str(), &code);
            let expires_at = format::exact(code.expires_at);
            let text = match vouch.is_empty() {
                true => m::user_invited(expires_at),
                false => m::user_invited_vouched(expires_at),
            };
            Ok(showing(&link, id, text))
        },
    )
    .await
}

/// Revokes an enrolment link that was not used yet.
#[server(prefix = "/actions", endpoint = "user/revoke-link")]
pub async fn revoke_enrolment_link(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersInvite,
        "/actions/user/revoke-link",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::User)?;
            change
                .engine()
                .revoke_enrolment_link(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::USER_LINK_REVOKED))
        },
    )
    .await
}

/// Disables a user.
#[server(prefix = "/actions", endpoint = "user/disable")]
pub async fn disable_user(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/user/disable",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::User)?;
            change
                .engine()
                .disable_user(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::USER_DISABLED))
        },
    )
    .await
}

/// Enables a user again.
#[server(prefix = "/actions", endpoint = "user/enable")]
pub async fn enable_user(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/user/enable",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::User)?;
            change
                .engine()
                .enable_user(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::USER_ENABLED))
        },
    )
    .await
}

/// Deletes a user; the administrator's own account signs out.
#[server(prefix = "/actions", endpoint = "user/delete")]
pub async fn delete_user(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/user/delete",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id: UserId = form::id(&id, Noun::User)?;
            let user = change
                .engine()
                .user(&change.context.authorize(UsersRead)?, id)
                .await?;
            change
                .engine()
                .delete_user(&change.proof, id, change.origin())
                .await?;
            if change.context.current_user()?.user_id == id {
                change.context.push_effect(ResponseEffect::ForgetDevice);
                return Ok(Next::page("/login").saying(m::USER_DELETED_SELF));
            }
            let text = m::user_deleted(user.email.as_str());
            Ok(Next::page("/admin/users").saying(text))
        },
    )
    .await
}

/// Changes what a user may do here.
#[server(prefix = "/actions", endpoint = "user/role")]
pub async fn set_role(
    #[server(default)] id: String,
    #[server(default)] role: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().field("role", &role);
    change::administer(
        RolesWrite,
        "/actions/user/role",
        fields,
        "/admin/users",
        |change| async move {
            let (role, id) = (parse_role(&role)?, form::id(&id, Noun::User)?);
            change
                .engine()
                .set_role(&change.proof, id, role, change.origin())
                .await?;
            Ok(Next::back().saying(match role {
                Role::Admin => m::USER_IS_ADMINISTRATOR.into(),
                Role::Member => m::USER_IS_MEMBER.into(),
                other => m::user_has_role(other.as_str()),
            }))
        },
    )
    .await
}

/// Sets whether a user signs in with passkeys only.
#[server(prefix = "/actions", endpoint = "user/sign-in")]
pub async fn set_passkey_only(
    #[server(default)] id: String,
    #[server(default)] factors: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().field("factors", &factors);
    change::administer(
        UsersWrite,
        "/actions/user/sign-in",
        fields,
        "/admin/users",
        |change| async move {
            let passkey_only = match factors.as_str() {
                "passkeys" => true,
                "all" => false,
                _ => return Err(FormError::field("factors", m::CHOOSE_FACTORS)),
            };
            let id = form::id(&id, Noun::User)?;
            change
                .engine()
                .set_passkey_only(&change.proof, id, passkey_only, change.origin())
                .await?;
            Ok(Next::back().saying(match passkey_only {
                true => m::USER_PASSKEYS_ONLY,
                false => m::USER_CODES_AGAIN,
            }))
        },
    )
    .await
}

/// Lifts the lockout of a user's codes after too many wrong ones.
#[server(prefix = "/actions", endpoint = "user/resume-codes")]
pub async fn lift_code_lockout(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/user/resume-codes",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::User)?;
            change
                .engine()
                .lift_code_lockout(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::CODE_LOCKOUT_LIFTED))
        },
    )
    .await
}

fn parse_role(word: &str) -> FormResult<Role> {
    word.parse()
        .map_err(|_| FormError::field("role", m::CHOOSE_ROLE))
}

/// To the user's page, with the link.
fn showing(link: &SecretText, user: UserId, text: Message) -> Next {
    Next::page(format!("/admin/users/{user}")).revealing(
        text,
        m::ENROLMENT_LINK,
        link.expose_secret(),
    )
}
