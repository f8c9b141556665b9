//! `/devices`: the user's devices, the current one first.

use super::{load, login::approval};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        badge::{AssuranceBadge, ThisDevice},
        challenge::Owes,
        dialog::{ConfirmDialog, FormDialog},
        empty::Empty,
        icon::Icon,
        notice::Notices,
        programs::Programs,
        recovery::{OtherRecoveries, OwnRecovery},
        recovery_mail::MailConfirmation,
        rename::Rename,
        time::{Day, RelativeTime},
    },
    format,
    messages::{Key, m, with_element},
    response,
};
use latchkey_domain::{
    id::DeviceId,
    identity::device::{DeviceKind, DeviceView},
    identity::passkey::PasskeyView,
    risk::Reason,
    tokens::family::TokenFamilyView,
};
use leptos::prelude::*;

/// The devices page.
#[component]
pub fn Devices() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?.clone();
        let is_recovering = current_user.limit.is_recovery();
        let devices = context.engine().my_devices(&current_user).await?;
        let passkeys = context.engine().my_passkeys(&current_user).await?;
        let mail_ends = context.engine().my_recovery_mail(&current_user).await?;
        let programs = context.engine().my_token_families(&current_user).await?;
        let sign_in_again = sign_in_again(&passkeys, current_user.device_id);
        // What a native device may do is said beside the device.
        let (native, programs): (Vec<_>, Vec<_>) =
            programs.into_iter().partition(|one| one.is_native);
        let mut reasons = (context.engine())
            .my_challenge_reasons(&current_user, &devices)
            .await?;
        let mut rows = Vec::with_capacity(devices.len());
        for device in devices.clone() {
            let used = context
                .engine()
                .passkeys_used_on(&current_user, device.id)
                .await?;
            let services = native.iter().filter(|one| one.device_id == device.id);
            let services: Vec<_> = services.cloned().collect();
            let reasons = reasons.remove(&device.id);
            rows.push((device, used, services, reasons));
        }
        let (here, others): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(device, ..)| device.id == current_user.device_id);
        let may_approve = here.iter().all(|(device, ..)| !device.is_limited);
        let note = m::devices_others(others.len());
        let is_alone = others.is_empty();
        Ok(view! {
            <AppLayout title=m::NAV_DEVICES nav_item=NavItem::Devices>
                <div class="page-head">
                    <div>
                        <h1>{m::NAV_DEVICES}</h1>
                        <p class="lead">{m::DEVICES_LEAD}</p>
                    </div>
                    {(!is_recovering).then(|| view! {
                        <button type="button" class="button button-primary" popovertarget="add-device"><Icon name="plus"/>{m::DEVICES_ADD}</button>
                        <HowToAdd/>
                    })}
                </div>
                <Notices/>
                <OwnRecovery current_user=current_user.clone()/>
                <MailConfirmation current_user=current_user.clone() expires_at=mail_ends/>
                <OtherRecoveries current_user=current_user.clone() devices=devices/>
                <section class="section" aria-labelledby="here">
                    <div class="section-head"><h2 id="here">{m::THIS_DEVICE}</h2></div>
                    <div class="section-body"><ul class="rows">{here.into_iter().map(|(device, used, services, reasons)| view! { <Row device=device used=used services=services reasons=reasons is_here=true may_approve=false is_recovering=is_recovering consequence=sign_in_again/> }).collect_view()}</ul></div>
                </section>
                <section class="section" aria-labelledby="others">
                    <div class="section-head"><h2 id="others">{m::DEVICES_OTHER}</h2>{(!is_alone).then(|| view! { <p>{note}</p> })}</div>
                    <div class="section-body">
                        {if is_alone {
                            view! { <Empty icon="device" title=m::DEVICES_NO_OTHER><p>{m::DEVICES_NO_OTHER_LEAD}</p></Empty> }.into_any()
                        } else {
                            view! { <ul class="rows">{others.into_iter().map(|(device, used, services, reasons)| view! { <Row device=device used=used services=services reasons=reasons is_here=false may_approve=may_approve is_recovering=is_recovering consequence=m::DEVICE_REVOKE_OTHER/> }).collect_view()}</ul> }.into_any()
                        }}
                    </div>
                </section>
                {(!is_recovering).then(|| view! { <Programs programs=programs lead=m::PROGRAMS_LEAD action="/actions/program/revoke"/> })}
            </AppLayout>
        }
        .into_any())
    })
}

/// How the user can sign in again after revoking the current device.
fn sign_in_again(passkeys: &[PasskeyView], here: DeviceId) -> Key {
    let end_here = passkeys.iter().all(|passkey| passkey.device_id == here);
    match (passkeys.is_empty(), end_here) {
        (true, _) => m::DEVICE_REVOKE_HERE_CODE,
        (false, false) => m::DEVICE_REVOKE_HERE_PASSKEY,
        (false, true) => m::DEVICE_REVOKE_HERE_LAST,
    }
}

