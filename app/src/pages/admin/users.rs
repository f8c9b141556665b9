//! `/admin/users`: everybody, and the way to add one more.

use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        badge::{StatusBadge, StrongestBadge},
        choice::{Answer, Choices},
        empty::{Empty, NothingFound},
        field::{Field, FormState},
        icon::Icon,
        moment::Moment,
        notice::Notices,
        table::{Pager, SortHead, Toolbar},
    },
    format,
    list::ListUrl,
    pages::{load, query},
    response,
};
use latchkey_domain::identity::user::{Role, User};
use leptos::prelude::*;

const FILTERS: &[(&str, &str)] = &[
    ("", "All users"),
    ("active", "Active"),
    ("invited", "Invited"),
    ("disabled", "Disabled"),
    ("admin", "Administrators"),
];

/// What somebody may do in Latchkey itself.
pub(super) const ROLES: &[Answer] = &[
    ("user", "Member", "Can use the services granted to them."),
    (
        "admin",
        "Administrator",
        "Can use every service that admits administrators, and manages Latchkey.",
    ),
];

/// The word for a role.
pub(super) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::User => "Member",
        Role::Admin => "Administrator",
    }
}

/// Everybody.
#[component]
pub fn Users() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let list = ListUrl::read("/admin/users");
        let is_adding = query("add").is_some();
        let users = context
            .engine()
            .list_users(&administrator, list.query())
            .await?;
        let lead = if list.is_narrowed() {
            format!("{} found.", format::count(users.total, "user"))
        } else {
            format!("{}.", format::count(users.total, "user"))
        };
        let is_only_user = !list.is_narrowed() && users.total <= 1;
        let (page, total) = (users.page, users.total);
        let table = if users.total == 0 && list.is_narrowed() {
            view! { <NothingFound search=list.query().search.clone() everything=list.everything()/> }.into_any()
        } else {
            view! { <Table users=users.items list=list.clone()/> }.into_any()
        };
        Ok(view! {
            <AppLayout title="Users" place=NavItem::Users>
                <div class="page-head"><div><h1>"Users"</h1><div class="stack"><p class="lead">{lead}</p><AddUser is_open=is_adding/></div></div></div>
                <Notices/>
                <Toolbar list=list.clone() filter_label="Status or role" filters=FILTERS/>
                {table}
                {is_only_user.then(|| view! { <NoOtherUsers/> })}
                <Pager list=list page=page total=total/>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn AddUser(is_open: bool) -> impl IntoView {
    let form = FormState::of("/api/user/add");
    let has_failed = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>"Add a user"</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/api/user/add">
                    <p class="quiet">"Creates an enrolment link to give to the user. It works once and expires after 24 hours."</p>
                    <Field form=form.clone() name="email" label="E-mail" kind="email" maxlength=254 autofocus=is_open && !has_failed/>
                    <Field form=form.clone() name="name" label="Name" hint="If left empty, it is taken from the e-mail address." maxlength=64 optional=true/>
                    <Choices form=form name="role" legend="Role" answers=ROLES value="user"/>
                    <div class="button-row"><button class="button button-primary">"Add user and create link"</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn NoOtherUsers() -> impl IntoView {
    view! {
        <Empty icon="users" title="No other users yet" is_whole_page=true>
            <p>"Add the users who need access. Each gets an enrolment link that works once. Or use the command line:"</p>
            <pre tabindex="0" role="region" aria-label="Command"><code>"latchkey user add EMAIL"</code></pre>
            <a class="button" href="/admin/users?add=1#add"><Icon name="plus"/>"Add a user"</a>
        </Empty>
    }
}

#[component]
fn Table(users: Vec<User>, list: ListUrl) -> impl IntoView {
    let rows = users
        .into_iter()
        .map(|user| view! { <Row user=user/> })
        .collect_view();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Users"</caption>
            <thead>
                <tr>
                    <SortHead list=list.clone() column="name" label="Name"/>
                    <SortHead list=list.clone() column="email" label="E-mail" is_default=true/>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col" class="num">"Devices"</th>
                    <th scope="col">"Strongest factor"</th>
                    <SortHead list=list column="last_seen" label="Last seen" newest_first=true/>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(user: User) -> impl IntoView {
    let seen = match user.last_seen_at {
        Some(at) => view! { <Moment at=at/> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a class="cell-link" href=format!("/admin/users/{}", user.id)><span class="cell-title">{user.name.to_string()}</span></a></th>
            <td class="cell-block">{user.email.to_string()}</td>
            <td data-label="Role">{role_word(user.role)}</td>
            <td data-label="Status"><StatusBadge status=user.status/></td>
            <td class="num" data-label="Devices">{user.devices}</td>
            <td data-label="Strongest factor"><StrongestBadge devices=user.devices passkeys=user.passkeys/></td>
            <td data-label="Last seen">{seen}</td>
        </tr>
    }
}
