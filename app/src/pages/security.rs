//! `/security`: how the user signs in.

use super::load;
use crate::{
    browser::create_passkey_button::{CreatePasskeyButton, Variant},
    components::{
        app_layout::{AppLayout, NavItem},
        authenticator::authenticator,
        behaviour::OwnBehaviour,
        dialog::ConfirmDialog,
        empty::Empty,
        icon::Icon,
        notice::Notices,
        passkey_texts::failure_texts,
        recovery::OwnRecovery,
        rename::Rename,
        sessions::Sessions,
        time::{Day, RelativeTime},
        usual::Usual,
        wrong_codes::WrongCodesNotice,
    },
    messages::{m, with_element, with_elements},
    response,
};
use latchkey_domain::{
    identity::device::{self, DeviceView},
    identity::passkey::PasskeyView,
    identity::recovery::{CODES, FEW, RecoveryCodesView},
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
        let current = context.engine().my_current_passkeys(&current_user).await?;
        let current = serde_json::to_string(&current).map_err(latchkey_engine::Error::internal)?;
        let totp = context.engine().my_totp(&current_user).await?;
        let devices = context.engine().my_devices(&current_user).await?;
        let sessions = context.engine().my_sessions(&current_user).await?;
        let others = (sessions.iter())
            .filter(|session| session.device_id != current_user.device_id)
            .count();
        let wrong_codes = context.engine().my_wrong_codes(&current_user).await?;
        let codes = context.engine().my_recovery_codes(&current_user).await?;
        let behaviour = context.engine().my_behaviour(&current_user).await?;
        let usual = context.engine().my_usual_sign_ins(&current_user).await?;
        let passkey_count = passkeys.len();
        Ok(view! {
            <AppLayout title=m::NAV_SECURITY nav_item=NavItem::Security>
                <div class="page-head">
                    <div>
                        <h1>{m::NAV_SECURITY}</h1>
                        <p class="lead">{m::SECURITY_LEAD}</p>
                    </div>
                </div>
                <Notices/>
                <OwnRecovery current_user=current_user.clone() leads_to_confirmation=true/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=None/>
                // A device in recovery changes nothing here.
                {(!current_user.limit.is_recovery()).then(|| view! {
                    <section class="section" aria-labelledby="passkeys">
                        <div class="section-head"><h2 id="passkeys">{m::PASSKEYS}</h2><p>{m::PASSKEYS_LEAD}</p></div>
                        <div class="section-body" data-passkeys=current><Passkeys passkeys=passkeys devices=devices/></div>
                    </section>
                    <section class="section" aria-labelledby="app">
                        <div class="section-head"><h2 id="app">{m::AUTHENTICATOR_APP}</h2><p>{m::AUTHENTICATOR_APP_LEAD}</p></div>
                        <div class="section-body"><Authenticator totp=totp passkeys=passkey_count/></div>
                    </section>
                    <section class="section" aria-labelledby="codes">
                        <div class="section-head"><h2 id="codes">{m::RECOVERY_CODES}</h2><p>{m::RECOVERY_CODES_LEAD}</p></div>
                        <div class="section-body"><Recovery codes=codes has_passkey={passkey_count > 0}/></div>
                    </section>
                })}
                <Sessions sessions=sessions lead=m::SESSIONS_LEAD here=current_user.device_id action="/actions/session/end">
                    {current_user.sign_in.is_none().then(|| view! { <p class="quiet">{m::SESSION_NONE}</p> })}
                    {(others > 1).then(|| view! { <form method="post" action="/actions/session/end-others"><button class="button button-danger"><Icon name="sign-out"/>{m::SESSIONS_END_OTHERS}</button></form> })}
                </Sessions>
                <OwnBehaviour behaviour=behaviour current_user=current_user.clone()/>
                {(!current_user.limit.is_recovery()).then(|| view! {
                    <Usual usual=usual/>
                    <section class="section" aria-labelledby="data">
                        <div class="section-head"><h2 id="data">{m::DATA}</h2><p>{m::DATA_LEAD}</p></div>
                        <div class="section-body"><form method="post" action="/security/export"><button class="button">{m::DATA_DOWNLOAD}</button></form></div>
                    </section>
                })}
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
    let (icon, model) = authenticator(&passkey);
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
            <span class="row-icon"><Icon name=icon/></span>
            <div>
                <h3 class="row-title">{title}{passkey.backed_up.then(|| view! { " "<span class="badge">{m::SYNCED}</span> })}</h3>
                <p class="row-meta">{model}{used}<span>{created}</span></p>
            </div>
            <div class="row-actions">
                {rename}
                {remove}
            </div>
        </li>
    }
}

/// How many recovery codes are left, and a button that makes new ones.
#[component]
fn Recovery(codes: Option<RecoveryCodesView>, has_passkey: bool) -> impl IntoView {
    let Some(RecoveryCodesView { left, made_at }) = codes else {
        let suggestion = match has_passkey {
            true => m::RECOVERY_CODES_NONE_PASSKEY,
            false => m::RECOVERY_CODES_NONE,
        };
        return view! {
            <p class="quiet">{suggestion}</p>
            <form method="post" action="/actions/recovery/make-codes"><button class="button"><Icon name="plus"/>{m::RECOVERY_CODES_MAKE}</button></form>
        }
        .into_any();
    };
    let few = (left <= FEW).then(|| {
        view! { <p class="few-left"><Icon name="warning"/>{m::recovery_codes_few(left)}</p> }
    });
    view! {
        <dl class="facts">
            <div><dt>{m::RECOVERY_CODES_LEFT}</dt><dd>{m::recovery_codes_of(CODES, left)}</dd></div>
            <div><dt>{m::RECOVERY_CODES_MADE_ON}</dt><dd><Day at=made_at/></dd></div>
        </dl>
        {few}
        <button type="button" class="button" popovertarget="make-codes"><Icon name="refresh"/>{m::RECOVERY_CODES_REPLACE}</button>
        <ConfirmDialog id="make-codes" title=m::RECOVERY_CODES_REPLACE_TITLE action="/actions/recovery/make-codes" fields=vec![] verb=m::RECOVERY_CODES_REPLACE>
            <p>{m::RECOVERY_CODES_REPLACE_LEAD}</p>
        </ConfirmDialog>
    }
    .into_any()
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
