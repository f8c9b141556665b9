//! The grants of a user, and the form fields of a grant.

use crate::{
    actions::grant::MAX_DAYS,
    components::{
        choice_fields::{Check, Select},
        dialog::ConfirmDialog,
        form_state::FormState,
        icon::Icon,
        pager::Pager,
        permitted::Permitted,
        table::{Column, DataTable},
        text_fields::Field,
        time::{Day, RelativeTime},
    },
    list::ListUrl,
    messages::{Key, m, with_element},
    response,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView, Scope},
    access::permission::{Authorizes, Permission, ServicesRead, UsersRead},
    access::service::ServiceView,
    identity::user::UserView,
    pagination::{ListQuery, Page},
};
use latchkey_engine::{Engine, Result};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The path of the form that adds a grant.
pub(super) const ADD: &str = "/actions/grant/add";

/// The most names that a form suggests; others have to be typed.
const MAX_OFFERED: u64 = 500;

/// All services by name, up to [`MAX_OFFERED`].
///
/// # Errors
/// Internal only.
pub(super) async fn services(
    engine: &Engine,
    proof: &dyn Authorizes<ServicesRead>,
) -> Result<Vec<ServiceView>> {
    let mut services = Vec::new();
    let mut query = ListQuery::default().bounded();
    loop {
        let page = engine.list_services(proof, &query).await?;
        let next = page.next();
        services.extend(page.items);
        match next {
            Some(next) if (services.len() as u64) < MAX_OFFERED => query.page = next,
            _ => return Ok(services),
        }
    }
}

/// E-mail addresses and names of all users, up to [`MAX_OFFERED`].
///
/// # Errors
/// Internal only.
pub(super) async fn users(
    engine: &Engine,
    proof: &dyn Authorizes<UsersRead>,
) -> Result<Vec<(String, String)>> {
    let mut users = Vec::new();
    let mut query = ListQuery::default().bounded();
    loop {
        let page = engine.list_users(proof, &query).await?;
        users.extend(
            page.items
                .iter()
                .map(|user| (user.email.to_string(), user.name.to_string())),
        );
        match page.next() {
            Some(next) if (users.len() as u64) < MAX_OFFERED => query.page = next,
            _ => return Ok(users),
        }
    }
}

/// The fields for scopes and expiry.
#[component]
pub(super) fn GrantFields(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let check = |name: &'static str, scope: Scope, hint: Key| {
        let form = form.clone();
        view! { <Check form=form name=name label=scope.as_str() hint=hint/> }
    };
    view! {
        <fieldset class="choices">
            <legend>{m::GRANT_SCOPES}</legend>
            {check("read_username", Scope::Username, m::GRANT_USERNAME)}
            {check("read_email", Scope::Email, m::GRANT_EMAIL)}
            {check("read_user_role", Scope::UserRole, m::GRANT_ROLE)}
        </fieldset>
        <p class="small quiet">{m::GRANT_NO_SCOPE}</p>
        <Field form=form name="expires" label=m::GRANT_EXPIRES hint=m::GRANT_EXPIRES_HINT kind="number" inputmode="numeric" min=1 max=MAX_DAYS optional=true/>
    }
}

/// When a grant expires.
#[component]
pub(super) fn Expiry(
    /// When.
    at: Option<OffsetDateTime>,
    /// Now.
    now: OffsetDateTime,
) -> impl IntoView {
    match at {
        None => view! { <span class="quiet">{m::NEVER}</span> }.into_any(),
        Some(at) if at <= now => view! { <span class="badge badge-danger"><Icon name="clock"/>{m::EXPIRED}</span>" "<RelativeTime at=at/> }.into_any(),
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
    }
}

const COLUMNS: &[Column] = &[
    Column::header(m::SERVICE),
    Column::new(m::SCOPES),
    Column::new(m::SINCE),
    Column::new(m::EXPIRES),
    Column::actions(),
];

