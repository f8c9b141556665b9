//! Users.

use super::{
    call::{ApiResult, Call, id},
    response::{List, created, done, shown_once, tagged},
};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::{
    access::permission::{RolesWrite, UsersInvite, UsersRead, UsersWrite},
    id::UserId,
    identity::user::{Role, UserView},
};
use latchkey_engine::{
    EnrolmentCode, Error, InvalidInput, NewUser, Resource, UncommittedSecret, etag,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct User {
    id: Uuid,
    #[schema(format = Email)]
    email: String,
    name: String,
    /// The name of a role.
    role: String,
    /// `invited` until the first device is registered.
    #[schema(pattern = "^(invited|active|disabled)$")]
    status: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_seen_at: Option<OffsetDateTime>,
    /// Devices that were not revoked.
    devices: u64,
    passkeys: u64,
    /// Whether the user was set to sign in with passkeys only.
    passkey_only: bool,
    /// When the enrolment link ends, while there is one that can be used.
    #[serde(with = "time::serde::rfc3339::option")]
    enrolment_link_expires_at: Option<OffsetDateTime>,
    /// Recovery codes that were not used.
    recovery_codes_left: u64,
}

impl From<UserView> for User {
    fn from(view: UserView) -> Self {
        Self {
            id: view.id.uuid(),
            email: view.email.to_string(),
            name: view.name.to_string(),
            role: view.role.to_string(),
            status: view.status.as_str(),
            created_at: view.created_at,
            last_seen_at: view.last_seen_at,
            devices: view.devices,
            passkeys: view.passkeys,
            passkey_only: view.passkey_only,
            enrolment_link_expires_at: view.enrolment_link_expires_at,
            recovery_codes_left: view.recovery_codes_left,
        }
    }
}

/// A user to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddUser {
    #[schema(format = Email)]
    email: String,
    /// Taken from the address if it is empty.
    #[serde(default)]
    name: String,
    /// `member` if it is missing. Giving another one takes `latchkey:roles:write` too.
    role: Option<String>,
    #[serde(default)]
    delivery: Delivery,
}

/// How a user gets an enrolment link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Delivery {
    /// From the caller, who finds it in the response.
    #[default]
    Response,
    /// By mail; the response does not have it. This takes an installation that sends mails.
    Mail,
}

/// A new enrolment link.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    #[serde(default)]
    delivery: Delivery,
    /// Whether you have checked that it is the user who gets the link. Otherwise, the link of a user who had a device before only
    /// recovers access, after a cooling-off period. Only with the token of a user: a client of its own cannot have checked.
    #[serde(default)]
    vouch: bool,
}

/// The link with which a user registers a device. It works once, and is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnrolmentLink {
    /// Missing where it is sent by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment_url: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// A user who was added.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedUser {
    user: User,
    link: EnrolmentLink,
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetRole {
    role: String,
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SettableStatus {
    Active,
    Disabled,
}

/// Another status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetStatus {
    status: SettableStatus,
}

/// How a user signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetSignIn {
    passkey_only: bool,
}

/// Makes a link valid, and hands it over as it was asked.
async fn deliver<T>(
    call: &Call,
    delivery: Delivery,
    made: UncommittedSecret<'_, T>,
    user: UserId,
    code: impl Fn(&T) -> &EnrolmentCode,
) -> Result<(T, EnrolmentLink), Error> {
    let made = match delivery {
        Delivery::Response => made.commit().await?,
        Delivery::Mail => made.commit_by_mail(user, &code).await?,
    };
    let code = code(&made);
    let url = enrolment_url(call.engine.public_url().as_str(), code);
    let link = EnrolmentLink {
        enrolment_url: (delivery == Delivery::Response).then(|| url.expose_secret().to_owned()),
        expires_at: code.expires_at,
    };
    Ok((made, link))
}

fn role(text: &str) -> Result<Role, Error> {
    text.parse().map_err(|error| Error::BadInput {
        field: "role",
        reason: InvalidInput::RoleName(error),
    })
}