/// The icon of a kind of device.
#[must_use]
pub const fn icon_of(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Phone => "phone",
        DeviceKind::Tablet => "tablet",
        DeviceKind::Computer => "laptop",
        DeviceKind::Program => "terminal",
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
        let text = m::device_also_remove(used.len(), format::listing(&names, 4));
        ("also", ids.join(" "), text.text())
    })
}

#[component]
fn Row(
    device: DeviceView,
    used: Vec<PasskeyView>,
    /// What it may do, if it is a native device.
    services: Vec<TokenFamilyView>,
    /// Why it owes something, if it does.
    reasons: Option<Vec<Reason>>,
    is_here: bool,
    may_approve: bool,
    /// Whether the device of whoever looks is in recovery: it changes nothing, and ends no passkey.
    is_recovering: bool,
    /// What revoking it means for the user.
    consequence: Key,
) -> impl IntoView {
    let (id, name, created_at) = (
        device.id.to_string(),
        device.name.to_string(),
        device.created_at,
    );
    let dialog = format!("revoke-{id}");
    let also = also_remove(&used).filter(|_| !is_recovering);
    let approve = (device.is_unapproved() && may_approve).then(|| {
        view! {
            <form method="post" action="/actions/device/approve">
                <input type="hidden" name="id" value=id.clone()/>
                <button class="button button-primary" aria-label=m::approve_name(name.as_str()).text()><Icon name="check"/>{m::APPROVE}</button>
            </form>
        }
    });
    // What holds a device is said by what it owes.
    let is_held = device.is_limited && device.owes().is_some() && !device.is_in_recovery();
    let limited = (device.is_limited && !is_held).then(|| {
        let how = match (device.is_in_recovery(), is_here) {
            (true, _) => m::DEVICE_IN_RECOVERY,
            (false, true) => m::DEVICE_LIMITED_HERE,
            (false, false) => m::DEVICE_LIMITED_OTHER,
        };
        view! { <p class="row-meta">{how}</p> }
    });
    let ask = (device.is_limited && is_here).then(
        || view! { <p class="row-meta"><a href=approval::PATH>{m::APPROVE_FROM_OTHER}</a></p> },
    );
    let owing = device.clone();
    let used = if is_here {
        view! { <span>{m::IN_USE_NOW}</span> }.into_any()
    } else {
        view! { <span>{with_element(m::last_used_at, view! { <RelativeTime at=device.last_seen_at/> })}</span> }.into_any()
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
                <p class="row-meta">{used}{ip}<span>{with_element(m::registered_on, view! { <Day at=created_at/> })}</span></p>
                {limited}
                <Owes device=owing reasons=reasons is_own=true/>
                {ask}
                {(!services.is_empty()).then(|| view! { <p class="row-meta">{services.iter().map(|one| view! { <span>{m::native_service(one.scopes.iter().count(), one.scopes.to_string(), one.service.as_str())}</span> }).collect_view()}</p> })}
            </div>
            <div class="row-actions">
                {approve}
                {(!is_recovering).then(|| view! { <Rename action="/actions/device/rename" id=id.clone() name=name.clone()/> })}
                <button type="button" class="button button-danger" popovertarget=dialog.clone() aria-label=m::revoke_name(name.as_str()).text()><Icon name="ban"/>{m::REVOKE}</button>
                <ConfirmDialog id=dialog title=m::revoke_title(name) action="/actions/device/revoke" fields=vec![("id", id)] verb=m::REVOKE_DEVICE option=also>
                    <p>{consequence}</p>
                    <p>{m::ENDS}</p>
                    <ul><li>{m::ENDS_ACCESS}</li><li>{m::ENDS_SESSIONS}</li>{(!is_recovering).then(|| view! { <li>{m::ENDS_PASSKEYS}</li> })}</ul>
                </ConfirmDialog>
            </div>
        </li>
    }
}

#[component]
fn HowToAdd() -> impl IntoView {
    view! {
        <FormDialog id="add-device" title=m::DEVICES_ADD>
            <p>{m::DEVICES_HOW}</p>
            <ul>
                <li>{m::DEVICES_HOW_PASSKEY}</li>
                <li>{m::DEVICES_HOW_APPROVAL}</li>
                <li>{m::DEVICES_HOW_CODE}</li>
            </ul>
            <div class="button-row"><button type="button" class="button" popovertarget="add-device" popovertargetaction="hide" autofocus>{m::CLOSE}</button></div>
        </FormDialog>
    }
}
