//! Copies of everything that is stored about a user, as one JSON document: `/security/export` of the user who asks,
//! `/admin/users/{id}/export` of anybody for administrators.
//!
//! They are asked for with POST, because each writes an entry of the audit log: no other site, link or prefetch makes one. A copy
//! is sent while it is read, and has one of the places of `streams.rs`. If it cannot be completed, the connection is closed before
//! its end, so that no browser takes it for complete.

use super::{
    Web,
    error::{fail, refuse, render},
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
    streams::Place,
};
use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, post},
};
use latchkey_app::{
    error::{Code, Remedy, remedy_of},
    request_context::RequestContext,
    routes::{Access, Rate},
    url,
};
use latchkey_domain::{
    access::permission::{Denial, Permission, UsersExport},
    id::UserId,
};
use latchkey_engine::{Error, UserExport};
use std::time::Duration;

/// The page from which users ask for a copy of their own.
const PAGE: &str = "/security";

/// The routes.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let route = |path: &'static str, access, handler: MethodRouter<Web>| Route {
        router: "user_export",
        method: Method::POST,
        path: path.into(),
        policy: RoutePolicy::Checked(Checks {
            access,
            csrf: Csrf::SameOrigin,
            rate: Rate::Request,
            body: BodyLimit::Form,
            prolongs_session: true,
            errors: ErrorForm::Negotiated,
        }),
        handler,
    };
    let exporters = Access::Permission(Permission::UsersExport);
    [
        // The handler asks for more: a passkey that was used lately.
        route("/security/export", Access::User, post(own)),
        route("/admin/users/{id}/export", exporters, post(any)),
    ]
    .into_iter()
}

async fn own(
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let proof = match context.self_management() {
        Ok(proof) => proof,
        Err(denial) => return denied(denial, PAGE, &headers),
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

async fn any(
    Path(id): Path<String>,
    State(web): State<Web>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<UserId>() else {
        return refuse(Code::NotFound, &headers);
    };
    let proof = match context.authorize(UsersExport) {
        Ok(proof) => proof,
        Err(denial) => return denied(denial, &format!("/admin/users/{id}"), &headers),
    };
    let reader = context.current_user().map(|user| user.user_id);
    let Some(place) = reader.ok().and_then(|reader| web.streams().take(reader)) else {
        return refuse(Code::TooManyRequests, &headers);
    };
    let origin = &context.facts().origin;
    match context.engine().export_user(&proof, id, origin).await {
        Ok(export) => response(export, place),
        Err(error) => fail(&error, &headers),
    }
}

/// Whoever only has to sign in comes back to the page with the button.
fn denied(denial: Denial, page: &str, headers: &HeaderMap) -> Response {
    match remedy_of(denial) {
        Some(Remedy::SignIn) => Redirect::to(&url::sign_in_url(page)).into_response(),
        _ => render(&denial.into(), headers),
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
