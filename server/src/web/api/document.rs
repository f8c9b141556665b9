//! The API in the terms of OpenAPI 3.1, generated from its operations, as JSON and as a page.

#[cfg(test)]
mod dashboard;

use crate::{
    site,
    web::{
        Web,
        error::{refuse, static_page_policy},
    },
};
use askama::Template;
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use latchkey_app::error::Code;
use std::{collections::BTreeMap, sync::OnceLock};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        path::Operation,
        security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Latchkey",
        version = "1",
        description = "Users, devices, passkeys, sessions, programs, mails, services, grants, clients, roles, risk and the audit log, for programs. The access token's audience is `latchkey`: add a service of that name to switch the API on, and a client with the scopes that it needs.",
        license(name = "MIT OR Apache-2.0"),
    ),
    modifiers(&Security),
    paths(
    super::overview::show,
    super::users::list,
    super::users::add,
    super::users::show,
    super::users::remove,
    super::user_export::show,
    super::user_erasure::erase,
    super::users::invite,
    super::users::revoke_link,
    super::users::set_role,
    super::users::set_status,
    super::users::set_sign_in,
    super::code_lockout::show,
    super::code_lockout::lift,
    super::passkeys::list,
    super::passkeys::remove,
    super::devices::list,
    super::devices::show,
    super::devices::revoke,
    super::devices::approve,
    super::sessions::list,
    super::sessions::end,
    super::programs::list,
    super::programs::end,
    super::services::list,
    super::services::add,
    super::services::show,
    super::services::change,
    super::services::remove,
    super::access_tokens::change,
    super::risk_policy::change,
    super::services::rotate,
    super::grants::list,
    super::grants::add,
    super::grants::show,
    super::grants::remove,
    super::clients::list,
    super::clients::add,
    super::clients::show,
    super::clients::remove,
    super::clients::rotate,
    super::roles::list,
    super::roles::add,
    super::roles::show,
    super::roles::change,
    super::roles::remove,
    super::keys::list,
    super::keys::rotate,
    super::mails::list,
    super::mails::retry,
    super::mails::discard,
    super::risk::show,
    super::risk::replay,
    super::network_rules::list,
    super::network_rules::add,
    super::network_rules::show,
    super::network_rules::remove,
    super::audit::list,
    super::audit::verify,
    )
)]
struct Api;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scopes = latchkey_domain::access::permission::PermissionSet::all();
        let scopes = scopes
            .iter()
            .map(|one| (format!("latchkey:{one}"), one.to_string()));
        let flow = Flow::ClientCredentials(ClientCredentials::new(
            "/oauth/token",
            Scopes::from_iter(scopes),
        ));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::OAuth2(OAuth2::new([flow])));
    }
}

/// The document, which is always the same.
fn document() -> &'static openapi::OpenApi {
    static DOCUMENT: OnceLock<openapi::OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(Api::openapi)
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn json() -> Response {
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(document()),
    )
        .into_response()
}

#[derive(Template)]
#[template(path = "api.html")]
struct Page<'a> {
    groups: BTreeMap<&'a str, Vec<Row<'a>>>,
    issuer: &'a str,
    stylesheet: &'static str,
}

/// An operation on the page.
struct Row<'a> {
    method: &'static str,
    path: &'a str,
    summary: &'a str,
    description: &'a str,
    scope: String,
}

/// `GET /api`: the same for whoever reads.
pub(super) async fn page(State(web): State<Web>) -> Response {
    let mut groups: BTreeMap<&str, Vec<Row<'_>>> = BTreeMap::new();
    for (path, item) in &document().paths.paths {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                groups.entry(tag(operation)).or_default().push(Row {
                    method,
                    path,
                    summary: operation.summary.as_deref().unwrap_or_default(),
                    description: operation.description.as_deref().unwrap_or_default(),
                    scope: scope(operation),
                });
            }
        }
    }
    let page = Page {
        groups,
        issuer: web.engine().issuer(),
        stylesheet: site::STYLESHEET,
    };
    match (page.render(), static_page_policy("'self'")) {
        (Ok(page), Some(policy)) => {
            ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
        }
        _ => refuse(Code::Internal, &HeaderMap::new()),
    }
}

fn tag(operation: &Operation) -> &str {
    let tags = operation.tags.as_deref().unwrap_or_default();
    tags.first().map_or("", String::as_str)
}

/// The scope that an operation takes, as the document says it.
fn scope(operation: &Operation) -> String {
    let requirements = serde_json::to_value(&operation.security).unwrap_or_default();
    requirements[0]["token"][0]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::public::routes;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let mut documented = BTreeSet::new();
        for (path, item) in &document().paths.paths {
            for (method, operation) in [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ] {
                if let Some(operation) = operation {
                    documented.insert(format!("{method} {path}"));
                    assert!(scope(operation).starts_with("latchkey:"), "{method} {path}");
                    assert!(operation.summary.is_some(), "{method} {path}");
                }
            }
        }
        let served: BTreeSet<_> = routes()
            .iter()
            .filter(|route| {
                route.router == "api" && !route.path.ends_with(".json") && route.path != "/api"
            })
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        assert_eq!(documented, served);
    }
}