/// List users
#[utoipa::path(get, path = "/api/v1/users", tag = "users", operation_id = "listUsers",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query), ("email" = Option<String>, Query, description = "Only the user with this address")),
    responses((status = 200, body = List<User>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(UsersRead)?;
    let (cursor, email) = (call.cursor()?, call.parameter("email"));
    let batch = call
        .engine
        .user_batch(&proof, cursor, email.as_deref())
        .await?;
    let list = List::<User>::of(batch, |user| user.id.to_string());
    Ok(Json(list).into_response())
}

/// Add a user
#[utoipa::path(post, path = "/api/v1/users", tag = "users", operation_id = "addUser",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddUser,
    responses((status = 201, body = AddedUser), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:invite"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(UsersInvite)?;
    let add = async {
        let new: AddUser = call.json()?;
        let delivery = new.delivery;
        let new = NewUser {
            email: new.email,
            name: new.name,
            role: new.role.as_deref().map_or(Ok(Role::Member), role)?,
        };
        let added = call.engine.add_user(&proof, new, &call.origin).await?;
        let id = added.made().0.id;
        let ((user, _), link) = deliver(&call, delivery, added, id, |(_, code)| code).await?;
        let location = format!("/api/v1/users/{id}");
        let user = user.into();
        let is_secret = link.enrolment_url.is_some();
        let added = created(&AddedUser { user, link }, &location);
        Ok(match is_secret {
            true => shown_once(added),
            false => added,
        })
    };
    call.once(add).await
}

/// Show a user
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "users", operation_id = "showUser",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = User), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:read"])))]
pub(super) async fn show(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersRead)?;
    let view = call.engine.user(&proof, id(&user)?).await?;
    let tag = etag(&view)?;
    Ok(tagged(&User::from(view), &tag, &call.headers))
}

/// Delete a user
///
/// With all devices, passkeys and grants. The audit log is kept.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "users", operation_id = "deleteUser",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Deleted"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn remove(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let id = id(&user)?;
    let engine = call.changing(Resource::User(id));
    engine.delete_user(&proof, id, &call.origin).await?;
    Ok(done())
}

/// Make a new enrolment link
///
/// Older ones are no longer valid.
#[utoipa::path(post, path = "/api/v1/users/{id}/enrolment-links", tag = "users", operation_id = "inviteUser",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body(content = Option<Invite>),
    responses((status = 201, body = EnrolmentLink), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:invite"])))]
pub(super) async fn invite(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersInvite)?;
    let add = async {
        let (id, invite): (_, Invite) = (id(&user)?, call.json_or_default()?);
        let engine = &call.engine;
        let invited = engine
            .invite_user(&proof, id, invite.vouch, &call.origin)
            .await?;
        let (_, link) = deliver(&call, invite.delivery, invited, id, |code| code).await?;
        let is_secret = link.enrolment_url.is_some();
        let invited = (StatusCode::CREATED, Json(link)).into_response();
        Ok(match is_secret {
            true => shown_once(invited),
            false => invited,
        })
    };
    call.once(add).await
}

/// Revoke the enrolment link
///
/// An enrolment that was begun with it cannot be completed. A mail that would bring it is not sent.
#[utoipa::path(delete, path = "/api/v1/users/{id}/enrolment-links", tag = "users", operation_id = "revokeEnrolmentLink",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Revoked"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:invite"])))]
pub(super) async fn revoke_link(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersInvite)?;
    let id = id(&user)?;
    let engine = &call.engine;
    engine
        .revoke_enrolment_link(&proof, id, &call.origin)
        .await?;
    Ok(done())
}

/// Give a user another role
///
/// The user is signed out everywhere.
#[utoipa::path(put, path = "/api/v1/users/{id}/role", tag = "users", operation_id = "setRole",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = SetRole,
    responses((status = 204, description = "Changed"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:write"])))]
pub(super) async fn set_role(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RolesWrite)?;
    let (id, set): (_, SetRole) = (id(&user)?, call.json()?);
    let engine = call.changing(Resource::User(id));
    engine
        .set_role(&proof, id, role(&set.role)?, &call.origin)
        .await?;
    Ok(done())
}

/// Disable or enable a user
#[utoipa::path(put, path = "/api/v1/users/{id}/status", tag = "users", operation_id = "setUserStatus",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = SetStatus,
    responses((status = 204, description = "Changed"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn set_status(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let (id, set): (_, SetStatus) = (id(&user)?, call.json()?);
    let engine = call.changing(Resource::User(id));
    match set.status {
        SettableStatus::Active => engine.enable_user(&proof, id, &call.origin).await?,
        SettableStatus::Disabled => engine.disable_user(&proof, id, &call.origin).await?,
    }
    Ok(done())
}

/// Set how a user signs in
#[utoipa::path(put, path = "/api/v1/users/{id}/sign-in", tag = "users", operation_id = "setSignIn",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = SetSignIn,
    responses((status = 204, description = "Changed"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn set_sign_in(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let (id, set): (_, SetSignIn) = (id(&user)?, call.json()?);
    let engine = call.changing(Resource::User(id));
    let changed = engine.set_passkey_only(&proof, id, set.passkey_only, &call.origin);
    changed.await?;
    Ok(done())
}
