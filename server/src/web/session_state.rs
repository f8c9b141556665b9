//! `/session`: until when the session of this browser lasts. Asked by pages that were left open, see
//! `app/src/browser/session_end.js`; asking does not prolong it.

use super::{
    route::Route,
    route_policy::{Checks, ErrorForm, RoutePolicy},
};
use axum::{Extension, Json, http::Method, routing::get};
use latchkey_app::request_context::RequestContext;
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
struct SessionState {
    /// The user of this device, if there is one.
    user: Option<Uuid>,
    /// The seconds until their session ends; 0 without one.
    ends_in: i64,
}

/// The route.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [Route {
        router: "session",
        method: Method::GET,
        path: "/session".into(),
        policy: RoutePolicy::Checked(Checks {
            prolongs_session: false,
            errors: ErrorForm::Negotiated,
            ..Checks::PUBLIC_DOCUMENT
        }),
        handler: get(state),
    }]
    .into_iter()
}

async fn state(Extension(context): Extension<RequestContext>) -> Json<SessionState> {
    Json(SessionState {
        user: context
            .current_user()
            .ok()
            .map(|current_user| current_user.user_id.uuid()),
        ends_in: context.session_ends_in().unwrap_or_default(),
    })
}
