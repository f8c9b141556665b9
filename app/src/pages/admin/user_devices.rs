//! The devices and passkeys of a user.

use super::devices::Revoke;
use crate::{
    components::{
        audit_link::InAuditLog,
        authenticator::authenticator,
        badge::{AssuranceBadge, ThisDevice},
        challenge::Owes,
        dialog::ConfirmDialog,
        empty::Empty,
        icon::Icon,
        permitted::Permitted,
        time::{Day, RelativeTime},
    },
    messages::{m, with_element},
    pages::devices::icon_of,
    response,
};
use latchkey_domain::{
    access::permission::Permission, id::DeviceId, identity::device::DeviceView,
    identity::passkey::PasskeyView, risk::Reason,
};
use latchkey_engine::ChallengeReasons;
use leptos::prelude::*;

/// The devices of a user, revoked ones below.
#[component]
pub(super) fn UserDevices(
    /// The devices, each with the passkeys that were used on it and are stored elsewhere.
    devices: Vec<(DeviceView, Vec<PasskeyView>)>,
    /// The passkeys of the user.
    passkeys: Vec<PasskeyView>,
    /// Why devices owe something.
    reasons: ChallengeReasons,
    /// The device of the administrator.
    here: DeviceId,
) -> impl IntoView {
    let row = |(device, used): (DeviceView, Vec<PasskeyView>)| {
        let removed_with_it = passkeys
            .iter()
            .filter(|passkey| passkey.device_id == device.id)
            .map(|passkey| passkey.name.to_string())
            .collect();
        let reasons = reasons.get(&device.id).cloned();
        view! { <DeviceRow device=device passkeys=removed_with_it used=used reasons=reasons here=here/> }
    };
    let (active, revoked): (Vec<_>, Vec<_>) = devices
        .into_iter()
        .partition(|(device, _)| device.revoked_at.is_none());
    let revoked_label = m::count_revoked_devices(revoked.len());
    let active = if active.is_empty() {
        view! { <Empty icon="device" title=m::DEVICES_NONE><p>{m::USER_NO_DEVICES}</p></Empty> }
            .into_any()
    } else {
        view! { <ul class="rows">{active.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    let revoked = (!revoked.is_empty()).then(|| {
        view! {
            <details class="disclosure">
                <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{revoked_label}</summary>
                <div class="disclosure-body"><ul class="rows">{revoked.into_iter().map(row).collect_view()}</ul></div>
            </details>
        }
    });
    view! {
        <section class="section" aria-labelledby="devices">
            <div class="section-head"><h2 id="devices">{m::NAV_DEVICES}</h2></div>
            <div class="section-body">{active}{revoked}</div>
        </section>
    }
}

#[component]
fn DeviceRow(
    device: DeviceView,
    passkeys: Vec<String>,
    used: Vec<PasskeyView>,
    reasons: Option<Vec<Reason>>,
    here: DeviceId,
) -> impl IntoView {
    let is_here = device.id == here;
    let when = match device.revoked_at {
        Some(at) => view! { <span>{with_element(m::device_revoked_at, view! { <RelativeTime at=at/> })}</span> }.into_any(),
        None => {
            view! { <span>{with_element(m::last_used_at, view! { <RelativeTime at=device.last_seen_at/> })}</span> }.into_any()
        }
    };
    let is_revocable =
        device.revoked_at.is_none() && response::request_context().shows(Permission::DevicesRevoke);
    let revoke = is_revocable.then(|| view! { <div class="row-actions"><Revoke device=device.clone() is_here=is_here passkeys=Some(passkeys) used=used/></div> });
    view! {
        <li class=is_here.then_some("row-current")>
            <span class="row-icon"><Icon name=icon_of(device.kind)/></span>
            <div>
                <h3 class="row-title">{device.name.to_string()}" "{is_here.then(|| view! { <ThisDevice/> })}<AssuranceBadge device=device.clone()/></h3>
                <p class="row-meta">{when}{device.last_ip.clone().map(|ip| view! { <span class="mono">{ip}</span> })}<span>{with_element(m::registered_on, view! { <Day at=device.created_at/> })}</span></p>
                <Owes device=device.clone() reasons=reasons is_own=false/>
                <InAuditLog field="device" value=device.id.to_string() name=device.name.to_string()/>
            </div>
            {revoke}
        </li>
    }
}

/// The passkeys of a user.
#[component]
pub(super) fn UserPasskeys(
    /// The passkeys.
    passkeys: Vec<PasskeyView>,
) -> impl IntoView {
    let rows = passkeys.iter().map(|passkey| {
        let used = match passkey.last_used_at {
            Some(at) => view! { <span>{with_element(m::last_used_at, view! { <RelativeTime at=at/> })}</span> }.into_any(),
            None => view! { <span>{m::NEVER_USED}</span> }.into_any(),
        };
        let (id, name) = (passkey.id.to_string(), passkey.name.to_string());
        let (icon, model) = authenticator(passkey);
        let dialog = format!("remove-{id}");
        let synced = passkey.backed_up.then(|| view! { " "<span class="badge">{m::SYNCED}</span> });
        view! {
            <li>
                <span class="row-icon"><Icon name=icon/></span>
                <div>
                    <h3 class="row-title">{name.clone()}{synced}</h3>
                    <p class="row-meta">{model}{used}<span>{with_element(m::created_on, view! { <Day at=passkey.created_at/> })}</span></p>
                </div>
                <Permitted to=Permission::UsersWrite><div class="row-actions">
                    <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone() aria-label=m::remove_name(name.as_str()).text()><Icon name="trash"/>{m::REMOVE}</button>
                    <ConfirmDialog id=dialog title=m::remove_title(name) action="/actions/passkey/remove-any" fields=vec![("id", id)] verb=m::REMOVE_PASSKEY>
                        <p>{m::PASSKEY_REMOVE_ANY}</p>
                    </ConfirmDialog>
                </div></Permitted>
            </li>
        }
    });
    let body = if passkeys.is_empty() {
        view! { <p class="quiet">{m::USER_NO_PASSKEYS}</p> }.into_any()
    } else {
        view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="passkeys">
            <div class="section-head"><h2 id="passkeys">{m::PASSKEYS}</h2></div>
            <div class="section-body">{body}</div>
        </section>
    }
}
