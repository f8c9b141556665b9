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
    ("", "Everyone"),
    ("active", "Active"),
    ("invited", "Invited"),
    ("disabled", "Disabled"),
    ("admin", "Administrators"),
];

/// What somebody may do in Latchkey itself.
pub(super) const ROLES: &[Answer] = &[
    ("user", "Member", "Opens what has been granted."),
    (
        "admin",
        "Administrator",
        "Opens every service that lets administrators in, and can change everything here.",
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
        let people = context
            .engine()
            .list_users(&administrator, list.query())
            .await?;
        let lead = if list.is_narrowed() {
            format!("{} found.", format::people(people.total))
        } else {
            format!("{}.", format::people(people.total))
        };
        let is_alone = !list.is_narrowed() && people.total <= 1;
        let (page, total) = (people.page, people.total);
        let table = if people.total == 0 && list.is_narrowed() {
            view! { <NothingFound search=list.query().search.clone() everything=list.everything()/> }.into_any()
        } else {
            view! { <Table people=people.items list=list.clone()/> }.into_any()
        };
        Ok(view! {
            <AppLayout title="People" place=NavItem::People>
                <div class="page-head"><div><h1>"People"</h1><div class="stack"><p class="lead">{lead}</p><AddPerson is_open=is_adding/></div></div></div>
                <Notices/>
                <Toolbar list=list.clone() filter_label="State or role" filters=FILTERS/>
                {table}
                {is_alone.then(|| view! { <NobodyElse/> })}
                <Pager list=list page=page total=total/>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn AddPerson(is_open: bool) -> impl IntoView {
    let form = FormState::of("/actions/user/add");
    let has_failed = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>"Add a person"</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/actions/user/add">
                    <p class="quiet">"You get a link to hand over. It works once, for 24 hours."</p>
                    <Field form=form.clone() name="email" label="E-mail" kind="email" maxlength=254 autofocus=is_open && !has_failed/>
                    <Field form=form.clone() name="name" label="Name" hint="What to call them. Without one it is taken from the address." maxlength=64 optional=true/>
                    <Choices form=form name="role" legend="Role" answers=ROLES value="user"/>
                    <div class="button-row"><button class="button button-primary">"Add and make link"</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn NobodyElse() -> impl IntoView {
    view! {
        <Empty icon="users" title="Nobody else yet" is_whole_page=true>
            <p>"Add the people who may come in. Each gets a link that works once. Or on the command line:"</p>
            <pre tabindex="0" role="region" aria-label="Command"><code>"latchkey user add EMAIL"</code></pre>
            <a class="button" href="/admin/users?add=1#add"><Icon name="plus"/>"Add a person"</a>
        </Empty>
    }
}

#[component]
fn Table(people: Vec<User>, list: ListUrl) -> impl IntoView {
    let rows = people
        .into_iter()
        .map(|person| view! { <Row person=person/> })
        .collect_view();
    view! {
        <table class="table">
            <caption class="visually-hidden">"People"</caption>
            <thead>
                <tr>
                    <SortHead list=list.clone() column="name" label="Name"/>
                    <SortHead list=list.clone() column="email" label="E-mail" is_default=true/>
                    <th scope="col">"Role"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Devices"</th>
                    <th scope="col">"Strongest"</th>
                    <SortHead list=list column="last_seen" label="Last seen" newest_first=true/>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(person: User) -> impl IntoView {
    let seen = match person.last_seen_at {
        Some(at) => view! { <Moment at=at/> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a class="cell-link" href=format!("/admin/users/{}", person.id)><span class="cell-title">{person.name.to_string()}</span></a></th>
            <td class="cell-block">{person.email.to_string()}</td>
            <td data-label="Role">{role_word(person.role)}</td>
            <td data-label="State"><StatusBadge status=person.status/></td>
            <td class="num" data-label="Devices">{person.devices}</td>
            <td data-label="Strongest"><StrongestBadge devices=person.devices passkeys=person.passkeys/></td>
            <td data-label="Last seen">{seen}</td>
        </tr>
    }
}
