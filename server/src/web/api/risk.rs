//! How unusual sign-ins were, and what other weights would have changed.

use super::call::{ApiResult, Call};
use axum::{Json, response::IntoResponse};
use latchkey_app::error::AppError;
use latchkey_domain::{
    access::permission::RiskRead,
    risk::{Assessment, LevelCounts},
};
use latchkey_engine::{
    MOST_REPLAYED, MOST_REPLAYED_DAYS, OutlyingNetwork, OutlyingUser, ReplayedUser, RiskDay,
    RiskOverview, RiskReplay,
};
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// How unusual the sign-ins of the last 14 days were.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Risk {
    /// `off`, `shadow` or `enforce`.
    mode: &'static str,
    /// When scores begin to ask for something, if they do not yet.
    #[serde(with = "time::serde::rfc3339::option")]
    enforced_from: Option<OffsetDateTime>,
    /// The last 14 days in UTC, the oldest first.
    days: Vec<ScoredDay>,
    /// Unusual sign-ins and returns of devices that are counted below.
    unusual: u64,
    /// Whether there were more: then what is below counts the newest.
    is_bounded: bool,
    /// How often each factor was a reason.
    reasons: BTreeMap<&'static str, u64>,
    /// The users with the most points.
    users: Vec<UnusualUser>,
    /// The networks with the most points.
    networks: Vec<UnusualNetwork>,
}

/// How many of each level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Levels {
    low: u64,
    medium: u64,
    high: u64,
    held: u64,
}

/// The scores of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScoredDay {
    /// Such as `2026-01-31`.
    #[schema(format = Date)]
    date: String,
    #[serde(flatten)]
    levels: Levels,
}

/// A user whose sign-ins were unusual.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnusualUser {
    user_id: Uuid,
    #[schema(format = Email)]
    email: String,
    unusual: u64,
    /// How many of them were asked for something, or would have been.
    asked: u64,
    points: u64,
    highest_score: u8,
}

/// A network from which sign-ins were unusual.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnusualNetwork {
    /// An IPv4 /24, or an IPv6 /48.
    network: String,
    /// Of how many users.
    users: u64,
    unusual: u64,
    /// How many of them were asked for something, or would have been.
    asked: u64,
    points: u64,
    highest_score: u8,
    /// `block` or `allow`, if it is said.
    verdict: Option<&'static str>,
}

impl From<LevelCounts> for Levels {
    fn from(counts: LevelCounts) -> Self {
        Self {
            low: counts.low,
            medium: counts.medium,
            high: counts.high,
            held: counts.held,
        }
    }
}

impl From<RiskDay> for ScoredDay {
    fn from(day: RiskDay) -> Self {
        Self {
            date: day.date.to_string(),
            levels: day.levels.into(),
        }
    }
}

impl From<OutlyingUser> for UnusualUser {
    fn from(user: OutlyingUser) -> Self {
        Self {
            user_id: user.user_id.uuid(),
            email: user.email.to_string(),
            unusual: user.unusual.count,
            asked: user.unusual.asked,
            points: user.unusual.points,
            highest_score: user.unusual.highest,
        }
    }
}

impl From<OutlyingNetwork> for UnusualNetwork {
    fn from(network: OutlyingNetwork) -> Self {
        Self {
            network: network.network,
            users: network.users,
            unusual: network.unusual.count,
            asked: network.unusual.asked,
            points: network.unusual.points,
            highest_score: network.unusual.highest,
            verdict: network.verdict.map(|verdict| verdict.as_str()),
        }
    }
}

impl From<RiskOverview> for Risk {
    fn from(overview: RiskOverview) -> Self {
        let reasons = overview.factors.into_iter();
        Self {
            mode: overview.mode.as_str(),
            enforced_from: overview.enforced_from,
            days: overview.days.into_iter().map(ScoredDay::from).collect(),
            unusual: overview.unusual,
            is_bounded: overview.is_bounded,
            reasons: reasons
                .map(|(factor, count)| (factor.as_str(), count))
                .collect(),
            users: overview.users.into_iter().map(UnusualUser::from).collect(),
            networks: (overview.networks.into_iter())
                .map(UnusualNetwork::from)
                .collect(),
        }
    }
}

