//! `/admin/users`: all users, and the form that adds one.

use super::roles::{role_hint, role_label};
use crate::{
    components::{
        app_layout::NavItem,
        badge::{StatusBadge, StrongestBadge},
        choice_fields::{Check, CheckOption, Choices},
        empty::Empty,
        form_state::FormState,
        icon::Icon,
        list_page::ListPage,
        permitted::Permitted,
        table::{Column, DataTable},
        text_fields::Field,
        time::RelativeTime,
        toolbar::Filters,
    },
    list::ListUrl,
    messages::{Key, m},
    pages::{load, query},
    request_context::RequestContext,
    response,
};
use latchkey_domain::access::permission::{Permission, RolesRead, UsersRead};
use latchkey_domain::identity::user::{Role, UserView};
use leptos::prelude::*;

const FILTERS: &[(&str, Key)] = &[
    ("", m::USERS_ALL),
    ("active", m::ACTIVE),
    ("invited", m::INVITED),
    ("disabled", m::DISABLED),
    ("open_link", m::USERS_OPEN_LINK),
    ("admin", m::ADMINISTRATORS),
    ("auditor", m::AUDITORS),
    ("helper", m::HELPERS),
    ("member", m::MEMBERS),
];

const COLUMNS: &[Column] = &[
    Column::header(m::NAME).ascending("name"),
    Column::new(m::EMAIL)
        .ascending("email")
        .by_default()
        .class("cell-block")
        .unlabelled(),
    Column::new(m::ROLE),
    Column::new(m::STATUS),
    Column::number(m::NAV_DEVICES),
    Column::new(m::STRONGEST_FACTOR),
    Column::new(m::LAST_SEEN).descending("last_seen"),
];

/// The roles that the current user may give, and what each is for; the one with the least permissions first.
///
/// # Errors
/// Internal only.
pub(super) async fn role_options(
    context: &RequestContext,
) -> latchkey_engine::Result<Vec<CheckOption>> {
    let member = |role: Role| {
        let hint = role_hint(role).map(|hint| hint.text());
        (role.to_string(), role_label(role).text(), hint)
    };
    if !context.shows(Permission::RolesWrite) {
        return Ok(vec![member(Role::Member)]);
    }
    let own = context.current_user()?.permissions;
    let roles = context
        .engine()
        .list_roles(&context.authorize(RolesRead)?)
        .await?;
    let mut roles: Vec<_> = (roles.into_iter())
        .filter(|role| own.covers(role.permission_set()))
        .collect();
    roles.sort_by_key(|role| role.permissions.len());
    Ok(roles.into_iter().map(|role| member(role.name)).collect())
}

/// All users.
#[component]
pub fn Users() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(UsersRead)?;
        let list = ListUrl::read("/admin/users");
        let is_adding = query("add").is_some();
        let users = context.engine().list_users(&proof, list.query()).await?;
        let roles = match context.shows(Permission::UsersInvite) {
            true => role_options(&context).await?,
            false => Vec::new(),
        };
        let (page, total) = (users.page, users.total);
        let lead = match list.is_narrowed() {
            true => m::users_found(total),
            false => m::users_count(total),
        };
        let is_only_user = total == 1 && !list.is_narrowed();
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NAV_USERS
                nav_item=NavItem::Users
                lead=lead.text().into_any()
                action=view! { <Permitted to=Permission::UsersInvite><AddUser is_open=is_adding roles=roles/></Permitted> }.into_any()
                list=list
                page=page
                total=total
                filters=Filters::new(m::USERS_FILTER, FILTERS)
                empty=view! { <NoOtherUsers/> }.into_any()
            >
                <DataTable caption=m::NAV_USERS list=table_list columns=COLUMNS items=users.items row=row/>
                {is_only_user.then(|| view! { <NoOtherUsers/> })}
            </ListPage>
        }
        .into_any())
    })
}

fn row(user: UserView) -> Vec<AnyView> {
    let href = format!("/admin/users/{}", user.id);
    let last_seen = match user.last_seen_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => view! { <span class="quiet">{m::NEVER}</span> }.into_any(),
    };
    vec![
        view! { <a class="cell-link" href=href><span class="cell-title">{user.name.to_string()}</span></a> }.into_any(),
        user.email.to_string().into_any(),
        role_label(user.role).text().into_any(),
        view! { <StatusBadge status=user.status/> }.into_any(),
        user.devices.into_any(),
        view! { <StrongestBadge devices=user.devices passkeys=user.passkeys/> }.into_any(),
        last_seen,
    ]
}

#[component]
fn AddUser(is_open: bool, roles: Vec<CheckOption>) -> impl IntoView {
    let form = FormState::of("/actions/user/add");
    let has_failed = form.has_failed();
    let by_mail = response::request_context().engine().sends_mail();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>{m::USERS_ADD}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/actions/user/add">
                    <p class="quiet">{m::USERS_ADD_LEAD}</p>
                    <Field form=form.clone() name="email" label=m::EMAIL kind="email" maxlength=254 autofocus=is_open && !has_failed/>
                    <Field form=form.clone() name="name" label=m::NAME hint=m::USERS_ADD_NAME_HINT maxlength=64 optional=true/>
                    <Choices form=form.clone() name="role" legend=m::ROLE options=roles value="member"/>
                    {by_mail.then(|| view! { <Check form=form name="by_mail" label=m::DELIVERY_MAIL hint=m::DELIVERY_MAIL_HINT checked=true/> })}
                    <div class="button-row"><button class="button button-primary">{m::USERS_ADD_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn NoOtherUsers() -> impl IntoView {
    view! {
        <Empty icon="users" title=m::USERS_NONE is_whole_page=true>
            <p>{m::USERS_NONE_LEAD}</p>
            <pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey user add EMAIL"</code></pre>
            <Permitted to=Permission::UsersInvite><a class="button" href="/admin/users?add=1#add"><Icon name="plus"/>{m::USERS_ADD}</a></Permitted>
        </Empty>
    }
}
