//! `/api/v1/…`: the management API, for programs with an access token whose audience is `latchkey`.
//!
//! Each file is a resource: what is sent and received, and its operations. `call.rs` is a request with its authenticated
//! program, `response.rs` what is answered, `document.rs` the OpenAPI document of all of it. Cookies mean nothing here.

mod access_tokens;
mod audit;
mod call;
mod clients;
mod code_lockout;
mod devices;
mod document;
mod grants;
mod idempotency;
mod keys;
mod mails;
mod network_rules;
mod overview;
mod passkeys;
mod programs;
mod response;
mod risk;
mod risk_policy;
mod roles;
mod services;
mod sessions;
mod user_erasure;
mod user_export;
mod users;

use super::{
    Web,
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use axum::{
    http::Method,
    middleware::from_fn,
    routing::{MethodRouter, delete, get, patch, post, put},
};
use latchkey_app::routes::{Access, Rate};

/// The routes below `/api/`.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let read = |path, handler| route(Method::GET, path, handler);
    let create = |path, handler: MethodRouter<Web>| {
        let handler = handler.layer(from_fn(idempotency::finish_anyway));
        route(Method::POST, path, handler)
    };
    let replace = |path, handler| route(Method::PUT, path, handler);
    let remove = |path, handler| route(Method::DELETE, path, handler);
    [
        read("/api/v1/overview", get(overview::show)),
        read("/api/v1/users", get(users::list)),
        create("/api/v1/users", post(users::add)),
        read("/api/v1/users/{id}", get(users::show)),
        remove("/api/v1/users/{id}", delete(users::remove)),
        read("/api/v1/users/{id}/export", get(user_export::show)),
        create("/api/v1/users/{id}/erasures", post(user_erasure::erase)),
        create("/api/v1/users/{id}/enrolment-links", post(users::invite)),
        remove(
            "/api/v1/users/{id}/enrolment-links",
            delete(users::revoke_link),
        ),
        replace("/api/v1/users/{id}/role", put(users::set_role)),
        replace("/api/v1/users/{id}/status", put(users::set_status)),
        replace("/api/v1/users/{id}/sign-in", put(users::set_sign_in)),
        read("/api/v1/users/{id}/code-lockout", get(code_lockout::show)),
        remove(
            "/api/v1/users/{id}/code-lockout",
            delete(code_lockout::lift),
        ),
        read("/api/v1/users/{id}/passkeys", get(passkeys::list)),
        remove("/api/v1/passkeys/{id}", delete(passkeys::remove)),
        read("/api/v1/devices", get(devices::list)),
        read("/api/v1/devices/{id}", get(devices::show)),
        remove("/api/v1/devices/{id}", delete(devices::revoke)),
        create("/api/v1/devices/{id}/approvals", post(devices::approve)),
        read("/api/v1/sessions", get(sessions::list)),
        remove("/api/v1/sessions/{device_id}", delete(sessions::end)),
        read("/api/v1/programs", get(programs::list)),
        remove("/api/v1/programs/{id}", delete(programs::end)),
        read("/api/v1/services", get(services::list)),
        create("/api/v1/services", post(services::add)),
        read("/api/v1/services/{name}", get(services::show)),
        route(
            Method::PATCH,
            "/api/v1/services/{name}",
            patch(services::change),
        ),
        remove("/api/v1/services/{name}", delete(services::remove)),
        replace(
            "/api/v1/services/{name}/access-tokens",
            put(access_tokens::change),
        ),
        replace("/api/v1/services/{name}/risk", put(risk_policy::change)),
        create("/api/v1/services/{name}/tokens", post(services::rotate)),
        read("/api/v1/grants", get(grants::list)),
        create("/api/v1/grants", post(grants::add)),
        read("/api/v1/grants/{id}", get(grants::show)),
        remove("/api/v1/grants/{id}", delete(grants::remove)),
        read("/api/v1/clients", get(clients::list)),
        create("/api/v1/clients", post(clients::add)),
        read("/api/v1/clients/{id}", get(clients::show)),
        remove("/api/v1/clients/{id}", delete(clients::remove)),
        create("/api/v1/clients/{id}/secrets", post(clients::rotate)),
        read("/api/v1/roles", get(roles::list)),
        create("/api/v1/roles", post(roles::add)),
        read("/api/v1/roles/{name}", get(roles::show)),
        replace("/api/v1/roles/{name}/permissions", put(roles::change)),
        remove("/api/v1/roles/{name}", delete(roles::remove)),
        read("/api/v1/keys", get(keys::list)),
        create("/api/v1/keys/{purpose}/rotations", post(keys::rotate)),
        read("/api/v1/mails", get(mails::list)),
        create("/api/v1/mails/{id}/retries", post(mails::retry)),
        remove("/api/v1/mails/{id}", delete(mails::discard)),
        read("/api/v1/risk", get(risk::show)),
        read("/api/v1/risk/replay", get(risk::replay)),
        read("/api/v1/network-rules", get(network_rules::list)),
        create("/api/v1/network-rules", post(network_rules::add)),
        read("/api/v1/network-rules/{id}", get(network_rules::show)),
        remove("/api/v1/network-rules/{id}", delete(network_rules::remove)),
        read("/api/v1/audit-events", get(audit::list)),
        read("/api/v1/audit-verification", get(audit::verify)),
        Route {
            policy: RoutePolicy::Checked(Checks::PUBLIC_DOCUMENT),
            ..read("/api/v1/openapi.json", get(document::json))
        },
        Route {
            policy: RoutePolicy::Checked(Checks::PUBLIC_DOCUMENT),
            ..read("/api", get(document::page))
        },
    ]
    .into_iter()
}

fn route(method: Method, path: &'static str, handler: MethodRouter<Web>) -> Route {
    Route {
        router: "api",
        path: path.into(),
        policy: RoutePolicy::Checked(Checks {
            // The call authenticates its program and asks it for the permission.
            access: Access::Public,
            csrf: Csrf::NoCookies,
            rate: Rate::Program,
            body: match method {
                Method::GET | Method::DELETE => BodyLimit::Unread,
                _ => BodyLimit::Form,
            },
            prolongs_session: true,
            errors: ErrorForm::Negotiated,
        }),
        method,
        handler: handler.layer(from_fn(response::finish)),
    }
}
