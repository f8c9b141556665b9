//! `/`: the user's services as tiles, and the current device.

use super::load;
use crate::{
    browser::create_passkey_button::{CreatePasskeyButton, Variant},
    components::{
        app_layout::{AppLayout, NavItem},
        badge::{AssuranceBadge, ThisDevice},
        empty::Empty,
        icon::Icon,
        notice::Notices,
        passkey_texts::failure_texts,
        recovery::OtherRecoveries,
        time::{Day, RelativeTime},
        unread_notifications::UnreadNotifications,
        wrong_codes::WrongCodesNotice,
    },
    format,
    messages::{m, with_element},
    pages::{devices::icon_of, login::approval},
    response,
    url::sign_in_url,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    access::permission::Permission,
    identity::device::{self, DeviceView, Registration},
};
use latchkey_engine::MyService;
use leptos::prelude::*;

/// The start page.
#[component]
pub fn Home() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?.clone();
        let services = context.engine().my_services(&current_user).await?;
        let devices = context.engine().my_devices(&current_user).await?;
        let here = devices
            .iter()
            .find(|device| device.id == current_user.device_id)
            .cloned();
        let registration = here.as_ref().map(|device| device.registration);
        let first_name = format::first_name(&current_user.name);
        let is_admin = context.shows(Permission::ServicesWrite);
        let wrong_codes = context.engine().my_wrong_codes(&current_user).await?;
        let unread = (context.engine())
            .my_unread_notifications(&current_user)
            .await?;
        let lead = m::home_services(services.len());
        Ok(view! {
            <AppLayout title=m::NAV_HOME nav_item=NavItem::Home>
                <div class="page-head"><div><h1>{m::home_hello(first_name)}</h1><p class="lead">{lead}</p></div></div>
                <Notices/>
                <OtherRecoveries current_user=current_user.clone() devices=devices/>
                <UnreadNotifications notifications=unread/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=None/>
                <AssuranceNotice current_user=current_user.clone() registration=registration/>
                <section class="section section-wide" aria-labelledby="services">
                    <div class="section-head"><h2 id="services">{m::MY_SERVICES}</h2></div>
                    <div class="section-body"><Tiles services=services is_admin=is_admin/></div>
                </section>
                {here.map(|device| view! { <CurrentDevice device=device current_user=current_user/> })}
            </AppLayout>
        }
        .into_any())
    })
}

/// How to raise the assurance of this device, if it can be raised.
#[component]
fn AssuranceNotice(
    current_user: CurrentUser,
    /// How this device was registered.
    registration: Option<Registration>,
) -> impl IntoView {
    if current_user.limit.is_limited() && !current_user.has_passkey {
        return Some(
            view! {
                <div class="notice notice-info">
                    <Icon name="clock"/>
                    <div><p><strong>{m::HOME_LIMITED}</strong>" "{m::HOME_LIMITED_LEAD}</p></div>
                </div>
            }
            .into_any(),
        );
    }
    if !current_user.has_passkey {
        let name = device::default_name(&response::request_context().facts().origin.user_agent)
            .to_string();
        return Some(
            view! {
                <div class="notice notice-info">
                    <Icon name="passkey"/>
                    <div>
                        <p><strong>{m::HOME_NO_PASSKEY}</strong>" "<span data-capability="userVerifyingPlatformAuthenticator">{m::HOME_NO_PASSKEY_LEAD}</span></p>
                        <div class="button-row"><CreatePasskeyButton name=name label=m::CREATE_PASSKEY.text() variant=Variant::Notice failures=failure_texts()/></div>
                    </div>
                </div>
            }
            .into_any(),
        );
    }
    let (title, lead) = match registration {
        Some(Registration::Approval) => (m::HOME_APPROVED, m::HOME_APPROVED_LEAD),
        _ => (m::HOME_CODE_ONLY, m::HOME_CODE_ONLY_LEAD),
    };
    let other_device = current_user.limit.is_limited().then(|| view! { <a class="button" href=approval::PATH><Icon name="qr"/>{m::APPROVE_FROM_OTHER}</a> });
    current_user.passkey_verified_at.is_none().then(|| {
        view! {
            <div class="notice notice-info">
                <Icon name="key"/>
                <div>
                    <p><strong>{title}</strong>" "{lead}</p>
                    <div class="button-row"><a class="button button-primary" href=sign_in_url("/")><Icon name="key"/>{m::USE_PASSKEY}</a>{other_device}</div>
                </div>
            </div>
        }
        .into_any()
    })
}

#[component]
fn Tiles(services: Vec<MyService>, is_admin: bool) -> impl IntoView {
    if services.is_empty() && is_admin {
        return view! {
            <Empty icon="grid" title=m::NO_SERVICES>
                <p>{m::HOME_ADD_SERVICE}</p>
                <a class="button" href="/admin/services"><Icon name="plus"/>{m::SERVICES_ADD}</a>
            </Empty>
        }
        .into_any();
    }
    if services.is_empty() {
        return view! {
            <Empty icon="grid" title=m::NO_SERVICES>
                <p>{m::HOME_NO_ACCESS}</p>
            </Empty>
        }
        .into_any();
    }
    view! { <ul class="tiles">{services.into_iter().map(tile).collect_view()}</ul> }.into_any()
}

fn tile(service: MyService) -> impl IntoView {
    let name = format::title(service.name.as_str());
    let letter: String = name.chars().take(1).collect();
    let content = |host: String| {
        view! {
            <span class="tag" aria-hidden="true">{letter}</span>
            <span><span class="tile-name">{name}</span><span class="tile-host">{host}</span></span>
        }
    };
    match service.url {
        Some(url) => {
            let host = url
                .split("://")
                .last()
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned();
            view! { <li><a class="tile" href=url>{content(host)}<Icon name="external" class="icon-small"/></a></li> }.into_any()
        }
        None => {
            view! { <li><div class="tile">{content(m::NO_ADDRESS.text())}</div></li> }.into_any()
        }
    }
}

#[component]
fn CurrentDevice(device: DeviceView, current_user: CurrentUser) -> impl IntoView {
    let signed_in = current_user
        .sign_in
        .map(|sign_in| view! { <span>{with_element(m::signed_in_at, view! { <RelativeTime at=sign_in.at/> })}</span> });
    let ip = device
        .last_ip
        .clone()
        .map(|ip| view! { <span class="mono">{ip}</span> });
    let (icon, name, expires_at) = (
        icon_of(device.kind),
        device.name.to_string(),
        device.expires_at,
    );
    view! {
        <section class="section section-wide" aria-labelledby="here">
            <div class="section-head section-head-row"><h2 id="here">{m::THIS_DEVICE}</h2></div>
            <div class="section-body">
                <ul class="rows">
                    <li class="row-current">
                        <span class="row-icon"><Icon name=icon/></span>
                        <div>
                            <h3 class="row-title">{name}" "<ThisDevice/><AssuranceBadge device=device/></h3>
                            <p class="row-meta">{signed_in}{ip}<span>{with_element(m::registered_until, view! { <Day at=expires_at/> })}</span></p>
                        </div>
                        <div class="row-actions"><a class="button" href="/devices">{m::ALL_MY_DEVICES}</a></div>
                    </li>
                </ul>
            </div>
        </section>
    }
}
