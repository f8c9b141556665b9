//! What one person may enter, and the fields of a grant wherever one is given.

use crate::{
    api::grant::MAX_DAYS,
    components::{
        choice::{Check, Select},
        confirm::Confirm,
        field::{Field, FormState},
        icon::Icon,
        moment::{Day, Moment},
        table::Pager,
    },
    list::ListUrl,
    response,
};
use latchkey_domain::{
    access::access_grant::{AccessGrant, AccessGrantOrigin, Scope},
    access::permission::Administrator,
    identity::user::User,
    pagination::{ListQuery, Page},
};
use latchkey_engine::{Engine, Result};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The path of the form that gives a grant.
pub(super) const ADD: &str = "/api/grant/add";

/// The most names offered in a list to choose from; beyond it they are typed.
const MAX_OFFERED: u64 = 500;

/// The names of all services, as far as a list of them can be used.
///
/// # Errors
/// Internal only.
pub(super) async fn service_names(
    engine: &Engine,
    administrator: &Administrator,
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut query = ListQuery::default().bounded();
    loop {
        let page = engine.list_services(administrator, &query).await?;
        names.extend(page.items.iter().map(|service| service.name.to_string()));
        match page.next() {
            Some(next) if (names.len() as u64) < MAX_OFFERED => query.page = next,
            _ => return Ok(names),
        }
    }
}

/// Addresses and names of the people who could be let in, as far as a list of them can be used.
///
/// # Errors
/// Internal only.
pub(super) async fn people(
    engine: &Engine,
    administrator: &Administrator,
) -> Result<Vec<(String, String)>> {
    let mut people = Vec::new();
    let mut query = ListQuery::default().bounded();
    loop {
        let page = engine.list_users(administrator, &query).await?;
        people.extend(
            page.items
                .iter()
                .map(|user| (user.email.to_string(), user.name.to_string())),
        );
        match page.next() {
            Some(next) if (people.len() as u64) < MAX_OFFERED => query.page = next,
            _ => return Ok(people),
        }
    }
}

/// What the service learns, and until when.
#[component]
pub(super) fn GrantFields(
    /// The form.
    form: FormState,
) -> impl IntoView {
    let check = |name: &'static str, scope: Scope, hint: &'static str| {
        let form = form.clone();
        view! { <Check form=form name=name label=scope.as_str() hint=hint/> }
    };
    view! {
        <fieldset class="choices">
            <legend>"The service receives"</legend>
            {check("read_username", Scope::Username, "The user’s name.")}
            {check("read_email", Scope::Email, "The user’s e-mail address.")}
            {check("read_user_role", Scope::UserRole, "Whether the user is an administrator.")}
        </fieldset>
        <p class="small quiet">"Without any scope it receives only a pseudonym, which is different for each service."</p>
        <Field form=form name="expires" label="Expires after (days)" hint="Leave empty for no expiry." kind="number" inputmode="numeric" min=1 max=MAX_DAYS optional=true/>
    }
}

/// When a grant ends, in a cell.
#[component]
pub(super) fn Ends(
    /// When.
    at: Option<OffsetDateTime>,
    /// Now.
    now: OffsetDateTime,
) -> impl IntoView {
    match at {
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
        Some(at) if at <= now => view! { <span class="badge badge-danger"><Icon name="clock"/>"Expired"</span>" "<Moment at=at/> }.into_any(),
        Some(at) => view! { <Moment at=at/> }.into_any(),
    }
}

