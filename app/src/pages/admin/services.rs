//! `/admin/services`: all services, and the form that adds one.

use super::policy::{PolicyFields, policy_label};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        form_state::FormState,
        icon::Icon,
        list_page::ListPage,
        permitted::Permitted,
        table::{Column, DataTable},
        text_fields::Field,
        time::RelativeTime,
    },
    format,
    list::ListUrl,
    messages::m,
    pages::{load, query},
    response,
};
use latchkey_domain::access::permission::{Permission, ServicesRead};
use latchkey_domain::access::service::{MAX_NAME_LENGTH, Policy, ServiceView};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::header(m::NAME).ascending("name").by_default(),
    Column::new(m::REQUIRES),
    Column::number(m::GRANTS).descending("grants"),
    Column::new(m::TOKENS),
    Column::new(m::ADDED)
        .descending("created")
        .class("cell-minor"),
];

/// All services.
#[component]
pub fn Services() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(ServicesRead)?;
        let list = ListUrl::read("/admin/services");
        let is_adding = query("add").is_some();
        let services = context.engine().list_services(&proof, list.query()).await?;
        let (page, total) = (services.page, services.total);
        let lead = match list.is_narrowed() {
            true => m::services_found(total),
            false => m::services_count(total),
        };
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NAV_SERVICES
                nav_item=NavItem::Services
                lead=lead.text().into_any()
                action=view! { <Permitted to=Permission::ServicesWrite><AddService is_open=is_adding/></Permitted> }.into_any()
                list=list
                page=page
                total=total
                empty=view! { <NoServices/> }.into_any()
            >
                <DataTable caption=m::NAV_SERVICES list=table_list columns=COLUMNS items=services.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

fn row(service: ServiceView) -> Vec<AnyView> {
    let href = format!("/admin/services/{}", service.name);
    let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
    let hosts = match hosts.is_empty() {
        true => m::NO_HOST.text(),
        false => format::listing(&hosts, 3),
    };
    let tokens = match service.tokens.len() {
        0 => view! { <span class="badge badge-danger"><Icon name="warning"/>{m::NONE}</span> }
            .into_any(),
        1 => m::TOKENS_ONE.text().into_any(),
        _ => view! { <span class="badge badge-strong"><Icon name="refresh"/>{m::TOKENS_ROTATING}</span> }
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
        policy_label(service.policy).text().into_any(),
        service.grants.into_any(),
        tokens,
        view! { <RelativeTime at=service.created_at/> }.into_any(),
    ]
}

#[component]
fn AddService(is_open: bool) -> impl IntoView {
    let form = FormState::of("/actions/service/add");
    let has_failed = form.has_failed();
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>{m::SERVICES_ADD}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/actions/service/add">
                    <p class="quiet">{m::SERVICES_ADD_LEAD}</p>
                    <Field
                        form=form.clone()
                        name="name"
                        label=m::NAME
                        hint=m::SERVICES_NAME_HINT
                        class="input-mono"
                        maxlength=MAX_NAME_LENGTH as u32
                        autofocus=is_open && !has_failed
                    />
                    <Field form=form.clone() name="hosts" label=m::HOSTS hint=m::SERVICES_HOSTS_HINT class="input-mono" optional=true/>
                    <PolicyFields form=form policy=Policy::default()/>
                    <div class="button-row"><button class="button button-primary">{m::SERVICES_ADD_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn NoServices() -> impl IntoView {
    view! {
        <Empty icon="grid" title=m::SERVICES_NONE is_whole_page=true>
            <p>{m::SERVICES_NONE_LEAD}</p>
            <pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey service add photos --host photos.example.com"</code></pre>
            <a class="button" href="/admin/services?add=1#add"><Icon name="plus"/>{m::SERVICES_ADD}</a>
        </Empty>
    }
}
