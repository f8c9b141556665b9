//! `/admin/roles`: what each role permits, and the forms that define roles.

use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        choice_fields::{CheckOption, Checks},
        dialog::ConfirmDialog,
        form_state::FormState,
        icon::Icon,
        notice::Notices,
        permitted::Permitted,
        text_fields::Field,
    },
    messages::{Key, Message, m},
    pages::{load, query},
    response,
};
use latchkey_domain::{
    access::permission::{Permission, PermissionSet, RolesRead},
    identity::{custom_role::RoleView, user::Role},
};
use leptos::prelude::*;

const ADD: &str = "/actions/role/add";
const CHANGE: &str = "/actions/role/change";

/// The name of a role for whoever reads it.
pub(super) fn role_label(role: Role) -> Message {
    match role {
        Role::Admin => m::ADMINISTRATOR.into(),
        Role::Auditor => m::AUDITOR.into(),
        Role::Helper => m::HELPER.into(),
        Role::Member => m::MEMBER.into(),
        Role::Custom(name) => m::role_custom(name.as_str()),
    }
}

/// What a role is for; `None` for one that an administrator defined.
pub(super) const fn role_hint(role: Role) -> Option<Key> {
    match role {
        Role::Admin => Some(m::ADMINISTRATOR_HINT),
        Role::Auditor => Some(m::AUDITOR_HINT),
        Role::Helper => Some(m::HELPER_HINT),
        Role::Member => Some(m::MEMBER_HINT),
        Role::Custom(_) => None,
    }
}

/// What a permission allows.
const fn permission_label(permission: Permission) -> Key {
    match permission {
        Permission::OverviewRead => m::PERMISSION_OVERVIEW_READ,
        Permission::UsersRead => m::PERMISSION_USERS_READ,
        Permission::UsersInvite => m::PERMISSION_USERS_INVITE,
        Permission::UsersWrite => m::PERMISSION_USERS_WRITE,
        Permission::UsersExport => m::PERMISSION_USERS_EXPORT,
        Permission::RolesRead => m::PERMISSION_ROLES_READ,
        Permission::RolesWrite => m::PERMISSION_ROLES_WRITE,
        Permission::DevicesRead => m::PERMISSION_DEVICES_READ,
        Permission::DevicesRevoke => m::PERMISSION_DEVICES_REVOKE,
        Permission::SessionsRead => m::PERMISSION_SESSIONS_READ,
        Permission::SessionsRevoke => m::PERMISSION_SESSIONS_REVOKE,
        Permission::ServicesRead => m::PERMISSION_SERVICES_READ,
        Permission::ServicesWrite => m::PERMISSION_SERVICES_WRITE,
        Permission::GrantsRead => m::PERMISSION_GRANTS_READ,
        Permission::GrantsWrite => m::PERMISSION_GRANTS_WRITE,
        Permission::ClientsRead => m::PERMISSION_CLIENTS_READ,
        Permission::ClientsWrite => m::PERMISSION_CLIENTS_WRITE,
        Permission::AuditRead => m::PERMISSION_AUDIT_READ,
        Permission::RiskRead => m::PERMISSION_RISK_READ,
        Permission::RiskWrite => m::PERMISSION_RISK_WRITE,
        Permission::KeysRead => m::PERMISSION_KEYS_READ,
        Permission::KeysWrite => m::PERMISSION_KEYS_WRITE,
    }
}