/// The grants of one person, and the form that gives another.
#[component]
pub(super) fn PersonGrants(
    /// The person.
    user: User,
    /// Their grants, one page of them.
    grants: Page<AccessGrant>,
    /// All services.
    services: Vec<String>,
    /// The address of this page.
    list: ListUrl,
) -> impl IntoView {
    let (page, total) = (grants.page, grants.total);
    // What ended can be opened again, and an administrator's own link may be made a grant that stays when the role goes.
    let now = response::request_context().engine().now();
    let is_open = |grant: &&AccessGrant| {
        grant.origin == AccessGrantOrigin::Explicit && grant.expires_at.is_none_or(|end| now < end)
    };
    let explicit: Vec<_> = grants
        .items
        .iter()
        .filter(is_open)
        .map(|grant| grant.service.to_string())
        .collect();
    let others: Vec<_> = services
        .iter()
        .filter(|name| !explicit.contains(name))
        .map(|name| (name.clone(), name.clone()))
        .collect();
    let table = if grants.items.is_empty() {
        view! { <p class="quiet">"No grants yet. This user has no access to any service."</p> }
            .into_any()
    } else {
        let rows = grants
            .items
            .into_iter()
            .map(|grant| view! { <Row grant=grant/> })
            .collect_view();
        view! {
            <table class="table">
                <thead><tr><th scope="col">"Service"</th><th scope="col">"Scopes"</th><th scope="col">"Since"</th><th scope="col">"Ends"</th><th scope="col"><span class="visually-hidden">"Actions"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let add = if services.is_empty() {
        view! { <p class="quiet">"There are no services yet. "<a href="/admin/services?add=1#add">"Add the first one"</a>"."</p> }.into_any()
    } else {
        view! { <Add email=user.email.to_string() services=others/> }.into_any()
    };
    view! {
        <section class="section" aria-labelledby="grants">
            <div class="section-head"><h2 id="grants">"Grants"</h2><p>"The services this user has access to, and what each learns about them."</p></div>
            <div class="section-body">{table}<Pager list=list page=page total=total/>{add}</div>
        </section>
    }
}

#[component]
fn Row(grant: AccessGrant) -> impl IntoView {
    let now = response::request_context().engine().now();
    let scopes = match grant.origin {
        AccessGrantOrigin::Admin => {
            view! { <span class="badge"><Icon name="shield"/>"As administrator"</span> }.into_any()
        }
        AccessGrantOrigin::Explicit if grant.scopes.iter().next().is_none() => {
            view! { <span class="quiet">"Pseudonym only"</span> }.into_any()
        }
        AccessGrantOrigin::Explicit => view! { <code>{grant.scopes.to_string()}</code> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a class="cell-link" href=format!("/admin/services/{}", grant.service)><span class="cell-title">{grant.service.to_string()}</span></a></th>
            <td data-label="Scopes">{scopes}</td>
            <td data-label="Since"><Day at=grant.created_at/></td>
            <td data-label="Ends"><Ends at=grant.expires_at now=now/></td>
            <td class="cell-actions"><Remove grant=grant/></td>
        </tr>
    }
}

/// The button that takes a grant away, and the question before it.
#[component]
fn Remove(grant: AccessGrant) -> impl IntoView {
    let dialog = remove_dialog(&grant);
    view! {
        <button type="button" class="button button-danger button-quiet" popovertarget=dialog aria-label=format!("Remove {} from {}", grant.person, grant.service)><Icon name="close"/>"Remove"</button>
        <RemoveDialog grant=grant/>
    }
}

/// The id of the question before a grant is taken away.
pub(super) fn remove_dialog(grant: &AccessGrant) -> String {
    format!("remove-{}", grant.id)
}

/// The question before a grant is taken away.
#[component]
pub(super) fn RemoveDialog(
    /// The grant.
    grant: AccessGrant,
) -> impl IntoView {
    let title = format!("Remove access to {} from {}?", grant.service, grant.person);
    let fields = vec![
        ("email", grant.email.to_string()),
        ("service", grant.service.to_string()),
    ];
    let words = match grant.origin {
        AccessGrantOrigin::Explicit => {
            "The next request is refused. Granting access again creates a new pseudonym, so the service will not recognise the user."
        }
        AccessGrantOrigin::Admin => {
            "This access comes with the administrator role. As long as the user has that role and the service admits administrators, their next request grants it again, with a new pseudonym."
        }
    };
    view! {
        <Confirm id=remove_dialog(&grant) title=title action="/api/grant/remove" fields=fields verb="Remove">
            <p>{words}</p>
        </Confirm>
    }
}

#[component]
fn Add(email: String, services: Vec<(String, String)>) -> impl IntoView {
    if services.is_empty() {
        return view! { <p class="quiet">"This user has access to every service."</p> }.into_any();
    }
    let form = FormState::of(ADD).about("email", &email);
    let is_open = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" open=is_open>
            <summary><Icon name="plus" class="icon-small"/>"Grant access to a service"</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=ADD>
                    <input type="hidden" name="email" value=email/>
                    <Select form=form.clone() name="service" label="Service" options=services/>
                    <GrantFields form=form/>
                    <div class="button-row"><button class="button button-primary">"Grant"</button></div>
                </form>
            </div>
        </details>
    }
    .into_any()
}
