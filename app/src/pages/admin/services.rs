//! `/admin/services`: what stands behind the door, and the way to add one more.

use super::policy::{PolicyFields, policy_words};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
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
use latchkey_domain::access::service::{MAX_NAME_LENGTH, Policy, Service};
use leptos::prelude::*;

/// What stands behind the proxy.
#[component]
pub fn Services() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let list = ListUrl::read("/admin/services");
        let is_adding = query("add").is_some();
        let services = context
            .engine()
            .list_services(&administrator, list.query())
            .await?;
        let (page, total) = (services.page, services.total);
        let is_empty = total == 0 && !list.is_narrowed();
        let lead = match (total, is_empty) {
            (_, true) => "No services yet.".to_owned(),
            (total, _) if list.is_narrowed() => {
                format!("{} found.", format::count(total, "service"))
            }
            (1, _) => "1 service.".to_owned(),
            (total, _) => format!("{total} services."),
        };
        let body = if is_empty {
            view! { <First/> }.into_any()
        } else if total == 0 {
            view! { <NothingFound search=list.query().search.clone() everything=list.everything()/> }.into_any()
        } else {
            view! { <Table services=services.items list=list.clone()/> }.into_any()
        };
        Ok(view! {
            <AppLayout title="Services" place=NavItem::Services>
                <div class="page-head"><div><h1>"Services"</h1><div class="stack"><p class="lead">{lead}</p><AddService is_open=is_adding/></div></div></div>
                <Notices/>
                {(!is_empty).then(|| view! { <Toolbar list=list.clone()/> })}
                {body}
                <Pager list=list page=page total=total/>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn AddService(is_open: bool) -> impl IntoView {
    let form = FormState::of("/api/service/add");
    let has_failed = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>"Add a service"</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/api/service/add">
                    <p class="quiet">"Creates a token for its reverse proxy, which is shown once."</p>
                    <Field
                        form=form.clone()
                        name="name"
                        label="Name"
                        hint="Lowercase letters, digits and hyphens, such as photos. Part of its /verify address; cannot be changed later."
                        class="input-mono"
                        maxlength=MAX_NAME_LENGTH as u32
                        autofocus=is_open && !has_failed
                    />
                    <Field form=form.clone() name="hosts" label="Hosts" hint="For example photos.example.com. Separate several with spaces." class="input-mono" optional=true/>
                    <PolicyFields form=form policy=Policy::default()/>
                    <div class="button-row"><button class="button button-primary">"Add service and create token"</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn First() -> impl IntoView {
    view! {
        <Empty icon="grid" title="Add the first service" is_whole_page=true>
            <p>"Give it a name and a host, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:"</p>
            <pre tabindex="0" role="region" aria-label="Command"><code>"latchkey service add photos --host photos.example.com"</code></pre>
            <a class="button" href="/admin/services?add=1#add"><Icon name="plus"/>"Add a service"</a>
        </Empty>
    }
}

#[component]
fn Table(services: Vec<Service>, list: ListUrl) -> impl IntoView {
    let rows = services
        .into_iter()
        .map(|service| view! { <Row service=service/> })
        .collect_view();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Services"</caption>
            <thead>
                <tr>
                    <SortHead list=list.clone() column="name" label="Name" is_default=true/>
                    <th scope="col">"Requires"</th>
                    <SortHead list=list.clone() column="grants" label="Grants" newest_first=true is_number=true/>
                    <th scope="col">"Tokens"</th>
                    <SortHead list=list column="created" label="Added" newest_first=true/>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(service: Service) -> impl IntoView {
    let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
    let hosts = match hosts.is_empty() {
        true => "No host".to_owned(),
        false => format::listing(&hosts, 3),
    };
    let tokens = match service.tokens.len() {
        0 => view! { <span class="badge badge-danger"><Icon name="warning"/>"None"</span> }
            .into_any(),
        1 => "1 active".into_any(),
        _ => view! { <span class="badge badge-strong"><Icon name="refresh"/>"Rotating"</span> }
            .into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="cell-link" href=format!("/admin/services/{}", service.name)>
                    <span class="cell-title">{service.name.to_string()}</span>
                    <span class="cell-sub">{hosts}</span>
                </a>
            </th>
            <td data-label="Requires">{policy_words(service.policy)}</td>
            <td class="num" data-label="Grants">{service.grants}</td>
            <td data-label="Tokens">{tokens}</td>
            <td class="cell-minor" data-label="Added"><Moment at=service.created_at/></td>
        </tr>
    }
}
