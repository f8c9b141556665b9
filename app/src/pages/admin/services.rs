//! `/admin/services`: all services, and the form that adds one.

use super::policy::{PolicyFields, policy_label};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        field::{Field, FormState},
        icon::Icon,
        list_page::ListPage,
        table::{Column, DataTable},
        time::RelativeTime,
    },
    format,
    list::ListUrl,
    pages::{load, query},
    response,
};
use latchkey_domain::access::service::{MAX_NAME_LENGTH, Policy, Service};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::header("Name").ascending("name").by_default(),
    Column::new("Requires"),
    Column::number("Grants").descending("grants"),
    Column::new("Tokens"),
    Column::new("Added")
        .descending("created")
        .class("cell-minor"),
];

/// All services.
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
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title="Services"
                nav_item=NavItem::Services
                lead=list.lead(total, "service")
                action=view! { <AddService is_open=is_adding/> }.into_any()
                list=list
                page=page
                total=total
                empty=view! { <NoServices/> }.into_any()
            >
                <DataTable caption="Services" list=table_list columns=COLUMNS items=services.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

fn row(service: Service) -> Vec<AnyView> {
    let href = format!("/admin/services/{}", service.name);
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
    vec![
        view! {
            <a class="cell-link" href=href>
                <span class="cell-title">{service.name.to_string()}</span>
                <span class="cell-sub">{hosts}</span>
            </a>
        }
        .into_any(),
        policy_label(service.policy).into_any(),
        service.grants.into_any(),
        tokens,
        view! { <RelativeTime at=service.created_at/> }.into_any(),
    ]
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
fn NoServices() -> impl IntoView {
    view! {
        <Empty icon="grid" title="Add the first service" is_whole_page=true>
            <p>"Give it a name and a host, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:"</p>
            <pre tabindex="0" role="region" aria-label="Command"><code>"latchkey service add photos --host photos.example.com"</code></pre>
            <a class="button" href="/admin/services?add=1#add"><Icon name="plus"/>"Add a service"</a>
        </Empty>
    }
}
