//! Devices that wait for approval.

use crate::{
    components::{audit_link::InAuditLog, icon::Icon, time::RelativeTime},
    messages::{m, with_element},
    pages::devices::icon_of,
    response,
};
use latchkey_domain::{
    access::permission::Permission, identity::device::DeviceView, pagination::Page,
};
use leptos::prelude::*;

/// The filter of the list of devices.
pub(super) const FILTER: &str = "waiting";

/// The list of all that wait.
pub(super) const LIST: &str = "/admin/devices?filter=waiting";

/// Devices that are shown beside the numbers.
const SHOWN: usize = 5;

/// The devices that wait, and where the others are.
#[component]
pub(super) fn Waiting(
    /// The devices.
    devices: Page<DeviceView>,
) -> impl IntoView {
    let body = match devices.total {
        0 => view! { <p class="quiet">{m::RISK_WAITING_NONE}</p> }.into_any(),
        _ => {
            let rows = devices.items.into_iter().take(SHOWN);
            let rows = rows
                .map(|device| view! { <Row device=device/> })
                .collect_view();
            view! { <ul class="rows">{rows}</ul> }.into_any()
        }
    };
    let rest = devices.total.saturating_sub(SHOWN as u64);
    let rest = (rest > 0).then(|| view! { <a class="crumb" href=LIST>{m::risk_waiting_more(rest)}<Icon name="chevron-right" class="icon-small"/></a> });
    view! {
        <section class="section section-wide" aria-labelledby="waiting">
            <div class="section-head section-head-row"><h2 id="waiting">{m::RISK_WAITING}</h2>{rest}</div>
            <div class="section-body">{body}</div>
        </section>
    }
}

#[component]
fn Row(device: DeviceView) -> impl IntoView {
    let user = format!("/admin/users/{}", device.user_id);
    let (name, email) = (device.name.to_string(), device.email.to_string());
    view! {
        <li>
            <span class="row-icon"><Icon name=icon_of(device.kind)/></span>
            <div>
                <h3 class="row-title">{name.clone()}</h3>
                <p class="row-meta">
                    <span>{with_element(m::last_used_at, view! { <RelativeTime at=device.last_seen_at/> })}</span>
                    {device.last_ip.clone().map(|ip| view! { <span class="mono">{ip}</span> })}
                </p>
                <p class="cell-sub"><a class="crumb" href=user>{email}</a>" "<InAuditLog field="device" value=device.id.to_string() name=name/></p>
            </div>
            <div class="row-actions"><Approve device=device/></div>
        </li>
    }
}

/// The button that approves a device, for those who may.
#[component]
pub fn Approve(
    /// The device.
    device: DeviceView,
) -> impl IntoView {
    let may = response::request_context().shows(Permission::RiskWrite) && device.is_unapproved();
    let label = m::risk_approve_name(device.email.to_string(), device.name.to_string()).text();
    may.then(|| {
        view! {
            <form method="post" action="/actions/risk/approve">
                <input type="hidden" name="id" value=device.id.to_string()/>
                <button class="button" aria-label=label><Icon name="check"/>{m::RISK_APPROVE}</button>
            </form>
        }
    })
}
