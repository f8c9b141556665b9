//! `/admin/users/{id}`: one user, with devices, passkeys and grants.

use super::{
    grant::UserGrants,
    roles::role_label,
    user_data::UserData,
    user_devices::{UserDevices, UserPasskeys},
    users::role_options,
};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        audit_link::InAuditLog,
        badge::StatusBadge,
        choice_fields::{Check, CheckOption, ChoiceOption, Choices},
        danger_zone::DangerZone,
        dialog::{ConfirmDialog, FormDialog},
        form_state::FormState,
        icon::Icon,
        notice::Notices,
        permitted::Permitted,
        programs::Programs,
        sessions::Sessions,
        time::{Day, RelativeTime},
        wrong_codes::WrongCodesNotice,
    },
    form, format,
    list::ListUrl,
    messages::{m, with_element},
    pages::{load, param},
    response,
};
use latchkey_domain::{
    access::access_grant::AccessGrantView,
    access::permission::{
        Authorized, DevicesRead, GrantsRead, Permission, ServicesRead, SessionsRead, UsersRead,
    },
    id::UserId,
    identity::device::DeviceView,
    identity::passkey::PasskeyView,
    identity::user::{UserStatus, UserView},
    pagination::{ListQuery, Page},
};
use latchkey_engine::{AccessGrantFilter, ChallengeReasons, Engine, Noun};
use leptos::prelude::*;

/// How a user may sign in.
const FACTORS: &[ChoiceOption] = &[
    ("all", m::USER_FACTORS_ALL, Some(m::USER_FACTORS_ALL_HINT)),
    (
        "passkeys",
        m::USER_FACTORS_PASSKEYS,
        Some(m::USER_FACTORS_PASSKEYS_HINT),
    ),
];

/// The page of a user.
#[component]
pub fn UserPage() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(UsersRead)?;
        let typed = param("id");
        let list = ListUrl::read(format!("/admin/users/{typed}"));
        let id: UserId = form::id(&typed, Noun::User)?;
        let engine = context.engine();
        let user = engine.user(&proof, id).await?;
        let (devices, programs) = match context.authorize(DevicesRead) {
            Ok(proof) => (
                Some(devices(engine, &proof, id).await?),
                engine.token_families_of(&proof, id).await?,
            ),
            Err(_) => (None, Vec::new()),
        };
        let sessions = match context.authorize(SessionsRead) {
            Ok(proof) => Some(engine.sessions_of(&proof, id).await?),
            Err(_) => None,
        };
        let passkeys = engine.passkeys_of(&proof, id).await?;
        let wrong_codes = engine.wrong_codes_of(&proof, &user.email).await?;
        let filter = AccessGrantFilter {
            user: Some(id),
            service: None,
        };
        let by_service = ListQuery {
            sort: "service".to_owned(),
            page: list.query().page,
            ..ListQuery::default()
        };
        let grants = match context.authorize(GrantsRead) {
            Ok(proof) => Some(engine.list_grants(&proof, &filter, &by_service).await?),
            Err(_) => None,
        };
        let services = match context.authorize(ServicesRead) {
            Ok(proof) => super::grant::services(engine, &proof).await?,
            Err(_) => Vec::new(),
        };
        let roles = role_options(&context).await?;
        let own = context.current_user()?.clone();
        Ok(view! {
            <AppLayout title=user.name.to_string() nav_item=NavItem::Users is_subpage=true>
                <div class="page-head">
                    <div>
                        <a class="crumb" href="/admin/users"><Icon name="chevron-left" class="icon-small"/>{m::NAV_USERS}</a>
                        <h1>{user.name.to_string()}</h1>
                        <p class="lead">{user.email.to_string()}</p>
                        <InAuditLog field="user" value=user.id.to_string()/>
                    </div>
                    <Actions user=user.clone() services=grants.as_ref().map_or_else(Vec::new, services_of)/>
                </div>
                <Notices/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=context.shows(Permission::UsersWrite).then_some(id)/>
                <Details user=user.clone() is_own=own.user_id == id roles=roles/>
                {devices.map(|devices| view! { <UserDevices devices=devices.0 reasons=devices.1 passkeys=passkeys.clone() here=own.device_id/> })}
                {sessions.map(|sessions| view! { <Sessions sessions=sessions lead=m::USER_SESSIONS_LEAD here=own.device_id action="/actions/session/end-any" may_end=context.shows(Permission::SessionsRevoke)/> })}
                <UserPasskeys passkeys=passkeys/>
                <Programs programs=programs lead=m::USER_PROGRAMS_LEAD action="/actions/program/revoke-any" may_revoke=context.shows(Permission::DevicesRevoke)/>
                {grants.clone().map(|grants| view! { <UserGrants user=user.clone() grants=grants services=services list=list/> })}
                <UserData user=user.clone()/>
                <Permitted to=Permission::UsersWrite><Delete user=user grants=grants.map_or(0, |grants| grants.total)/></Permitted>
            </AppLayout>
        }
        .into_any())
    })
}

