//! `/devices`: the user's devices, the current one first.

use super::load;
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        badge::{AssuranceBadge, ThisDevice},
        confirm::{Confirm, FormDialog},
        empty::Empty,
        icon::Icon,
        notice::Notices,
        rename::Rename,
        time::{Day, RelativeTime},
    },
    format, response,
};
use latchkey_domain::{
    id::DeviceId,
    identity::device::{DeviceKind, DeviceView},
    identity::passkey::PasskeyView,
};
use leptos::prelude::*;

/// The devices page.
#[component]
pub fn Devices() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?;
        let devices = context.engine().my_devices(current_user).await?;
        let passkeys = context.engine().my_passkeys(current_user).await?;
        let sign_in_again = sign_in_again(&passkeys, current_user.device_id);
        let mut rows = Vec::with_capacity(devices.len());
        for device in devices {
            let used = context
                .engine()
                .passkeys_used_on(current_user, device.id)
                .await?;
            rows.push((device, used));
        }
        let (here, others): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(device, _)| device.id == current_user.device_id);
        let may_approve = here.iter().all(|(device, _)| !device.is_limited);
        let note = format!(
            "{}, most recently used first.",
            format::count(others.len() as u64, "device")
        );
        let is_alone = others.is_empty();
        Ok(view! {
            <AppLayout title="Devices" nav_item=NavItem::Devices>
                <div class="page-head">
                    <div>
                        <h1>"Devices"</h1>
                        <p class="lead">"All devices registered to your account. If you lose one, revoke it here, even if you had signed out on it. It stops working within a second."</p>
                    </div>
                    <button type="button" class="button button-primary" popovertarget="add-device"><Icon name="plus"/>"Add a device"</button>
                    <HowToAdd/>
                </div>
                <Notices/>
                <section class="section" aria-labelledby="here">
                    <div class="section-head"><h2 id="here">"This device"</h2></div>
                    <div class="section-body"><ul class="rows">{here.into_iter().map(|(device, used)| view! { <Row device=device used=used is_here=true may_approve=false consequence=sign_in_again/> }).collect_view()}</ul></div>
                </section>
                <section class="section" aria-labelledby="others">
                    <div class="section-head"><h2 id="others">"Other devices"</h2>{(!is_alone).then(|| view! { <p>{note}</p> })}</div>
                    <div class="section-body">
                        {if is_alone {
                            view! { <Empty icon="device" title="No other devices"><p>"Register a second device so that you are not locked out if you lose this one. Choose “Add a device” to see how."</p></Empty> }.into_any()
                        } else {
                            view! { <ul class="rows">{others.into_iter().map(|(device, used)| view! { <Row device=device used=used is_here=false may_approve=may_approve consequence="It is signed out of all services within a second."/> }).collect_view()}</ul> }.into_any()
                        }}
                    </div>
                </section>
            </AppLayout>
        }
        .into_any())
    })
}

/// How the user can sign in again after revoking the current device.
fn sign_in_again(passkeys: &[PasskeyView], here: DeviceId) -> &'static str {
    let end_here = passkeys.iter().all(|passkey| passkey.device_id == here);
    match (passkeys.is_empty(), end_here) {
        (true, _) => {
            "This is the device you are using. You will be signed out immediately, and need another device or a code to sign in again."
        }
        (false, false) => {
            "This is the device you are using. You will be signed out immediately, and can sign in again with one of your other passkeys."
        }
        (false, true) => {
            "This is the device you are using, and revoking it removes your last passkey. You will be signed out everywhere immediately, and may need a new enrolment link from an administrator to sign in again."
        }
    }
}

/// The icon of a kind of device.
#[must_use]
pub const fn icon_of(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Phone => "phone",
        DeviceKind::Tablet => "tablet",
        DeviceKind::Computer => "laptop",
        DeviceKind::Other => "device",
    }
}

/// The option to remove, along with a device, passkeys that were used on it and are stored elsewhere.
#[must_use]
pub fn also_remove(used: &[PasskeyView]) -> Option<(&'static str, String, String)> {
    let names: Vec<_> = used
        .iter()
        .map(|passkey| passkey.name.to_string())
        .collect();
    let ids: Vec<_> = used.iter().map(|passkey| passkey.id.to_string()).collect();
    (!used.is_empty()).then(|| {
        let text = format!(
            "Also remove {} used on it but stored elsewhere: {}. Recommended if the device was lost.",
            format::count(used.len() as u64, "passkey"),
            format::listing(&names, 4)
        );
        ("also", ids.join(" "), text)
    })
}

#[component]
fn Row(
    device: DeviceView,
    used: Vec<PasskeyView>,
    is_here: bool,
    may_approve: bool,
    /// What revoking it means for the user.
    consequence: &'static str,
) -> impl IntoView {
    let (id, name, created_at) = (
        device.id.to_string(),
        device.name.to_string(),
        device.created_at,
    );
    let dialog = format!("revoke-{id}");
    let also = also_remove(&used);
    let approve = (device.is_limited && may_approve).then(|| {
        view! {
            <form method="post" action="/actions/device/approve">
                <input type="hidden" name="id" value=id.clone()/>
                <button class="button button-primary" aria-label=format!("Approve {name}")><Icon name="check"/>"Approve"</button>
            </form>
        }
    });
    let limited = device.is_limited.then(|| {
        let how = match is_here {
            true => "It can use services that accept any registered device, but cannot change your account until you use a passkey on it or approve it on another device.",
            false => "It can use services that accept any registered device, but cannot change your account until you approve it. Revoke it if it is not yours.",
        };
        view! { <p class="row-meta">"Registered with a code. "{how}</p> }
    });
    let used = if is_here {
        view! { <span>"In use now"</span> }.into_any()
    } else {
        view! { <span>"Last used "<RelativeTime at=device.last_seen_at/></span> }.into_any()
    };
    let ip = device
        .last_ip
        .clone()
        .map(|ip| view! { <span class="mono">{ip}</span> });
    view! {
        <li class=is_here.then_some("row-current")>
            <span class="row-icon"><Icon name=icon_of(device.kind)/></span>
            <div>
                <h3 class="row-title">{name.clone()}" "{is_here.then(|| view! { <ThisDevice/> })}<AssuranceBadge device=device/></h3>
                <p class="row-meta">{used}{ip}<span>"Registered "<Day at=created_at/></span></p>
                {limited}
            </div>
            <div class="row-actions">
                {approve}
                <Rename action="/actions/device/rename" id=id.clone() name=name.clone()/>
                <button type="button" class="button button-danger" popovertarget=dialog.clone() aria-label=format!("Revoke {name}")><Icon name="ban"/>"Revoke"</button>
                <Confirm id=dialog title=format!("Revoke {name}?") action="/actions/device/revoke" fields=vec![("id", id)] verb="Revoke device" option=also>
                    <p>{consequence}</p>
                    <p>"These stop working:"</p>
                    <ul><li>"its access to all services"</li><li>"its sessions"</li><li>"the passkeys that belong to it"</li></ul>
                </Confirm>
            </div>
        </li>
    }
}

#[component]
fn HowToAdd() -> impl IntoView {
    view! {
        <FormDialog id="add-device" title="Add a device">
            <p>"Open this site on the new device, then do one of the following:"</p>
            <ul>
                <li>"Choose “Use a passkey” if your passkeys are synced to it or you have your phone at hand."</li>
                <li>"Choose “Register this device with a code” and enter the code from your authenticator app."</li>
            </ul>
            <div class="button-row"><button type="button" class="button" popovertarget="add-device" popovertargetaction="hide" autofocus>"Close"</button></div>
        </FormDialog>
    }
}
