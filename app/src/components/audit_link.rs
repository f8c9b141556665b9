//! A link to the entries of the audit log about something.

use crate::{components::icon::Icon, messages::m, response, url::percent_encode};
use latchkey_domain::access::permission::Permission;
use leptos::prelude::*;

/// The link, for those who may read the log.
#[component]
pub fn InAuditLog(
    /// The field of the log's filter.
    field: &'static str,
    /// What is in it.
    value: String,
    /// Of what, where there are several on the page.
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    let is_shown = response::request_context().shows(Permission::AuditRead);
    let href = format!("/admin/audit?{field}={}", percent_encode(&value));
    let name = name.map(|name| view! { <span class="visually-hidden">": "{name}</span> });
    is_shown.then(|| view! { <a class="crumb" href=href>{m::IN_AUDIT_LOG}{name}<Icon name="chevron-right" class="icon-small"/></a> })
}