/// The devices of a user, each with the passkeys that were used on it and are stored elsewhere; and why some owe something.
async fn devices(
    engine: &Engine,
    proof: &Authorized<DevicesRead>,
    user: UserId,
) -> latchkey_engine::Result<(Vec<(DeviceView, Vec<PasskeyView>)>, ChallengeReasons)> {
    let devices = engine.devices_of(proof, user).await?;
    let reasons = engine.challenge_reasons(proof, &devices).await?;
    let mut rows = Vec::with_capacity(devices.len());
    for device in devices {
        let used = engine.passkeys_used_on_any(proof, device.id).await?;
        rows.push((device, used));
    }
    Ok((rows, reasons))
}

#[component]
fn Delete(user: UserView, grants: u64) -> impl IntoView {
    view! {
        <DangerZone name=user.name.to_string() effect=m::USER_DELETE action="/actions/user/delete" field=("id", user.id.to_string())>
            <p>{m::USER_DELETE_LEAD}</p>
            <ul>
                <li>{m::count_devices(user.devices)}</li>
                <li>{m::count_passkeys(user.passkeys)}</li>
                <li>{m::count_grants(grants)}</li>
            </ul>
            <p>{m::USER_DELETE_NOTE}</p>
        </DangerZone>
    }
}

/// The services of these grants.
fn services_of(grants: &Page<AccessGrantView>) -> Vec<String> {
    let names = grants.items.iter().map(|grant| grant.service.to_string());
    names.collect()
}

#[component]
fn Actions(user: UserView, services: Vec<String>) -> impl IntoView {
    let (id, name) = (user.id.to_string(), user.name.to_string());
    let invited = id.clone();
    let by_mail = response::request_context().engine().sends_mail().then(|| {
        view! { " "<button class="button" name="by_mail" value="yes"><Icon name="mail"/>{m::USER_MAIL_LINK}</button> }
    });
    if user.status == UserStatus::Disabled {
        return view! {
            <div class="button-row"><Permitted to=Permission::UsersWrite>
                <form method="post" action="/actions/user/enable"><input type="hidden" name="id" value=id/><button class="button button-primary"><Icon name="check"/>{m::ENABLE}</button></form>
            </Permitted></div>
        }
        .into_any();
    }
    // A user who had no device yet needs nobody to vouch for them.
    let invite = match user.status {
        UserStatus::Invited => view! {
            <form method="post" action="/actions/user/invite"><input type="hidden" name="id" value=invited/><button class="button"><Icon name="link"/>{m::USER_NEW_LINK}</button>{by_mail}</form>
        }
        .into_any(),
        UserStatus::Active | UserStatus::Disabled => view! {
            <button type="button" class="button" popovertarget="invite"><Icon name="link"/>{m::USER_NEW_LINK}</button>
            <FormDialog id="invite" title=m::USER_NEW_LINK>
                <p>{m::USER_NEW_LINK_LEAD}</p>
                <form class="form" method="post" action="/actions/user/invite">
                    <input type="hidden" name="id" value=invited/>
                    <Check form=FormState::of("/actions/user/invite") name="vouch" label=m::USER_VOUCH hint=m::USER_VOUCH_HINT/>
                    <div class="button-row">
                        <button class="button button-primary"><Icon name="link"/>{m::USER_MAKE_LINK}</button>{by_mail}
                        <button type="button" class="button" popovertarget="invite" popovertargetaction="hide">{m::CANCEL}</button>
                    </div>
                </form>
            </FormDialog>
        }
        .into_any(),
    };
    let access = (!services.is_empty())
        .then(|| view! { <li>{m::user_ends_access(format::listing(&services, 4))}</li> });
    view! {
        <div class="button-row">
            <Permitted to=Permission::UsersInvite>{invite}</Permitted>
            <Permitted to=Permission::UsersWrite>
            <button type="button" class="button button-danger" popovertarget="disable"><Icon name="ban"/>{m::DISABLE}</button>
            <ConfirmDialog id="disable" title=m::disable_title(name) action="/actions/user/disable" fields=vec![("id", id)] verb=m::DISABLE>
                <p>{m::USER_DISABLE_LEAD}</p>
                <ul><li>{m::list_last(m::count_passkeys(user.passkeys), m::count_devices(user.devices))}</li><li>{m::USER_ENDS_SESSIONS}</li>{access}</ul>
                <p>{m::USER_DISABLE_NOTE}</p>
            </ConfirmDialog>
            </Permitted>
        </div>
    }
    .into_any()
}

