//! `/admin/devices`: everybody's devices.

use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        badge::{AssuranceBadge, ThisDevice},
        confirm::Confirm,
        empty::{Empty, NothingFound},
        icon::Icon,
        moment::Moment,
        notice::Notices,
        table::{Pager, SortHead, Toolbar},
    },
    format,
    list::ListUrl,
    pages::{
        devices::{also_remove, icon_of},
        load,
    },
    response,
};
use latchkey_domain::{id::DeviceId, identity::device::Device, identity::passkey::Passkey};
use leptos::prelude::*;

const FILTERS: &[(&str, &str)] = &[
    ("", "Active"),
    ("signed_out", "Signed out"),
    ("revoked", "Revoked"),
    ("all", "All"),
];

/// Everybody's devices.
#[component]
pub fn AllDevices() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let here = context.current_user()?.device_id;
        let list = ListUrl::read("/admin/devices");
        let devices = context
            .engine()
            .list_devices(&administrator, list.query())
            .await?;
        let (page, total) = (devices.page, devices.total);
        let lead = match list.query().filter.as_str() {
            "signed_out" => format!("{}.", format::count(total, "signed-out device")),
            "revoked" => format!("{}.", format::count(total, "revoked device")),
            "all" => format!(
                "{}, including signed-out and revoked ones.",
                format::count(total, "device")
            ),
            _ => format!("{}.", format::count(total, "active device")),
        };
        let table = if total > 0 {
            view! { <Table devices=devices.items here=here list=list.clone()/> }.into_any()
        } else if list.is_narrowed() {
            view! { <NothingFound search=list.query().search.clone() everything=list.everything()/> }.into_any()
        } else {
            view! { <Empty icon="device" title="No devices yet" is_whole_page=true><p>"Users register their own devices with an enrolment link, a passkey or a code."</p></Empty> }.into_any()
        };
        Ok(view! {
            <AppLayout title="All devices" place=NavItem::AllDevices>
                <div class="page-head"><div><h1>"All devices"</h1><p class="lead">{lead}</p></div></div>
                <Notices/>
                <Toolbar list=list.clone() filter_label="Status" filters=FILTERS/>
                {table}
                <Pager list=list page=page total=total/>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Table(devices: Vec<Device>, here: DeviceId, list: ListUrl) -> impl IntoView {
    let rows = devices
        .into_iter()
        .map(|device| view! { <Row device=device here=here/> })
        .collect_view();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Devices"</caption>
            <thead>
                <tr>
                    <SortHead list=list.clone() column="name" label="Device"/>
                    <SortHead list=list.clone() column="email" label="User"/>
                    <th scope="col">"Assurance"</th>
                    <SortHead list=list.clone() column="last_seen" label="Last used" is_default=true newest_first=true/>
                    <SortHead list=list column="created" label="Registered" newest_first=true/>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(device: Device, here: DeviceId) -> impl IntoView {
    let is_here = device.id == here;
    let used = if is_here {
        "In use now".into_any()
    } else {
        view! { <Moment at=device.last_seen_at/> }.into_any()
    };
    let ip = device
        .last_ip
        .clone()
        .map(|ip| view! { <span class="cell-sub mono">{ip}</span> });
    let action = match device.revoked_at {
        Some(at) => view! { <span class="quiet">"Revoked "<Moment at=at/></span> }.into_any(),
        None => {
            view! { <Revoke device=device.clone() is_here=is_here passkeys=None used=Vec::new()/> }
                .into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">
                <span class="cell-with-icon">
                    <Icon name=icon_of(device.kind)/>
                    <span>{device.name.to_string()}{is_here.then(|| view! { " "<ThisDevice/> })}</span>
                </span>
            </th>
            <td data-label="User"><a href=format!("/admin/users/{}", device.user_id)>{device.email.to_string()}</a></td>
            <td data-label="Assurance"><AssuranceBadge device=device.clone()/></td>
            <td data-label="Last used"><span>{used}{ip}</span></td>
            <td class="cell-minor" data-label="Registered"><Moment at=device.created_at/></td>
            <td class="cell-actions">{action}</td>
        </tr>
    }
}

/// The button that ends a device, and the question before it.
#[component]
pub(super) fn Revoke(
    /// The device.
    device: Device,
    /// Whether the administrator holds it.
    is_here: bool,
    /// The passkeys that end with it, where they are known.
    passkeys: Option<Vec<String>>,
    /// The passkeys that were used on it and belong elsewhere.
    used: Vec<Passkey>,
) -> impl IntoView {
    let (id, name, email) = (
        device.id.to_string(),
        device.name.to_string(),
        device.email.to_string(),
    );
    let dialog = format!("revoke-{id}");
    let passkeys = match passkeys {
        None => Some("the passkeys that belong to it".to_owned()),
        Some(names) if names.is_empty() => None,
        Some(names) => Some(format!(
            "{}: {}",
            format::count(names.len() as u64, "passkey"),
            format::listing(&names, 3)
        )),
    };
    let consequence = if is_here {
        "This is the device you are using. You will be signed out immediately. To sign in again you need a passkey stored elsewhere, or a new enrolment link from another administrator.".to_owned()
    } else {
        format!(
            "{email} is signed out on it within a second, and needs a passkey, a code or a new enrolment link to use it again."
        )
    };
    view! {
        <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone() aria-label=format!("Revoke {name} of {email}")><Icon name="ban"/>"Revoke"</button>
        <Confirm id=dialog title=format!("Revoke {name}?") action="/api/device/revoke-any" fields=vec![("id", id)] verb="Revoke device" option=also_remove(&used)>
            <p>{consequence}</p>
            <p>"These stop working:"</p>
            <ul><li>"its way into every service"</li><li>"its sessions"</li>{passkeys.map(|passkeys| view! { <li>{passkeys}</li> })}</ul>
        </Confirm>
    }
}
