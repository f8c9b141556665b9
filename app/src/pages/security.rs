//! `/security`: how the user signs in.

use super::load;
use crate::{
    browser::create_passkey_button::{CreatePasskeyButton, Variant},
    components::{
        app_layout::{AppLayout, NavItem},
        dialog::ConfirmDialog,
        empty::Empty,
        icon::Icon,
        notice::Notices,
        passkey_texts::failure_texts,
        rename::Rename,
        time::{Day, RelativeTime},
        wrong_codes::WrongCodesNotice,
    },
    messages::{m, with_element, with_elements},
    pages::devices::icon_of,
    response,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionLimits},
    identity::device::{self, DeviceView},
    identity::passkey::PasskeyView,
    identity::user::CodeUse,
};
use latchkey_engine::TotpState;
use leptos::prelude::*;

/// Passkeys, the authenticator app, and this session.
#[component]
pub fn Security() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?.clone();
        let passkeys = context.engine().my_passkeys(&current_user).await?;
        let totp = context.engine().my_totp(&current_user).await?;
        let devices = context.engine().my_devices(&current_user).await?;
        let wrong_codes = context.engine().my_wrong_codes(&current_user).await?;
        let passkey_count = passkeys.len();
        let here = devices
            .iter()
            .find(|device| device.id == current_user.device_id)
            .cloned();
        Ok(view! {
            <AppLayout title=m::NAV_SECURITY nav_item=NavItem::Security>
                <div class="page-head">
                    <div>
                        <h1>{m::NAV_SECURITY}</h1>
                        <p class="lead">{m::SECURITY_LEAD}</p>
                    </div>
                </div>
                <Notices/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=None/>
                <section class="section" aria-labelledby="passkeys">
                    <div class="section-head"><h2 id="passkeys">{m::PASSKEYS}</h2><p>{m::PASSKEYS_LEAD}</p></div>
                    <div class="section-body"><Passkeys passkeys=passkeys devices=devices/></div>
                </section>
                <section class="section" aria-labelledby="app">
                    <div class="section-head"><h2 id="app">{m::AUTHENTICATOR_APP}</h2><p>{m::AUTHENTICATOR_APP_LEAD}</p></div>
                    <div class="section-body"><Authenticator totp=totp passkeys=passkey_count/></div>
                </section>
                {here.map(|device| view! { <Session device=device current_user=current_user/> })}
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Passkeys(passkeys: Vec<PasskeyView>, devices: Vec<DeviceView>) -> impl IntoView {
    let name =
        device::default_name(&response::request_context().facts().origin.user_agent).to_string();
    let others = passkeys.len().saturating_sub(1);
    let list = if passkeys.is_empty() {
        view! {
            <Empty icon="passkey" title=m::PASSKEYS_NONE>
                <p>{m::PASSKEYS_NONE_LEAD}</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = passkeys.into_iter().map(|passkey| {
            let created_on = devices
                .iter()
                .find(|device| device.id == passkey.device_id)
                .map(|device| device.name.to_string());
            view! { <Row passkey=passkey created_on=created_on others=others/> }
        });
        view! { <ul class="rows">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        <CreatePasskeyButton name=name label=m::PASSKEY_ADD.text() variant=Variant::Plain failures=failure_texts()/>
        <noscript><p class="small quiet">{m::PASSKEYS_NO_SCRIPT}</p></noscript>
    }
}

#[component]
fn Row(passkey: PasskeyView, created_on: Option<String>, others: usize) -> impl IntoView {
    let (id, name) = (passkey.id.to_string(), passkey.name.to_string());
    let dialog = format!("remove-{id}");
    let used = match passkey.last_used_at {
        Some(at) => {
            view! { <span>{with_element(m::last_used_at, view! { <RelativeTime at=at/> })}</span> }
                .into_any()
        }
        None => view! { <span>{m::NEVER_USED}</span> }.into_any(),
    };
    let day = view! { <Day at=passkey.created_at/> }.into_any();
    let created = match created_on {
        Some(device) => with_elements(|[day]| m::created_on_device(day, device), [day]),
        None => with_element(m::created_on, day),
    };
    let rename =
        view! { <Rename action="/actions/passkey/rename" id=id.clone() name=name.clone()/> };
    let title = name.clone();
    let remove = match others {
        0 => view! { <p class="small quiet">{m::PASSKEY_ONLY_ONE}</p> }.into_any(),
        _ => view! {
            <button type="button" class="button button-danger" popovertarget=dialog.clone() aria-label=m::remove_name(name.as_str()).text()><Icon name="trash"/>{m::REMOVE}</button>
            <ConfirmDialog id=dialog title=m::remove_title(name) action="/actions/passkey/remove" fields=vec![("id", id)] verb=m::REMOVE_PASSKEY>
                <p>{m::PASSKEY_REMOVE_LEAD}" "{m::passkeys_left(others)}</p>
                <p>{m::PASSKEY_REMOVE_DEVICE}</p>
            </ConfirmDialog>
        }.into_any(),
    };
    view! {
        <li>
            <span class="row-icon"><Icon name="key"/></span>
            <div>
                <h3 class="row-title">{title}{passkey.backed_up.then(|| view! { " "<span class="badge">{m::SYNCED}</span> })}</h3>
                <p class="row-meta">{used}<span>{created}</span></p>
            </div>
            <div class="row-actions">
                {rename}
                {remove}
            </div>
        </li>
    }
}

#[component]
fn Authenticator(totp: Option<TotpState>, passkeys: usize) -> impl IntoView {
    let Some(totp) = totp else {
        return view! { <p class="quiet">{m::APP_NONE}</p> }.into_any();
    };
    let worth = match totp.code_use {
        CodeUse::Full => m::CODES_FULL,
        CodeUse::Limited => m::CODES_LIMITED,
        CodeUse::Refused => m::CODES_REFUSED,
    };
    let remove = match passkeys {
        0 => None,
        1 => Some(view! { <p class="small quiet">{m::APP_REMOVE_FEW}</p> }.into_any()),
        _ => Some(view! {
            <button type="button" class="button button-danger" popovertarget="remove-app"><Icon name="trash"/>{m::APP_REMOVE}</button>
            <ConfirmDialog id="remove-app" title=m::APP_REMOVE_TITLE action="/actions/totp/remove" fields=vec![] verb=m::APP_REMOVE_SUBMIT>
                <p>{m::APP_REMOVE_LEAD}</p>
            </ConfirmDialog>
        }.into_any()),
    };
    view! {
        <dl class="facts">
            <div><dt>{m::CODES}</dt><dd>{worth}</dd></div>
            <div><dt>{m::APP_SET_UP}</dt><dd><Day at=totp.confirmed_at/></dd></div>
        </dl>
        {remove}
    }
    .into_any()
}

#[component]
fn Session(device: DeviceView, current_user: CurrentUser) -> impl IntoView {
    let times = match current_user.sign_in {
        Some(sign_in) => {
            let ends_at = sign_in.at + SessionLimits::of(current_user.role).absolute;
            view! {
                <span>{with_element(m::session_since, view! { <RelativeTime at=sign_in.at/> })}</span>
                <span>{with_element(m::session_expires, view! { <RelativeTime at=ends_at/> })}</span>
            }
            .into_any()
        }
        None => view! { <span>{m::SESSION_NONE}</span> }.into_any(),
    };
    view! {
        <section class="section" aria-labelledby="session">
            <div class="section-head"><h2 id="session">{m::SESSION}</h2><p>{with_element(m::session_lead, view! { <a href="/devices">{m::NAV_DEVICES}</a> })}</p></div>
            <div class="section-body">
                <ul class="rows">
                    <li class="row-current">
                        <span class="row-icon"><Icon name=icon_of(device.kind)/></span>
                        <div><h3 class="row-title">{device.name.to_string()}</h3><p class="row-meta">{times}</p></div>
                        <div class="row-actions">
                            <form method="post" action="/actions/session/sign-out"><button class="button"><Icon name="sign-out"/>{m::SIGN_OUT}</button></form>
                        </div>
                    </li>
                </ul>
            </div>
        </section>
    }
}
