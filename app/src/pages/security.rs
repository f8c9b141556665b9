//! `/security`: how the user signs in.

use super::load;
use crate::{
    browser::create_passkey::{CreatePasskeyButton, Variant},
    components::{
        app_layout::{AppLayout, NavItem},
        confirm::Confirm,
        empty::Empty,
        icon::Icon,
        notice::Notices,
        passkey_texts::failure_texts,
        rename::Rename,
        time::{Day, RelativeTime},
        wrong_codes::WrongCodesNotice,
    },
    format,
    messages::m,
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
            <AppLayout title="Security" nav_item=NavItem::Security>
                <div class="page-head">
                    <div>
                        <h1>"Security"</h1>
                        <p class="lead">"How you sign in to your account. If you have a passkey, changes require one used within the last 10 minutes."</p>
                    </div>
                </div>
                <Notices/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=None/>
                <section class="section" aria-labelledby="passkeys">
                    <div class="section-head"><h2 id="passkeys">"Passkeys"</h2><p>"Passkeys sign you in without a code and cannot be phished. Have at least two."</p></div>
                    <div class="section-body"><Passkeys passkeys=passkeys devices=devices/></div>
                </section>
                <section class="section" aria-labelledby="app">
                    <div class="section-head"><h2 id="app">"Authenticator app"</h2><p>"Shows a code that changes every 30 seconds."</p></div>
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
            <Empty icon="passkey" title="No passkeys yet">
                <p>"With a passkey you sign in with your fingerprint, your face or the PIN of a device. A stolen code can then register only a limited device, which cannot change your account until you approve it."</p>
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
        <noscript><p class="small quiet">"Passkeys need JavaScript. Turn it on for this site to add one."</p></noscript>
    }
}

#[component]
fn Row(passkey: PasskeyView, created_on: Option<String>, others: usize) -> impl IntoView {
    let (id, name) = (passkey.id.to_string(), passkey.name.to_string());
    let dialog = format!("remove-{id}");
    let used = match passkey.last_used_at {
        Some(at) => view! { <span>"Last used "<RelativeTime at=at/></span> }.into_any(),
        None => view! { <span>"Never used"</span> }.into_any(),
    };
    let left = match others {
        0 => String::new(),
        1 => "You have one other passkey.".to_owned(),
        many => format!("You have {}.", format::count(many as u64, "other passkey")),
    };
    let rename =
        view! { <Rename action="/actions/passkey/rename" id=id.clone() name=name.clone()/> };
    let title = name.clone();
    let remove = match others {
        0 => view! { <p class="small quiet">"Your only passkey cannot be removed."</p> }.into_any(),
        _ => view! {
            <button type="button" class="button button-danger" popovertarget=dialog.clone() aria-label=format!("Remove {name}")><Icon name="trash"/>"Remove"</button>
            <Confirm id=dialog title=format!("Remove {name}?") action="/actions/passkey/remove" fields=vec![("id", id)] verb="Remove passkey">
                <p>"You will no longer be able to sign in with it. "{left}</p>
                <p>"Your device may still offer it until you delete it there, too."</p>
            </Confirm>
        }.into_any(),
    };
    view! {
        <li>
            <span class="row-icon"><Icon name="key"/></span>
            <div>
                <h3 class="row-title">{title}{passkey.backed_up.then(|| view! { " "<span class="badge">"Synced"</span> })}</h3>
                <p class="row-meta">{used}<span>"Created "<Day at=passkey.created_at/>{created_on.map(|device| format!(" on {device}"))}</span></p>
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
        return view! { <p class="quiet">"Not set up. Register new devices with a passkey, or with an enrolment link from an administrator."</p> }.into_any();
    };
    let worth = match totp.code_use {
        CodeUse::Full => "Can register a device; they are the only factor of this account",
        CodeUse::Limited => "Can register a device, which is limited until you approve it",
        CodeUse::Refused => "Cannot register a device: this account signs in with passkeys only",
    };
    let remove = match passkeys {
        0 => None,
        1 => Some(view! { <p class="small quiet">"To remove the app, add a second passkey first."</p> }.into_any()),
        _ => Some(view! {
            <button type="button" class="button button-danger" popovertarget="remove-app"><Icon name="trash"/>"Remove the app"</button>
            <Confirm id="remove-app" title="Remove the authenticator app?" action="/actions/totp/remove" fields=vec![] verb="Remove app">
                <p>"Its codes can no longer register devices. You sign in with passkeys only. If you lose all of them, you need a new enrolment link from an administrator."</p>
            </Confirm>
        }.into_any()),
    };
    view! {
        <dl class="facts">
            <div><dt>"Codes"</dt><dd>{worth}</dd></div>
            <div><dt>"Set up"</dt><dd><Day at=totp.confirmed_at/></dd></div>
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
            view! { <span>"Since "<RelativeTime at=sign_in.at/></span><span>"Expires "<RelativeTime at=ends_at/></span> }.into_any()
        }
        None => {
            view! { <span>"This device is registered. Changes require you to sign in first."</span> }
                .into_any()
        }
    };
    view! {
        <section class="section" aria-labelledby="session">
            <div class="section-head"><h2 id="session">"This session"</h2><p>"Your other devices are listed under "<a href="/devices">"Devices"</a>"."</p></div>
            <div class="section-body">
                <ul class="rows">
                    <li class="row-current">
                        <span class="row-icon"><Icon name=icon_of(device.kind)/></span>
                        <div><h3 class="row-title">{device.name.to_string()}</h3><p class="row-meta">{times}</p></div>
                        <div class="row-actions">
                            <form method="post" action="/actions/session/sign-out"><button class="button"><Icon name="sign-out"/>"Sign out"</button></form>
                        </div>
                    </li>
                </ul>
            </div>
        </section>
    }
}