/// What scores would have been with other weights.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Replay {
    days: u32,
    /// Since when assessments were replayed.
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    /// Whether all of those days were.
    is_complete: bool,
    assessments: u64,
    before: Levels,
    after: Levels,
    users_asked_for_more: u64,
    asked_for_more: u64,
    users_asked_for_less: u64,
    asked_for_less: u64,
    /// Assessments that were made with other weights than those of now; their reasons count in full.
    estimated: u64,
    /// Factors that are switched off now, so that nothing of them was recorded.
    unrecorded: Vec<&'static str>,
    /// Users of whom something else would have been asked most often.
    users: Vec<AffectedUser>,
}

/// A user of whom something else would have been asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AffectedUser {
    user_id: Uuid,
    /// Unless they were deleted.
    email: Option<String>,
    more: u64,
    less: u64,
    /// The assessment that would have changed most.
    before: Scored,
    after: Scored,
}

/// A score with its reasons.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Scored {
    score: u8,
    level: &'static str,
    reasons: BTreeMap<&'static str, u8>,
}

impl From<Assessment> for Scored {
    fn from(assessment: Assessment) -> Self {
        let reasons = assessment.reasons.into_iter();
        Self {
            score: assessment.score,
            level: assessment.level.as_str(),
            reasons: reasons
                .map(|reason| (reason.factor.as_str(), reason.points))
                .collect(),
        }
    }
}

impl From<ReplayedUser> for AffectedUser {
    fn from(user: ReplayedUser) -> Self {
        Self {
            user_id: user.user_id.uuid(),
            email: user.email.map(|email| email.to_string()),
            more: user.more,
            less: user.less,
            before: user.before.into(),
            after: user.after.into(),
        }
    }
}

impl From<RiskReplay> for Replay {
    fn from(replay: RiskReplay) -> Self {
        let unrecorded = replay.unrecorded.iter();
        Self {
            days: replay.days,
            since: replay.since,
            is_complete: replay.is_complete,
            assessments: replay.assessments,
            before: replay.before.into(),
            after: replay.after.into(),
            users_asked_for_more: replay.users_asked_for_more,
            asked_for_more: replay.asked_for_more,
            users_asked_for_less: replay.users_asked_for_less,
            asked_for_less: replay.asked_for_less,
            estimated: replay.estimated,
            unrecorded: unrecorded.map(|factor| factor.as_str()).collect(),
            users: replay.users.into_iter().map(AffectedUser::from).collect(),
        }
    }
}

/// Show how unusual sign-ins were
#[utoipa::path(get, path = "/api/v1/risk", tag = "risk", operation_id = "showRisk",
    responses((status = 200, body = Risk), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:read"])))]
pub(super) async fn show(call: Call) -> ApiResult {
    let proof = call.authorize(RiskRead)?;
    let overview = call.engine.risk_overview(&proof).await?;
    Ok(Json(Risk::from(overview)).into_response())
}

/// Compute the scores of the last days with other weights
///
/// Nothing is changed. At most the newest 20,000 assessments are computed.
#[utoipa::path(get, path = "/api/v1/risk/replay", tag = "risk", operation_id = "replayRisk",
    params(
        ("weights" = Option<String>, Query, description = "Such as `unusual_time=0,listed_address=40`; what is not named stays as it is configured"),
        ("days" = Option<u32>, Query, minimum = 1, maximum = 30, description = "7 unless another is asked for"),
    ),
    responses((status = 200, body = Replay), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:read"])))]
pub(super) async fn replay(call: Call) -> ApiResult {
    let proof = call.authorize(RiskRead)?;
    let days = call.parsed("days")?.unwrap_or(7);
    if !(1..=MOST_REPLAYED_DAYS).contains(&days) {
        return Err(AppError::unusable_value("days").into());
    }
    let list = call.parameter("weights").unwrap_or_default();
    let entries = list.split_terminator(',');
    let weights = call.engine.risk_weights().with_list(entries);
    let weights = weights.map_err(|_| AppError::unusable_value("weights"))?;
    let most = Some(MOST_REPLAYED);
    let replay = call
        .engine
        .replay_risk(&proof, days, &weights, most)
        .await?;
    Ok(Json(Replay::from(replay)).into_response())
}
