//! The grants of a service as a matrix: users as rows, scopes as columns.

use super::grant::{ADD, Expiry, GrantFields, RemoveDialog, remove_dialog};
use crate::{
    components::{
        form_state::FormState, icon::Icon, pager::Pager, permitted::Permitted, text_fields::Field,
        time::Day, toolbar::Toolbar,
    },
    list::ListUrl,
    messages::{m, with_element},
    response,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView, Scope},
    access::permission::Permission,
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
        view! { <p class="quiet">{m::GRANTS_NONE_MATCH}" "<a href=list.everything().to_owned()>{m::SHOW_ALL}</a></p> }.into_any()
    } else {
        view! { <p class="quiet">{with_element(m::grants_none_service, view! { <code>{format!("latchkey grant add EMAIL {service}")}</code> })}</p> }.into_any()
    };
    view! {
        <section class="section section-wide" aria-labelledby="grants">
            <div class="section-head"><h2 id="grants">{m::GRANTS}</h2><p>{m::GRANTS_LEAD_SERVICE}</p></div>
            <div class="section-body">
                {is_long.then(|| view! { <Toolbar list=list.clone()/> })}
                {body}
                <Pager list=list page=page total=total/>
                <Permitted to=Permission::GrantsWrite><Add service=service users=users/></Permitted>
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
    let may_change = response::request_context().shows(Permission::GrantsWrite);
    let can_change = may_change && grants.iter().any(|grant| is_changeable(grant, now));
    let save = can_change.then(|| view! { <div class="button-row"><button class="button button-primary">{m::SCOPES_SAVE}</button><span class="quiet">{m::SCOPES_SAVE_HINT}</span></div> });
    let caption = m::grants_caption(service.as_str());
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
                    <tr><th scope="col">{m::USER}</th>{heads}<th scope="col">{m::SINCE}</th><th scope="col">{m::EXPIRES}</th><th scope="col"><span class="visually-hidden">{m::ACTIONS}</span></th></tr>
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
    let (user, email) = (grant.user.to_string(), grant.email.to_string());
    let may_change = response::request_context().shows(Permission::GrantsWrite);
    let is_changeable = may_change && is_changeable(&grant, now);
    let cells = Scope::ALL.map(|scope| {
        view! {
            <td class="matrix-cell" data-label=scope.as_str()>
                <label class="matrix-check">
                    <input
                        type="checkbox"
                        name="cells[]"
                        value=format!("{email} {scope}", scope = scope.as_str())
                        aria-label=m::scope_for(scope.as_str(), user.as_str()).text()
                        checked=grant.scopes.contains(scope)
                        disabled=!is_changeable
                    />
                </label>
            </td>
        }
    });
    let cells = cells.collect_view();
    let origin = (grant.origin == AccessGrantOrigin::Admin)
        .then(|| view! { <span class="cell-sub">{m::AS_ADMINISTRATOR}</span> });
    // Lists the users of the form: one without any tick would not be in it otherwise.
    let listed =
        is_changeable.then(|| view! { <input type="hidden" name="users[]" value=email.clone()/> });
    view! {
        <tr>
            <th scope="row">
                <a class="cell-link" href=format!("/admin/users/{}", grant.user_id)><span class="cell-title">{user.clone()}</span><span class="cell-sub">{email.clone()}</span></a>
                {origin}
                {listed}
            </th>
            {cells}
            <td data-label=m::SINCE.text()><Day at=grant.created_at/></td>
            <td data-label=m::EXPIRES.text()><Expiry at=grant.expires_at now=now/></td>
            <td class="cell-actions">
                {may_change.then(|| view! { <button type="button" class="button button-danger button-quiet" popovertarget=remove_dialog(&grant) aria-label=m::remove_name(user).text()><Icon name="close"/>{m::REMOVE}</button> })}
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
            <summary><Icon name="plus" class="icon-small"/>{m::GRANT_ADD_USER}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=ADD>
                    <input type="hidden" name="service" value=service/>
                    <Field form=form.clone() name="email" label=m::EMAIL hint=m::GRANT_ADD_USER_HINT kind="email" list="users"/>
                    <datalist id="users">{options}</datalist>
                    <GrantFields form=form/>
                    <div class="button-row"><button class="button button-primary">{m::GRANT_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
}
