//! `/admin/clients`: all clients, the form that adds one, and the ways to verify their tokens.

use super::{client_form::AddClient, grant, token_modes::TokenModes};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        icon::Icon,
        list_page::ListPage,
        permitted::Permitted,
        table::{Column, DataTable},
        time::RelativeTime,
    },
    format,
    list::ListUrl,
    messages::{Key, m},
    pages::{load, query},
    response,
};
use latchkey_domain::access::permission::{ClientsRead, Permission, ServicesRead};
use latchkey_domain::tokens::client::{ClientKind, ClientView};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::header(m::NAME).ascending("name").by_default(),
    Column::new(m::CLIENT_KIND).ascending("kind"),
    Column::new(m::NAV_SERVICES),
    Column::new(m::SCOPES),
    Column::new(m::ADDED)
        .descending("created")
        .class("cell-minor"),
];

/// The label of a kind.
pub(super) const fn kind_label(kind: ClientKind) -> Key {
    match kind {
        ClientKind::Confidential => m::CLIENT_CONFIDENTIAL,
        ClientKind::Public => m::CLIENT_PUBLIC,
    }
}

/// The address of a client's page.
pub(super) fn page_of(client: &ClientView) -> String {
    format!("/admin/clients/{}", client.id)
}

/// All clients.
#[component]
pub fn Clients() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(ClientsRead)?;
        let list = ListUrl::read("/admin/clients");
        let is_adding = query("add").is_some();
        let engine = context.engine();
        let clients = engine.list_clients(&proof, list.query()).await?;
        let services = match context.authorize(ServicesRead) {
            Ok(proof) => grant::services(engine, &proof).await?,
            Err(_) => Vec::new(),
        };
        let (page, total) = (clients.page, clients.total);
        let lead = match list.is_narrowed() {
            true => m::clients_found(total),
            false => m::clients_count(total),
        };
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NAV_CLIENTS
                nav_item=NavItem::Clients
                lead=lead.text().into_any()
                action=view! { <Permitted to=Permission::ClientsWrite><AddClient services=services is_open=is_adding/></Permitted> }.into_any()
                list=list
                page=page
                total=total
                after=view! { <TokenModes/> }.into_any()
                empty=view! { <NoClients/> }.into_any()
            >
                <DataTable caption=m::NAV_CLIENTS list=table_list columns=COLUMNS items=clients.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

fn row(client: ClientView) -> Vec<AnyView> {
    let href = page_of(&client);
    let services: Vec<_> = client.audiences.iter().map(ToString::to_string).collect();
    let scopes = match client.scopes.is_empty() {
        true => view! { <span class="quiet">{m::NONE}</span> }.into_any(),
        false => view! { <code>{client.scopes.to_string()}</code> }.into_any(),
    };
    vec![
        view! { <a class="cell-link" href=href><span class="cell-title">{client.name.to_string()}</span></a> }.into_any(),
        kind_label(client.kind).text().into_any(),
        format::listing(&services, 3).into_any(),
        scopes,
        view! { <RelativeTime at=client.created_at/> }.into_any(),
    ]
}

#[component]
fn NoClients() -> impl IntoView {
    view! {
        <Empty icon="code" title=m::CLIENTS_NONE is_whole_page=true>
            <p>{m::CLIENTS_NONE_LEAD}</p>
            <pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey client add Backup --audience photos --scope albums:read"</code></pre>
            <a class="button" href="/admin/clients?add=1#add"><Icon name="plus"/>{m::CLIENTS_ADD}</a>
        </Empty>
    }
}
