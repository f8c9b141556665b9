//! `/admin/devices`: the devices of all users.

use crate::{
    components::{
        app_layout::NavItem,
        audit_link::InAuditLog,
        badge::{AssuranceBadge, ThisDevice},
        challenge::Owes,
        dialog::ConfirmDialog,
        empty::Empty,
        icon::Icon,
        list_page::ListPage,
        table::{Column, DataTable},
        time::RelativeTime,
        toolbar::Filters,
    },
    format,
    list::ListUrl,
    messages::{Key, m, with_element},
    pages::{
        admin::risk::waiting::Approve,
        devices::{also_remove, icon_of},
        load,
    },
    response,
};
use latchkey_domain::{
    access::permission::{DevicesRead, Permission},
    id::DeviceId,
    identity::device::DeviceView,
    identity::passkey::PasskeyView,
    risk::Reason,
};
use leptos::prelude::*;

const FILTERS: &[(&str, Key)] = &[
    ("", m::ACTIVE),
    ("waiting", m::RISK_WAITING),
    ("signed_out", m::SIGNED_OUT),
    ("revoked", m::REVOKED),
    ("all", m::ALL),
];

const COLUMNS: &[Column] = &[
    Column::header(m::DEVICE).ascending("name"),
    Column::new(m::USER).ascending("email"),
    Column::new(m::ASSURANCE),
    Column::new(m::LAST_USED)
        .descending("last_seen")
        .by_default(),
    Column::new(m::REGISTERED)
        .descending("created")
        .class("cell-minor"),
    Column::actions(),
];

/// The devices of all users.
#[component]
pub fn AllDevices() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(DevicesRead)?;
        let here = context.current_user()?.device_id;
        let list = ListUrl::read("/admin/devices");
        let devices = context.engine().list_devices(&proof, list.query()).await?;
        let (page, total) = (devices.page, devices.total);
        let reasons = (context.engine())
            .challenge_reasons(&proof, &devices.items)
            .await?;
        let lead = match list.query().filter.as_str() {
            "waiting" => m::devices_waiting(total),
            "signed_out" => m::devices_signed_out(total),
            "revoked" => m::devices_revoked(total),
            "all" => m::devices_all(total),
            _ => m::devices_active(total),
        };
        let row_of = move |device: DeviceView| {
            let reasons = reasons.get(&device.id).cloned();
            row(device, here, reasons)
        };
        let empty = view! { <Empty icon="device" title=m::DEVICES_NONE is_whole_page=true><p>{m::DEVICES_NONE_LEAD}</p></Empty> };
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NAV_ALL_DEVICES
                nav_item=NavItem::AllDevices
                lead=lead.text().into_any()
                list=list
                page=page
                total=total
                filters=Filters::new(m::STATUS, FILTERS)
                empty=empty.into_any()
            >
                <DataTable caption=m::NAV_DEVICES list=table_list columns=COLUMNS items=devices.items row=row_of/>
            </ListPage>
        }
        .into_any())
    })
}

fn row(device: DeviceView, here: DeviceId, reasons: Option<Vec<Reason>>) -> Vec<AnyView> {
    let is_here = device.id == here;
    let used = if is_here {
        m::IN_USE_NOW.text().into_any()
    } else {
        view! { <RelativeTime at=device.last_seen_at/> }.into_any()
    };
    let ip = device
        .last_ip
        .clone()
        .map(|ip| view! { <span class="cell-sub mono">{ip}</span> });
    let action = match device.revoked_at {
        Some(at) => view! { <span class="quiet">{with_element(m::device_revoked_at, view! { <RelativeTime at=at/> })}</span> }.into_any(),
        None if !response::request_context().shows(Permission::DevicesRevoke) => ().into_any(),
        None => {
            view! { <Revoke device=device.clone() is_here=is_here passkeys=None used=Vec::new()/> }
                .into_any()
        }
    };
    let action = view! { <Approve device=device.clone()/>{action} }.into_any();
    let (user, email) = (
        format!("/admin/users/{}", device.user_id),
        device.email.to_string(),
    );
    vec![
        view! {
            <span class="cell-with-icon">
                <Icon name=icon_of(device.kind)/>
                <span>{device.name.to_string()}{is_here.then(|| view! { " "<ThisDevice/> })}</span>
            </span>
        }
        .into_any(),
        view! { <a href=user>{email}</a> }.into_any(),
        view! { <AssuranceBadge device=device.clone()/><Owes device=device.clone() reasons=reasons is_own=false class="cell-sub"/> }.into_any(),
        view! { <span>{used}{ip}<span class="cell-sub"><InAuditLog field="device" value=device.id.to_string() name=device.name.to_string()/></span></span> }.into_any(),
        view! { <RelativeTime at=device.created_at/> }.into_any(),
        action,
    ]
}

/// The button that revokes a device, and its confirmation dialog.
#[component]
pub(super) fn Revoke(
    /// The device.
    device: DeviceView,
    /// Whether the administrator holds it.
    is_here: bool,
    /// The passkeys that end with it, where they are known.
    passkeys: Option<Vec<String>>,
    /// The passkeys that were used on it and belong elsewhere.
    used: Vec<PasskeyView>,
) -> impl IntoView {
    let (id, name, email) = (
        device.id.to_string(),
        device.name.to_string(),
        device.email.to_string(),
    );
    let dialog = format!("revoke-{id}");
    let passkeys = match passkeys {
        None => Some(m::ENDS_PASSKEYS.into()),
        Some(names) if names.is_empty() => None,
        Some(names) => {
            let listed = format::listing(&names, 3);
            Some(m::ends_passkeys_named(names.len(), listed))
        }
    };
    let consequence = if is_here {
        m::REVOKE_ANY_HERE.into()
    } else {
        m::revoke_any(email.as_str())
    };
    let label = m::revoke_name_of(email, name.as_str()).text();
    view! {
        <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone() aria-label=label><Icon name="ban"/>{m::REVOKE}</button>
        <ConfirmDialog id=dialog title=m::revoke_title(name) action="/actions/device/revoke-any" fields=vec![("id", id)] verb=m::REVOKE_DEVICE option=also_remove(&used)>
            <p>{consequence}</p>
            <p>{m::ENDS}</p>
            <ul><li>{m::ENDS_ACCESS}</li><li>{m::ENDS_SESSIONS}</li>{passkeys.map(|passkeys| view! { <li>{passkeys}</li> })}</ul>
        </ConfirmDialog>
    }
}
