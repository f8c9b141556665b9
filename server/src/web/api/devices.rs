//! Devices.

use super::{
    call::{ApiResult, Call, id},
    response::{List, done, tagged},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::{
    access::permission::{DevicesRead, DevicesRevoke, RiskWrite},
    id::DeviceId,
    identity::device::DeviceView,
};
use latchkey_engine::{ChallengeReasons, Resource, etag};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A device.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Device {
    id: Uuid,
    user_id: Uuid,
    name: String,
    /// `phone`, `tablet`, `computer` or `other`.
    kind: &'static str,
    /// `link`, `code`, `passkey`, `approval`, `recovery` or `probe`.
    registration: &'static str,
    /// `registered`, or `passkey` if a passkey was used on it.
    assurance: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    last_seen_at: OffsetDateTime,
    last_ip: Option<String>,
    /// Whether it waits for approval, or is in recovery.
    is_limited: bool,
    /// When a device in recovery may add a passkey.
    #[serde(with = "time::serde::rfc3339::option")]
    passkey_after: Option<OffsetDateTime>,
    /// What it owes since an unusual sign-in or return: it opens nothing until that was given.
    challenge: Option<Challenge>,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    signed_out_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    revoked_at: Option<OffsetDateTime>,
}

/// What a device owes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Challenge {
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    /// `authentication` (a passkey or a code), `passkey`, or `approval` (by another device of the user or an administrator).
    demand: &'static str,
    /// Why, the most points first; empty when the entry of the audit log was pruned.
    reasons: Vec<RiskReason>,
}

/// What a score has points for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RiskReason {
    /// Such as `unusual_location`.
    factor: &'static str,
    points: u8,
}

impl Device {
    fn because(mut self, reasons: &ChallengeReasons) -> Self {
        let found = reasons.get(&DeviceId::from_uuid(self.id));
        if let (Some(challenge), Some(found)) = (&mut self.challenge, found) {
            let reasons = found.iter().map(|reason| RiskReason {
                factor: reason.factor.as_str(),
                points: reason.points,
            });
            challenge.reasons = reasons.collect();
        }
        self
    }
}

impl From<DeviceView> for Device {
    fn from(view: DeviceView) -> Self {
        Self {
            id: view.id.uuid(),
            user_id: view.user_id.uuid(),
            name: view.name.to_string(),
            kind: view.kind.as_str(),
            registration: view.registration.as_str(),
            assurance: view.assurance.as_str(),
            created_at: view.created_at,
            last_seen_at: view.last_seen_at,
            last_ip: view.last_ip,
            is_limited: view.is_limited,
            passkey_after: view.passkey_after,
            challenge: view.challenge.map(|owed| Challenge {
                since: owed.at,
                demand: owed.demand.as_str(),
                reasons: Vec::new(),
            }),
            expires_at: view.expires_at,
            signed_out_at: view.signed_out_at,
            revoked_at: view.revoked_at,
        }
    }
}

/// List devices
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices", operation_id = "listDevices",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query), ("user" = Option<Uuid>, Query, description = "Only the devices of this user")),
    responses((status = 200, body = List<Device>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:devices:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(DevicesRead)?;
    let (cursor, user) = (call.cursor()?, call.parsed("user")?);
    let batch = call.engine.device_batch(&proof, cursor, user).await?;
    let reasons = call.engine.challenge_reasons(&proof, &batch.items).await?;
    let mut list = List::<Device>::of(batch, |device| device.id.to_string());
    list.items = (list.items.into_iter())
        .map(|device| device.because(&reasons))
        .collect();
    Ok(Json(list).into_response())
}

/// Show a device
#[utoipa::path(get, path = "/api/v1/devices/{id}", tag = "devices", operation_id = "showDevice",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Device), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:devices:read"])))]
pub(super) async fn show(Path(device): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(DevicesRead)?;
    let view = call.engine.device(&proof, id(&device)?).await?;
    let tag = etag(&view)?;
    let devices = std::slice::from_ref(&view);
    let reasons = call.engine.challenge_reasons(&proof, devices).await?;
    let device = Device::from(view).because(&reasons);
    Ok(tagged(&device, &tag, &call.headers))
}

/// Revoke a device
///
/// With its sessions, the passkeys that belong to it, and the programs that were approved on it.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", tag = "devices", operation_id = "revokeDevice",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:devices:revoke"])))]
pub(super) async fn revoke(Path(device): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(DevicesRevoke)?;
    let id = id(&device)?;
    let engine = call.changing(Resource::Device(id));
    engine.revoke_device(&proof, id, &[], &call.origin).await?;
    Ok(done())
}

/// Approve a device that waits for approval
///
/// One that was registered with a code, or whose sign-in was too unusual. Only for a program that acts for a user: others have seen nobody.
#[utoipa::path(post, path = "/api/v1/devices/{id}/approvals", tag = "devices", operation_id = "approveDevice",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:write"])))]
pub(super) async fn approve(Path(device): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RiskWrite)?;
    let approve = async {
        let id = id(&device)?;
        let engine = &call.engine;
        engine.approve_any_device(&proof, id, &call.origin).await?;
        Ok(done())
    };
    call.once(approve).await
}
