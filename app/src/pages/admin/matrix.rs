//! The grants of a service as a matrix: users as rows, scopes as columns.

use super::grant::{ADD, Expiry, GrantFields, RemoveDialog, remove_dialog};
use crate::{
    components::{
        field::{Field, FormState},
        icon::Icon,
        pager::Pager,
        time::Day,
        toolbar::Toolbar,
    },
    list::ListUrl,
    response,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView, Scope},
    pagination::Page,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The grants of a service, and the form that adds one.
#[component]
pub fn Matrix(
    /// The service's name.
    service: String,
    /// Its grants, one page of them.
    grants: Page<AccessGrantView>,
    /// E-mail addresses and names to suggest.
    users: Vec<(String, String)>,
    /// The address of this page.
    list: ListUrl,
) -> impl IntoView {
    let (page, total) = (grants.page, grants.total);
    let is_long = grants.pages() > 1 || list.is_narrowed();
    let body = if !grants.items.is_empty() {
        view! { <Table service=service.clone() grants=grants.items/> }.into_any()
    } else if list.is_narrowed() {
        view! { <p class="quiet">"No grant matches. "<a href=list.everything().to_owned()>"Show all"</a></p> }.into_any()
    } else {
        view! { <p class="quiet">"No grants yet. Add one below, or on the command line: "<code>{format!("latchkey grant add EMAIL {service}")}</code></p> }.into_any()
    };
    view! {
        <section class="section section-wide" aria-labelledby="grants">
            <div class="section-head"><h2 id="grants">"Grants"</h2><p>"Who has access, and what the service learns about them. Without scopes it receives only a pseudonym."</p></div>
            <div class="section-body">
                {is_long.then(|| view! { <Toolbar list=list.clone()/> })}
                {body}
                <Pager list=list page=page total=total/>
                <Add service=service users=users/>
            </div>
        </section>
    }
}

#[component]
fn Table(service: String, grants: Vec<AccessGrantView>) -> impl IntoView {
    let now = response::request_context().engine().now();
    let heads = Scope::ALL.map(|scope| view! { <th scope="col" class="matrix-scope"><code>{scope.as_str()}</code></th> }).collect_view();
    let rows = grants
        .iter()
        .map(|grant| view! { <Row grant=grant.clone() now=now/> })
        .collect_view();
    let can_change = grants.iter().any(|grant| is_changeable(grant, now));
    let save = can_change.then(|| view! { <div class="button-row"><button class="button button-primary">"Save scopes"</button><span class="quiet">"Takes effect within a second."</span></div> });
    let caption = format!("Users and the scopes {service} may read");
    // Forms cannot be nested: the dialogs come after the form.
    let dialogs = grants
        .into_iter()
        .map(|grant| view! { <RemoveDialog grant=grant/> })
        .collect_view();
    view! {
        <form class="form form-wide" method="post" action="/actions/grant/change">
            <input type="hidden" name="service" value=service/>
            <table class="table matrix">
                <caption class="visually-hidden">{caption}</caption>
                <thead>
                    <tr><th scope="col">"User"</th>{heads}<th scope="col">"Since"</th><th scope="col">"Expires"</th><th scope="col"><span class="visually-hidden">"Actions"</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {save}
        </form>
        {dialogs}
    }
}

/// Expired grants, and access as administrator, have no scopes to change.
fn is_changeable(grant: &AccessGrantView, now: OffsetDateTime) -> bool {
    grant.origin == AccessGrantOrigin::Explicit && grant.expires_at.is_none_or(|end| now < end)
}

#[component]
fn Row(grant: AccessGrantView, now: OffsetDateTime) -> impl IntoView {
    let (user, email) = (grant.person.to_string(), grant.email.to_string());
    let is_changeable = is_changeable(&grant, now);
    let cells = Scope::ALL.map(|scope| {
        view! {
            <td class="matrix-cell" data-label=scope.as_str()>
                <label class="matrix-check">
                    <input
                        type="checkbox"
                        name="cells[]"
                        value=format!("{email} {scope}", scope = scope.as_str())
                        aria-label=format!("{} for {user}", scope.as_str())
                        checked=grant.scopes.contains(scope)
                        disabled=!is_changeable
                    />
                </label>
            </td>
        }
    });
    let cells = cells.collect_view();
    let origin = (grant.origin == AccessGrantOrigin::Admin)
        .then(|| view! { <span class="cell-sub">"As administrator"</span> });
    // Lists the users of the form: one without any tick would not be in it otherwise.
    let listed =
        is_changeable.then(|| view! { <input type="hidden" name="people[]" value=email.clone()/> });
    view! {
        <tr>
            <th scope="row">
                <a class="cell-link" href=format!("/admin/users/{}", grant.user_id)><span class="cell-title">{user.clone()}</span><span class="cell-sub">{email.clone()}</span></a>
                {origin}
                {listed}
            </th>
            {cells}
            <td data-label="Since"><Day at=grant.created_at/></td>
            <td data-label="Expires"><Expiry at=grant.expires_at now=now/></td>
            <td class="cell-actions">
                <button type="button" class="button button-danger button-quiet" popovertarget=remove_dialog(&grant) aria-label=format!("Remove {user}")><Icon name="close"/>"Remove"</button>
            </td>
        </tr>
    }
}

#[component]
fn Add(service: String, users: Vec<(String, String)>) -> impl IntoView {
    let form = FormState::of(ADD).about("service", &service);
    let is_open = form.has_failed();
    let options = users
        .into_iter()
        .map(|(email, name)| view! { <option value=email>{name}</option> })
        .collect_view();
    view! {
        <details class="disclosure disclosure-button" open=is_open>
            <summary><Icon name="plus" class="icon-small"/>"Grant access to a user"</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=ADD>
                    <input type="hidden" name="service" value=service/>
                    <Field form=form.clone() name="email" label="E-mail" hint="Of an existing user. If the user already has a grant, its scopes and expiry are replaced." kind="email" list="users"/>
                    <datalist id="users">{options}</datalist>
                    <GrantFields form=form/>
                    <div class="button-row"><button class="button button-primary">"Grant"</button></div>
                </form>
            </div>
        </details>
    }
}