/// The grants of a user, and the form that adds one.
#[component]
pub(super) fn UserGrants(
    /// The user.
    user: UserView,
    /// Their grants, one page of them.
    grants: Page<AccessGrantView>,
    /// All services.
    services: Vec<ServiceView>,
    /// The address of this page.
    list: ListUrl,
) -> impl IntoView {
    let (page, total) = (grants.page, grants.total);
    // An expired grant can be renewed, and access as administrator can be made a grant that outlasts the role.
    let now = response::request_context().engine().now();
    let is_active = |grant: &&AccessGrantView| {
        grant.origin == AccessGrantOrigin::Explicit && grant.expires_at.is_none_or(|end| now < end)
    };
    let explicit: Vec<_> = grants
        .items
        .iter()
        .filter(is_active)
        .map(|grant| grant.service.to_string())
        .collect();
    let others: Vec<_> = services
        .iter()
        .map(|service| service.name.to_string())
        .filter(|name| !explicit.contains(name))
        .map(|name| (name.clone(), name))
        .collect();
    let table = if grants.items.is_empty() {
        view! { <p class="quiet">{m::GRANTS_NONE_USER}</p> }.into_any()
    } else {
        view! { <DataTable columns=COLUMNS items=grants.items row=row/> }.into_any()
    };
    let add = if services.is_empty() {
        view! { <p class="quiet">{with_element(m::grants_no_service, view! { <a href="/admin/services?add=1#add">{m::GRANTS_FIRST_SERVICE}</a> })}</p> }.into_any()
    } else {
        view! { <Add email=user.email.to_string() services=others/> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="grants">
            <div class="section-head"><h2 id="grants">{m::GRANTS}</h2><p>{m::GRANTS_LEAD_USER}</p></div>
            <div class="section-body">{table}<Pager list=list page=page total=total/><Permitted to=Permission::GrantsWrite>{add}</Permitted></div>
        </section>
    }
}

fn row(grant: AccessGrantView) -> Vec<AnyView> {
    let now = response::request_context().engine().now();
    let scopes = match grant.origin {
        AccessGrantOrigin::Admin => {
            view! { <span class="badge"><Icon name="shield"/>{m::AS_ADMINISTRATOR}</span> }
                .into_any()
        }
        AccessGrantOrigin::Explicit if grant.scopes.iter().next().is_none() => {
            view! { <span class="quiet">{m::PSEUDONYM_ONLY}</span> }.into_any()
        }
        AccessGrantOrigin::Explicit => view! { <code>{grant.scopes.to_string()}</code> }.into_any(),
    };
    let href = format!("/admin/services/{}", grant.service);
    vec![
        view! { <a class="cell-link" href=href><span class="cell-title">{grant.service.to_string()}</span></a> }.into_any(),
        scopes,
        view! { <Day at=grant.created_at/> }.into_any(),
        view! { <Expiry at=grant.expires_at now=now/> }.into_any(),
        view! { <Remove grant=grant/> }.into_any(),
    ]
}

/// The button that removes a grant, and its confirmation dialog.
#[component]
fn Remove(grant: AccessGrantView) -> impl IntoView {
    let dialog = remove_dialog(&grant);
    let label = m::grant_remove_label(grant.service.as_str(), grant.user.as_str()).text();
    view! {
        <Permitted to=Permission::GrantsWrite>
            <button type="button" class="button button-danger button-quiet" popovertarget=dialog aria-label=label><Icon name="close"/>{m::REMOVE}</button>
            <RemoveDialog grant=grant/>
        </Permitted>
    }
}

/// The id of the dialog that confirms the removal of a grant.
pub(super) fn remove_dialog(grant: &AccessGrantView) -> String {
    format!("remove-{}", grant.id)
}

/// The dialog that confirms the removal of a grant.
#[component]
pub(super) fn RemoveDialog(
    /// The grant.
    grant: AccessGrantView,
) -> impl IntoView {
    let title = m::grant_remove_title(grant.service.as_str(), grant.user.as_str());
    let fields = vec![
        ("email", grant.email.to_string()),
        ("service", grant.service.to_string()),
    ];
    let consequence = match grant.origin {
        AccessGrantOrigin::Explicit => m::GRANT_REMOVE_EXPLICIT,
        AccessGrantOrigin::Admin => m::GRANT_REMOVE_ADMIN,
    };
    view! {
        <ConfirmDialog id=remove_dialog(&grant) title=title action="/actions/grant/remove" fields=fields verb=m::REMOVE>
            <p>{consequence}</p>
        </ConfirmDialog>
    }
}

#[component]
fn Add(email: String, services: Vec<(String, String)>) -> impl IntoView {
    if services.is_empty() {
        return view! { <p class="quiet">{m::GRANTS_ALL}</p> }.into_any();
    }
    let form = FormState::of(ADD).about("email", &email);
    let is_open = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" open=is_open>
            <summary><Icon name="plus" class="icon-small"/>{m::GRANT_ADD_SERVICE}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=ADD>
                    <input type="hidden" name="email" value=email/>
                    <Select form=form.clone() name="service" label=m::SERVICE options=services/>
                    <GrantFields form=form/>
                    <div class="button-row"><button class="button button-primary">{m::GRANT_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
    .into_any()
}