/// Revokes an enrolment link that can be used.
#[component]
fn RevokeLink(user: UserView) -> impl IntoView {
    let (id, name) = (user.id.to_string(), user.name.to_string());
    view! {
        <Permitted to=Permission::UsersInvite>
            <button type="button" class="button button-danger" popovertarget="revoke-link"><Icon name="ban" class="icon-small"/>{m::USER_LINK_REVOKE}</button>
            <ConfirmDialog id="revoke-link" title=m::user_link_revoke_title(name) action="/actions/user/revoke-link" fields=vec![("id", id)] verb=m::USER_LINK_REVOKE>
                <p>{m::USER_LINK_REVOKE_LEAD}</p>
            </ConfirmDialog>
        </Permitted>
    }
}

#[component]
fn Details(user: UserView, is_own: bool, roles: Vec<CheckOption>) -> impl IntoView {
    let form = FormState::of("/actions/user/role");
    let is_open = form.has_failed();
    let sign_in = FormState::of("/actions/user/sign-in");
    let sign_in_is_open = sign_in.has_failed();
    let factors = if user.passkey_only { "passkeys" } else { "all" };
    let signs_in = match (user.passkey_only, user.role, user.passkeys) {
        (true, ..) => m::USER_SIGNS_IN_PASSKEYS,
        (false, role, 1..) if role.is_privileged() => m::USER_SIGNS_IN_ADMINISTRATOR,
        (false, _, 1..) => m::USER_SIGNS_IN_BOTH,
        (false, _, 0) => m::USER_SIGNS_IN_CODES,
    };
    let waits = (user.status == UserStatus::Invited).then(|| view! { " "{m::USER_WAITING} });
    let seen = match user.last_seen_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => view! { <span class="quiet">{m::NEVER}</span> }.into_any(),
    };
    let codes = match user.recovery_codes_left {
        0 => view! { <span class="quiet">{m::USER_NO_RECOVERY_CODES}</span> }.into_any(),
        left => m::user_recovery_codes(left).text().into_any(),
    };
    let link = user.enrolment_link_expires_at.map(|at| {
        let until = view! { <time datetime=format::rfc3339(at)>{format::exact(at)}</time> };
        view! { <div><dt>{m::USER_LINK}</dt><dd>{with_element(m::user_link_until, until)}</dd></div> }
    });
    let revoke_link = link
        .is_some()
        .then(|| view! { <RevokeLink user=user.clone()/> });
    view! {
        <section class="section" aria-labelledby="details">
            <div class="section-head"><h2 id="details">{m::DETAILS}</h2></div>
            <div class="section-body">
                <dl class="facts">
                    <div><dt>{m::STATUS}</dt><dd><StatusBadge status=user.status/>{waits}</dd></div>
                    <div><dt>{m::ROLE}</dt><dd>{role_label(user.role).text()}{is_own.then(|| view! { " "{m::USER_IS_YOU} })}</dd></div>
                    <div><dt>{m::SIGNS_IN}</dt><dd>{signs_in}</dd></div>
                    {link}
                    <div><dt>{m::RECOVERY_CODES}</dt><dd>{codes}</dd></div>
                    <div><dt>{m::ADDED}</dt><dd><Day at=user.created_at/></dd></div>
                    <div><dt>{m::LAST_SEEN}</dt><dd>{seen}</dd></div>
                    <div><dt>{m::IDENTIFIER}</dt><dd class="mono">{user.id.to_string()}</dd></div>
                </dl>
                <div class="disclosures">
                    <Permitted to=Permission::RolesWrite><details class="disclosure disclosure-button" open=is_open>
                        <summary><Icon name="pencil" class="icon-small"/>{m::USER_ROLE_CHANGE}</summary>
                        <div class="disclosure-body">
                            <form class="form" method="post" action="/actions/user/role">
                                <input type="hidden" name="id" value=user.id.to_string()/>
                                <Choices form=form name="role" legend=m::ROLE options=roles value=user.role.to_string()/>
                                <p class="small quiet">{m::ROLE_HINT}</p>
                                <div class="button-row"><button class="button button-primary">{m::ROLE_SAVE}</button></div>
                            </form>
                        </div>
                    </details></Permitted>
                    <Permitted to=Permission::UsersWrite><details class="disclosure disclosure-button" open=sign_in_is_open>
                        <summary><Icon name="key" class="icon-small"/>{m::FACTORS_CHANGE}</summary>
                        <div class="disclosure-body">
                            <form class="form" method="post" action="/actions/user/sign-in">
                                <input type="hidden" name="id" value=user.id.to_string()/>
                                <Choices form=sign_in name="factors" legend=m::FACTORS_LEGEND options=FACTORS value=factors/>
                                <div class="button-row"><button class="button button-primary">{m::FACTORS_SAVE}</button></div>
                            </form>
                        </div>
                    </details></Permitted>
                    {revoke_link}
                </div>
            </div>
        </section>
    }
}
