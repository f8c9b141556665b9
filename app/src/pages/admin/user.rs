//! `/admin/users/{id}`: one user, with devices, passkeys and grants.

use super::{
    grant::UserGrants,
    user_devices::{UserDevices, UserPasskeys},
    users::{ROLES, role_label},
};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        badge::StatusBadge,
        choice_fields::{ChoiceOption, Choices},
        danger_zone::DangerZone,
        dialog::ConfirmDialog,
        form_state::FormState,
        icon::Icon,
        notice::Notices,
        time::{Day, RelativeTime},
        wrong_codes::WrongCodesNotice,
    },
    form, format,
    list::ListUrl,
    messages::m,
    pages::{load, param},
    response,
};
use latchkey_domain::{
    access::access_grant::AccessGrantView,
    id::UserId,
    identity::user::{Role, UserStatus, UserView},
    pagination::{ListQuery, Page},
};
use latchkey_engine::{AccessGrantFilter, Noun};
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
        let administrator = context.administrator()?;
        let typed = param("id");
        let list = ListUrl::read(format!("/admin/users/{typed}"));
        let id: UserId = form::id(&typed, Noun::User)?;
        let engine = context.engine();
        let user = engine.user(&administrator, id).await?;
        let devices = engine.devices_of(&administrator, id).await?;
        let passkeys = engine.passkeys_of(&administrator, id).await?;
        let wrong_codes = engine.wrong_codes_of(&administrator, &user.email).await?;
        let mut rows = Vec::with_capacity(devices.len());
        for device in devices {
            let used = engine
                .passkeys_used_on_any(&administrator, device.id)
                .await?;
            rows.push((device, used));
        }
        let filter = AccessGrantFilter {
            user: Some(id),
            service: None,
        };
        let by_service = ListQuery {
            sort: "service".to_owned(),
            page: list.query().page,
            ..ListQuery::default()
        };
        let grants = engine
            .list_grants(&administrator, &filter, &by_service)
            .await?;
        let services = super::grant::services(engine, &administrator).await?;
        let own = context.current_user()?.clone();
        Ok(view! {
            <AppLayout title=user.name.to_string() nav_item=NavItem::Users is_subpage=true>
                <div class="page-head">
                    <div>
                        <a class="crumb" href="/admin/users"><Icon name="chevron-left" class="icon-small"/>{m::NAV_USERS}</a>
                        <h1>{user.name.to_string()}</h1>
                        <p class="lead">{user.email.to_string()}</p>
                    </div>
                    <Actions user=user.clone() grants=grants.clone()/>
                </div>
                <Notices/>
                <WrongCodesNotice wrong_codes=wrong_codes lift_for=Some(id)/>
                <Details user=user.clone() is_own=own.user_id == id/>
                <UserDevices devices=rows passkeys=passkeys.clone() here=own.device_id/>
                <UserPasskeys passkeys=passkeys/>
                <UserGrants user=user.clone() grants=grants.clone() services=services list=list/>
                <DangerZone
                    name=user.name.to_string()
                    effect=m::USER_DELETE
                    action="/actions/user/delete"
                    field=("id", user.id.to_string())
                >
                    <p>{m::USER_DELETE_LEAD}</p>
                    <ul>
                        <li>{m::count_devices(user.devices)}</li>
                        <li>{m::count_passkeys(user.passkeys)}</li>
                        <li>{m::count_grants(grants.total)}</li>
                    </ul>
                    <p>{m::USER_DELETE_NOTE}</p>
                </DangerZone>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Actions(user: UserView, grants: Page<AccessGrantView>) -> impl IntoView {
    let (id, name) = (user.id.to_string(), user.name.to_string());
    if user.status == UserStatus::Disabled {
        return view! {
            <div class="button-row">
                <form method="post" action="/actions/user/enable"><input type="hidden" name="id" value=id/><button class="button button-primary"><Icon name="check"/>{m::ENABLE}</button></form>
            </div>
        }
        .into_any();
    }
    let services: Vec<_> = grants
        .items
        .iter()
        .map(|grant| grant.service.to_string())
        .collect();
    let access = (!services.is_empty())
        .then(|| view! { <li>{m::user_ends_access(format::listing(&services, 4))}</li> });
    view! {
        <div class="button-row">
            <form method="post" action="/actions/user/invite"><input type="hidden" name="id" value=id.clone()/><button class="button"><Icon name="link"/>{m::USER_NEW_LINK}</button></form>
            <button type="button" class="button button-danger" popovertarget="disable"><Icon name="ban"/>{m::DISABLE}</button>
            <ConfirmDialog id="disable" title=m::disable_title(name) action="/actions/user/disable" fields=vec![("id", id)] verb=m::DISABLE>
                <p>{m::USER_DISABLE_LEAD}</p>
                <ul><li>{m::list_last(m::count_passkeys(user.passkeys), m::count_devices(user.devices))}</li><li>{m::USER_ENDS_SESSIONS}</li>{access}</ul>
                <p>{m::USER_DISABLE_NOTE}</p>
            </ConfirmDialog>
        </div>
    }
    .into_any()
}

#[component]
fn Details(user: UserView, is_own: bool) -> impl IntoView {
    let form = FormState::of("/actions/user/role");
    let is_open = form.has_failed();
    let sign_in = FormState::of("/actions/user/sign-in");
    let sign_in_is_open = sign_in.has_failed();
    let factors = if user.passkey_only { "passkeys" } else { "all" };
    let signs_in = match (user.passkey_only, user.role, user.passkeys) {
        (true, ..) => m::USER_SIGNS_IN_PASSKEYS,
        (false, Role::Admin, 1..) => m::USER_SIGNS_IN_ADMINISTRATOR,
        (false, _, 1..) => m::USER_SIGNS_IN_BOTH,
        (false, _, 0) => m::USER_SIGNS_IN_CODES,
    };
    let waits = (user.status == UserStatus::Invited).then(|| view! { " "{m::USER_WAITING} });
    let seen = match user.last_seen_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => view! { <span class="quiet">{m::NEVER}</span> }.into_any(),
    };
    view! {
        <section class="section" aria-labelledby="details">
            <div class="section-head"><h2 id="details">{m::DETAILS}</h2></div>
            <div class="section-body">
                <dl class="facts">
                    <div><dt>{m::STATUS}</dt><dd><StatusBadge status=user.status/>{waits}</dd></div>
                    <div><dt>{m::ROLE}</dt><dd>{role_label(user.role)}{is_own.then(|| view! { " "{m::USER_IS_YOU} })}</dd></div>
                    <div><dt>{m::SIGNS_IN}</dt><dd>{signs_in}</dd></div>
                    <div><dt>{m::ADDED}</dt><dd><Day at=user.created_at/></dd></div>
                    <div><dt>{m::LAST_SEEN}</dt><dd>{seen}</dd></div>
                    <div><dt>{m::IDENTIFIER}</dt><dd class="mono">{user.id.to_string()}</dd></div>
                </dl>
                <div class="disclosures">
                    <details class="disclosure disclosure-button" open=is_open>
                        <summary><Icon name="pencil" class="icon-small"/>{m::ROLE_CHANGE}</summary>
                        <div class="disclosure-body">
                            <form class="form" method="post" action="/actions/user/role">
                                <input type="hidden" name="id" value=user.id.to_string()/>
                                <Choices form=form name="role" legend=m::ROLE options=ROLES value=user.role.as_str()/>
                                <p class="small quiet">{m::ROLE_HINT}</p>
                                <div class="button-row"><button class="button button-primary">{m::ROLE_SAVE}</button></div>
                            </form>
                        </div>
                    </details>
                    <details class="disclosure disclosure-button" open=sign_in_is_open>
                        <summary><Icon name="key" class="icon-small"/>{m::FACTORS_CHANGE}</summary>
                        <div class="disclosure-body">
                            <form class="form" method="post" action="/actions/user/sign-in">
                                <input type="hidden" name="id" value=user.id.to_string()/>
                                <Choices form=sign_in name="factors" legend=m::FACTORS_LEGEND options=FACTORS value=factors/>
                                <div class="button-row"><button class="button button-primary">{m::FACTORS_SAVE}</button></div>
                            </form>
                        </div>
                    </details>
                </div>
            </div>
        </section>
    }
}
