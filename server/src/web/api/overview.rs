//! The numbers of the dashboard.

use super::call::{ApiResult, Call};
use axum::{Json, response::IntoResponse};
use latchkey_domain::access::permission::OverviewRead;
use latchkey_engine::{Dashboard, DayCount, ReasonCount};
use serde::Serialize;
use utoipa::ToSchema;

/// The numbers of the dashboard.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Overview {
    /// Users who are not disabled.
    users: u64,
    services: u64,
    clients: u64,
    /// Devices on which a passkey was used.
    devices_passkey: u64,
    /// Devices that were only registered.
    devices_registered: u64,
    sessions: u64,
    /// The last 14 days in UTC, the oldest first.
    days: Vec<Day>,
    /// Refused sign-ins of those days by reason, most first.
    refusals: Vec<Refusals>,
    /// Events that wait for their place in the audit log.
    unsealed_waiting: u64,
    /// Events that get none, because Latchkey did not write them, or because their master key was removed.
    unsealed_rejected: u64,
}

/// A day's sign-ins.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Day {
    /// Such as `2026-01-31`.
    #[schema(format = Date)]
    date: String,
    signed_in: u64,
    refused: u64,
}

/// Refusals of one reason.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Refusals {
    reason: String,
    count: u64,
}

impl From<DayCount> for Day {
    fn from(day: DayCount) -> Self {
        Self {
            date: day.date.to_string(),
            signed_in: day.signed_in,
            refused: day.refused,
        }
    }
}

impl From<ReasonCount> for Refusals {
    fn from(ReasonCount { reason, count }: ReasonCount) -> Self {
        Self { reason, count }
    }
}

impl From<Dashboard> for Overview {
    fn from(numbers: Dashboard) -> Self {
        Self {
            users: numbers.users,
            services: numbers.services,
            clients: numbers.clients,
            devices_passkey: numbers.devices_passkey,
            devices_registered: numbers.devices_registered,
            sessions: numbers.sessions,
            days: numbers.days.into_iter().map(Day::from).collect(),
            refusals: numbers.refusals.into_iter().map(Refusals::from).collect(),
            unsealed_waiting: numbers.unsealed.waiting,
            unsealed_rejected: numbers.unsealed.rejected,
        }
    }
}

/// Show the numbers of the dashboard
#[utoipa::path(get, path = "/api/v1/overview", tag = "overview", operation_id = "showOverview",
    responses((status = 200, body = Overview), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:overview:read"])))]
pub(super) async fn show(call: Call) -> ApiResult {
    let proof = call.authorize(OverviewRead)?;
    let numbers = call.engine.dashboard(&proof).await?;
    Ok(Json(Overview::from(numbers)).into_response())
}
