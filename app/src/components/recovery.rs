//! Recoveries: how far the one on this device is, and those on other devices, which can be cancelled.

use crate::{
    browser::create_passkey_button::{CreatePasskeyButton, Variant},
    components::{icon::Icon, passkey_texts::failure_texts, recovery_mail, time::RelativeTime},
    format,
    messages::{m, with_element},
    pages::recover,
    response,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    identity::device::{self, DeviceView, RecoveryStage},
};
use leptos::prelude::*;

/// How far the recovery on this device is, if there is one, and what its user can do.
#[component]
pub fn OwnRecovery(
    /// The user.
    current_user: CurrentUser,
    /// Whether the section that confirms by mail is on another page.
    #[prop(optional)]
    leads_to_confirmation: bool,
) -> impl IntoView {
    let context = response::request_context();
    let recovery = current_user.limit.recovery()?;
    let (now, after) = (context.engine().now(), recovery.passkey_after);
    let stage = recovery.stage(now);
    let name = device::default_name(&context.facts().origin.user_agent).to_string();
    let exact = format::exact(after).text();
    let time = || view! { <RelativeTime at=after/>" ("{exact}")" };
    // A passkey that was found again ends the wait.
    let found = (current_user.has_passkey && stage != RecoveryStage::Ready).then(|| {
        view! { <a class="button" href="/login?step_up=1"><Icon name="key"/>{m::RECOVERY_USE_PASSKEY}</a> }
    });
    let confirm = (leads_to_confirmation && recovery.awaits_mail(now)).then(|| {
        let section = format!("/devices#{}", recovery_mail::ID);
        view! { <a class="button" href=section><Icon name="mail"/>{m::RECOVERY_MAIL_TITLE}</a> }
    });
    let (title, lead, act) = match stage {
        RecoveryStage::CoolingOff => (
            m::RECOVERY_WAITING,
            with_element(m::recovery_waiting_lead, time()).into_any(),
            view! { {confirm}{found} }.into_any(),
        ),
        RecoveryStage::Unconfirmed => (
            m::RECOVERY_UNCONFIRMED,
            m::RECOVERY_UNCONFIRMED_LEAD.text().into_any(),
            view! { {confirm}{found} }.into_any(),
        ),
        RecoveryStage::Ready => (
            m::RECOVERY_READY,
            m::RECOVERY_READY_LEAD.text().into_any(),
            view! {
                <CreatePasskeyButton name=name label=m::CREATE_PASSKEY.text() variant=Variant::Notice failures=failure_texts()/>
                <noscript><p class="small quiet">{m::PASSKEYS_NO_SCRIPT}</p></noscript>
            }
            .into_any(),
        ),
        RecoveryStage::Lapsed => (
            m::RECOVERY_LAPSED,
            m::RECOVERY_LAPSED_LEAD.text().into_any(),
            view! { <a class="button button-primary" href=recover::PATH>{m::RECOVER}</a>{found} }.into_any(),
        ),
    };
    Some(view! {
        <div class="notice notice-info">
            <Icon name="clock"/>
            <div>
                <p><strong>{title}</strong>" "{lead}</p>
                <div class="button-row">{act}</div>
            </div>
        </div>
    })
}

/// Recoveries on other devices of this user, with one button that cancels them.
#[component]
pub fn OtherRecoveries(
    /// The user.
    current_user: CurrentUser,
    /// All of their devices.
    devices: Vec<DeviceView>,
) -> impl IntoView {
    current_user.may_cancel_recovery().ok()?;
    let recovering: Vec<_> = devices
        .into_iter()
        .filter(|device| device.is_recovering() && device.id != current_user.device_id)
        .map(|device| {
            let since = view! { <RelativeTime at=device.last_seen_at/> };
            let ip = (device.last_ip)
                .map(|ip| view! { <span class="mono">{ip}</span> });
            view! { <li><b>{device.name.to_string()}</b>" "<span class="quiet">{with_element(m::last_used_at, since)}" "{ip}</span></li> }
        })
        .collect();
    (!recovering.is_empty()).then(|| {
        view! {
            <section class="notice notice-error" aria-labelledby="recoveries">
                <Icon name="warning"/>
                <div>
                    <h2 id="recoveries">{m::RECOVERY_ELSEWHERE}</h2>
                    <ul>{recovering}</ul>
                    <p>{m::RECOVERY_ELSEWHERE_LEAD}</p>
                    <div class="button-row"><CancelRecovery/></div>
                </div>
            </section>
        }
    })
}

/// The button that cancels all recoveries of this user.
#[component]
pub fn CancelRecovery() -> impl IntoView {
    view! {
        <form method="post" action="/actions/recovery/cancel">
            <button class="button button-danger button-solid"><Icon name="ban"/>{m::RECOVERY_CANCEL}</button>
        </form>
    }
}