/// All roles.
#[component]
pub fn Roles() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(RolesRead)?;
        let own = context.current_user()?.permissions;
        let is_adding = query("add").is_some();
        let roles = context.engine().list_roles(&proof).await?;
        let lead = m::roles_count(roles.len());
        let rows = roles
            .into_iter()
            .map(|role| view! { <RoleRow role=role own=own/> })
            .collect_view();
        Ok(view! {
            <AppLayout title=m::NAV_ROLES nav_item=NavItem::Roles>
                <div class="page-head">
                    <div><h1>{m::NAV_ROLES}</h1><p class="lead">{lead}</p></div>
                    <Permitted to=Permission::RolesWrite><AddRole is_open=is_adding own=own/></Permitted>
                </div>
                <Notices/>
                <section class="section section-wide" aria-labelledby="roles">
                    <div class="section-head"><h2 id="roles" class="visually-hidden">{m::NAV_ROLES}</h2></div>
                    <div class="section-body"><ul class="rows">{rows}</ul></div>
                </section>
                <section class="section section-wide" aria-labelledby="permissions">
                    <div class="section-head"><h2 id="permissions">{m::PERMISSIONS}</h2><p>{m::PERMISSIONS_LEAD}</p></div>
                    <div class="section-body"><Permissions/></div>
                </section>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn RoleRow(role: RoleView, own: PermissionSet) -> impl IntoView {
    let name = role.name;
    let listed = role.permissions.iter().map(|permission| {
        view! { <li><code>{permission.as_str()}</code></li> }
    });
    let permissions = match (role.permission_set(), role.permissions.is_empty()) {
        (_, true) => view! { <p class="quiet">{m::ROLE_PERMITS_NOTHING}</p> }.into_any(),
        (all, _) if all == PermissionSet::all() => {
            view! { <p>{m::ROLE_PERMITS_ALL}</p> }.into_any()
        }
        _ => view! { <ul class="chips">{listed.collect_view()}</ul> }.into_any(),
    };
    let hint = match role_hint(name) {
        Some(hint) => hint.text(),
        None => m::ROLE_CUSTOM_HINT.text(),
    };
    // Nobody changes what permits more than they have.
    let can_change = !role.is_built_in && own.covers(role.permission_set());
    let users = format!("/admin/users?filter={name}");
    view! {
        <li>
            <span class="row-icon"><Icon name=if role.is_built_in { "shield" } else { "pencil" }/></span>
            <div>
                <h3 class="row-title">{role_label(name).text()}" "{role.is_built_in.then(|| view! { <code class="quiet">{name.to_string()}</code> })}</h3>
                <p class="row-meta"><span>{hint}</span><a href=users>{m::count_users(role.users)}</a></p>
                {permissions}
                {can_change.then(|| view! { <Permitted to=Permission::RolesWrite><Change role=role own=own/></Permitted> })}
            </div>
        </li>
    }
}

/// What the user may give, with what is chosen already.
fn options(own: PermissionSet) -> Vec<CheckOption> {
    own.iter()
        .map(|permission| {
            let name = permission.as_str().to_owned();
            (
                name.clone(),
                name,
                Some(permission_label(permission).text()),
            )
        })
        .collect()
}

#[component]
fn AddRole(is_open: bool, own: PermissionSet) -> impl IntoView {
    let form = FormState::of(ADD);
    let has_failed = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>{m::ROLES_ADD}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=ADD>
                    <Field form=form.clone() name="name" label=m::NAME hint=m::ROLE_NAME_HINT class="input-mono" maxlength=15 autofocus=is_open && !has_failed/>
                    <Checks form=form name="permissions" legend=m::PERMISSIONS hint=m::ROLE_PERMISSIONS_HINT options=options(own)/>
                    <div class="button-row"><button class="button button-primary">{m::ROLES_ADD_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn Change(role: RoleView, own: PermissionSet) -> impl IntoView {
    let name = role.name.to_string();
    let form = FormState::of(CHANGE).about("name", &name);
    let is_open = form.has_failed();
    let chosen = role.permission_set().to_string();
    let dialog = format!("delete-{name}");
    let delete = match role.users {
        0 => view! {
            <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone()><Icon name="trash"/>{m::delete_name(name.as_str())}</button>
            <ConfirmDialog id=dialog title=m::delete_title(name.as_str()) action="/actions/role/delete" fields=vec![("name", name.clone())] verb=m::ROLE_DELETE>
                <p>{m::ROLE_DELETE_LEAD}</p>
            </ConfirmDialog>
        }
        .into_any(),
        _ => view! { <p class="small quiet">{m::ROLE_DELETE_USED}</p> }.into_any(),
    };
    view! {
        <details class="disclosure disclosure-button" open=is_open>
            <summary><Icon name="pencil" class="icon-small"/>{m::role_change(name.as_str())}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=CHANGE>
                    <input type="hidden" name="name" value=name/>
                    <Checks form=form name="permissions" legend=m::PERMISSIONS hint=m::ROLE_PERMISSIONS_HINT options=options(own) value=chosen/>
                    <p class="small quiet">{m::ROLE_CHANGE_HINT}</p>
                    <div class="button-row"><button class="button button-primary">{m::ROLE_CHANGE_SAVE}</button></div>
                </form>
                {delete}
            </div>
        </details>
    }
}

#[component]
fn Permissions() -> impl IntoView {
    let rows = PermissionSet::all().iter().map(|permission| {
        view! { <div><dt><code>{permission.as_str()}</code></dt><dd>{permission_label(permission)}</dd></div> }
    });
    view! { <dl class="facts">{rows.collect_view()}</dl> }
}
