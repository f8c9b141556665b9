//! `/security/export`: a copy of everything that is stored about the user who asks, as one JSON document.
//!
//! It is sent while it is read, and has one of the places of `streams.rs`. If it cannot be completed, the connection is closed before
//! its end, so that no browser takes it for complete.

use super::{
    Web,
    error::{fail, refuse, render},
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, RoutePolicy},
    streams::Place,
};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use latchkey_app::{
    error::{Code, Remedy, remedy_of},
    request_context::RequestContext,
    routes::{Access, Rate},
    url,
};
use latchkey_engine::{Error, UserExport};
use std::time::Duration;

/// The page from which a copy is asked for.
const PAGE: &str = "/security";

/// The route.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    std::iter::once(Route {
        router: "user_export",
        method: Method::GET,
        path: "/security/export".into(),
        policy: RoutePolicy::Checked(Checks {
            // The handler asks for more: a passkey that was used lately.
            access: Access::User,
            csrf: Csrf::ReadOnly,
            rate: Rate::Request,
            body: BodyLimit::Unread,
            prolongs_session: true,
        }),
        handler: get(own),
    })
}

async fn own(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let proof = match context.self_management() {
        Ok(proof) => proof,
        Err(denial) if matches!(remedy_of(denial), Some(Remedy::SignIn)) => {
            return Redirect::to(&url::sign_in_url(PAGE)).into_response();
        }
        Err(denial) => return render(&denial.into(), &headers),
    };
    let Some(place) = web.streams().take_for_own(proof.current_user().user_id) else {
        return refuse(Code::TooManyRequests, &headers);
    };
    let origin = &context.facts().origin;
    match context.engine().export_my_data(&proof, origin).await {
        Ok(export) => response(export, place),
        Err(error) => fail(&error, &headers),
    }
}

/// A copy that is sent while it is read.
pub(super) fn response(export: UserExport, place: Place) -> Response {
    let parts =
        futures_util::stream::try_unfold((export, place), |(mut export, place)| async move {
            if place.is_stopped() {
                return Err(Error::Busy {
                    wait: Duration::from_secs(1),
                });
            }
            let part = export.next().await?;
            Ok::<_, Error>(part.map(|part| (Bytes::from(part), (export, place))))
        });
    (
        [
            (header::CONTENT_TYPE, "application/json"),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"latchkey-user.json\"",
            ),
        ],
        Body::from_stream(parts),
    )
        .into_response()
}
