//! `/admin/users`: all users, and the form that adds one.

use crate::{
    components::{
        app_layout::NavItem,
        badge::{StatusBadge, StrongestBadge},
        choice::{ChoiceOption, Choices},
        empty::Empty,
        field::{Field, FormState},
        icon::Icon,
        list_page::ListPage,
        table::{Column, DataTable},
        time::RelativeTime,
        toolbar::Filters,
    },
    list::ListUrl,
    pages::{load, query},
    response,
};
use latchkey_domain::identity::user::{Role, User};
use leptos::prelude::*;

const FILTERS: Filters = Filters {
    label: "Status or role",
    options: &[
        ("", "All users"),
        ("active", "Active"),
        ("invited", "Invited"),
        ("disabled", "Disabled"),
        ("admin", "Administrators"),
    ],
};

const COLUMNS: &[Column] = &[
    Column::header("Name").ascending("name"),
    Column::new("E-mail")
        .ascending("email")
        .by_default()
        .class("cell-block")
        .unlabelled(),
    Column::new("Role"),
    Column::new("Status"),
    Column::number("Devices"),
    Column::new("Strongest factor"),
    Column::new("Last seen").descending("last_seen"),
];

/// The roles, and what each allows.
pub(super) const ROLES: &[ChoiceOption] = &[
    ("user", "Member", "Can use the services granted to them."),
    (
        "admin",
        "Administrator",
        "Can use every service that admits administrators, and manages Latchkey.",
    ),
];

/// The label of a role.
pub(super) const fn role_label(role: Role) -> &'static str {
    match role {
        Role::User => "Member",
        Role::Admin => "Administrator",
    }
}

/// All users.
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
        let (page, total) = (users.page, users.total);
        let is_only_user = total == 1 && !list.is_narrowed();
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title="Users"
                nav_item=NavItem::Users
                lead=list.lead(total, "user")
                action=view! { <AddUser is_open=is_adding/> }.into_any()
                list=list
                page=page
                total=total
                filters=FILTERS
                empty=view! { <NoOtherUsers/> }.into_any()
            >
                <DataTable caption="Users" list=table_list columns=COLUMNS items=users.items row=row/>
                {is_only_user.then(|| view! { <NoOtherUsers/> })}
            </ListPage>
        }
        .into_any())
    })
}

fn row(user: User) -> Vec<AnyView> {
    let href = format!("/admin/users/{}", user.id);
    let last_seen = match user.last_seen_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    };
    vec![
        view! { <a class="cell-link" href=href><span class="cell-title">{user.name.to_string()}</span></a> }.into_any(),
        user.email.to_string().into_any(),
        role_label(user.role).into_any(),
        view! { <StatusBadge status=user.status/> }.into_any(),
        user.devices.into_any(),
        view! { <StrongestBadge devices=user.devices passkeys=user.passkeys/> }.into_any(),
        last_seen,
    ]
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
                    <Choices form=form name="role" legend="Role" options=ROLES value="user"/>
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
