//! Services.

use super::{
    call::{ApiResult, Call},
    response::{List, created, done, shown_once, tagged},
};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use latchkey_domain::access::{
    permission::{ServicesRead, ServicesWrite},
    service::{Policy, RaisedLevel, Requirement, ServiceView},
};
use latchkey_engine::{NewService, Resource, etag};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

/// A service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Service {
    id: Uuid,
    name: String,
    hosts: Vec<String>,
    /// The rules for paths, one a line.
    rules: String,
    /// If a passkey is required, how old its use may be.
    passkey_max_age_seconds: Option<u32>,
    /// Whether administrators need no grant.
    admins_enter: bool,
    /// The level (`medium`, `high`) of a device's last assessment from which a passkey has to be used after it.
    passkey_from: Option<&'static str>,
    /// The same for a passkey that cannot leave its authenticator.
    device_bound_passkey_from: Option<&'static str>,
    /// Whether it hears of the level.
    tells_risk: bool,
    /// The scopes of its own that access tokens can have.
    token_scopes: Vec<String>,
    /// `reusable`, `one_shot` or `single_active`.
    token_use: &'static str,
    /// Whether users get tokens for it with `latchkey login`.
    accepts_native_devices: bool,
    /// Whether proofs of possession need a nonce (RFC 9449).
    requires_dpop_nonce: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    grants: u64,
}

impl From<ServiceView> for Service {
    fn from(view: ServiceView) -> Self {
        Self {
            id: view.id.uuid(),
            name: view.name.to_string(),
            hosts: view.hosts.iter().map(ToString::to_string).collect(),
            rules: view.rules.to_string(),
            passkey_max_age_seconds: match view.policy.requirement {
                Requirement::Device => None,
                Requirement::Passkey { max_age_seconds } => Some(max_age_seconds),
            },
            admins_enter: view.policy.admins_enter,
            passkey_from: view.risk.passkey_from.map(RaisedLevel::as_str),
            device_bound_passkey_from: view.risk.device_bound_from.map(RaisedLevel::as_str),
            tells_risk: view.risk.tells_level,
            token_scopes: view
                .access_tokens
                .scopes
                .iter()
                .map(ToString::to_string)
                .collect(),
            token_use: view.access_tokens.token_use.as_str(),
            accepts_native_devices: view.access_tokens.native,
            requires_dpop_nonce: view.access_tokens.dpop_nonce,
            created_at: view.created_at,
            grants: view.grants,
        }
    }
}

/// A service to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddService {
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    name: String,
    #[serde(flatten)]
    settings: ServiceSettings,
}

/// The settings of a service; what is missing is as a new service has it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct ServiceSettings {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    rules: String,
    passkey_max_age_seconds: Option<u32>,
    admins_enter: Option<bool>,
}

/// What to change of a service; what is missing stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeService {
    hosts: Option<Vec<String>>,
    rules: Option<String>,
    /// `null` if a registered device is enough.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    passkey_max_age_seconds: Option<Option<u32>>,
    admins_enter: Option<bool>,
}

/// How long the old token is accepted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateToken {
    /// Up to 30 days.
    #[serde(default)]
    #[schema(maximum = 2592000)]
    overlap_seconds: u32,
}

/// A service that was added, with its token, which is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedService {
    service: Service,
    token: String,
}

/// A token, which is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewToken {
    token: String,
}

/// Tells `null` from a member that is missing.
fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<u32>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

const fn policy(passkey_max_age_seconds: Option<u32>, admins_enter: bool) -> Policy {
    Policy {
        requirement: match passkey_max_age_seconds {
            None => Requirement::Device,
            Some(max_age_seconds) => Requirement::Passkey { max_age_seconds },
        },
        admins_enter,
    }
}

/// List services
#[utoipa::path(get, path = "/api/v1/services", tag = "services", operation_id = "listServices",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query)),
    responses((status = 200, body = List<Service>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(ServicesRead)?;
    let batch = call.engine.service_batch(&proof, call.cursor()?).await?;
    let list = List::<Service>::of(batch, |service| service.id.to_string());
    Ok(Json(list).into_response())
}

/// Add a service
#[utoipa::path(post, path = "/api/v1/services", tag = "services", operation_id = "addService",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddService,
    responses((status = 201, body = AddedService), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let add = async {
        let AddService { name, settings } = call.json()?;
        let admins_enter = settings
            .admins_enter
            .unwrap_or(Policy::default().admins_enter);
        let new = NewService {
            hosts: settings.hosts.join(" "),
            policy: policy(settings.passkey_max_age_seconds, admins_enter),
            rules: settings.rules,
        };
        let added = call
            .engine
            .add_service(&proof, &name, new, &call.origin)
            .await?;
        let (service, token) = added.commit().await?;
        let location = format!("/api/v1/services/{}", service.name);
        let body = AddedService {
            service: service.into(),
            token: token.expose_secret().to_owned(),
        };
        Ok(shown_once(created(&body, &location)))
    };
    call.once(add).await
}

/// Show a service
#[utoipa::path(get, path = "/api/v1/services/{name}", tag = "services", operation_id = "showService",
    params(("name" = String, Path)),
    responses((status = 200, body = Service), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:read"])))]
pub(super) async fn show(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesRead)?;
    let view = call.engine.service(&proof, &name).await?;
    let tag = etag(&view)?;
    Ok(tagged(&Service::from(view), &tag, &call.headers))
}

/// Change a service
///
/// It takes `latchkey:services:read` too, because what is missing stays as it is.
#[utoipa::path(patch, path = "/api/v1/services/{name}", tag = "services", operation_id = "changeService",
    params(("name" = String, Path), ("If-Match" = String, Header)),
    request_body = ChangeService,
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn change(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let change: ChangeService = call.json()?;
    let before = call
        .engine
        .service(&call.authorize(ServicesRead)?, &name)
        .await?;
    // Only if it is still as it was read, also where the program accepts any tag.
    let read = Resource::Service(name.clone());
    let engine = call
        .replacing(read.clone())?
        .expecting(read, vec![etag(&before)?]);
    let before = Service::from(before);
    let max_age = change
        .passkey_max_age_seconds
        .unwrap_or(before.passkey_max_age_seconds);
    let new = NewService {
        hosts: change.hosts.unwrap_or(before.hosts).join(" "),
        policy: policy(max_age, change.admins_enter.unwrap_or(before.admins_enter)),
        rules: change.rules.unwrap_or(before.rules),
    };
    engine
        .change_service(&proof, &name, new, &call.origin)
        .await?;
    Ok(done())
}

/// Delete a service
///
/// With its grants and tokens.
#[utoipa::path(delete, path = "/api/v1/services/{name}", tag = "services", operation_id = "deleteService",
    params(("name" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn remove(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let engine = call.changing(Resource::Service(name.clone()));
    engine.delete_service(&proof, &name, &call.origin).await?;
    Ok(done())
}

/// Make a new service token
#[utoipa::path(post, path = "/api/v1/services/{name}/tokens", tag = "services", operation_id = "rotateServiceToken",
    params(("name" = String, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = RotateToken,
    responses((status = 201, body = NewToken), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn rotate(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let rotate = async {
        let RotateToken { overlap_seconds } = call.json()?;
        let overlap = Duration::seconds(overlap_seconds.into());
        let rotated = call
            .engine
            .rotate_service_token(&proof, &name, overlap, &call.origin);
        let token = rotated.await?.commit().await?;
        let body = NewToken {
            token: token.expose_secret().to_owned(),
        };
        Ok(shown_once(
            (StatusCode::CREATED, Json(body)).into_response(),
        ))
    };
    call.once(rotate).await
}
