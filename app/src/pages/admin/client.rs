//! `/admin/clients/{id}`: one client, with its secrets, the command that gets a token, and its latest events.

use super::{
    client_form::{grant_type_hint, grant_type_label},
    clients::kind_label,
    event::EventLine,
};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        choice_fields::ChoiceOption,
        code_block::CodeBlock,
        danger_zone::DangerZone,
        icon::Icon,
        notice::Notices,
        permitted::Permitted,
        rotating_secrets::{RotatingSecrets, SecretTexts},
        table::Column,
        time::Day,
    },
    form, format,
    messages::{m, with_element},
    pages::{load, param},
    response,
    snippet::token_request,
};
use latchkey_domain::{
    access::permission::{AuditRead, ClientsRead, Permission},
    audit::event::EventView,
    id::ClientId,
    pagination::ListQuery,
    tokens::client::{ClientKind, ClientView},
};
use latchkey_engine::Noun;
use leptos::prelude::*;
use std::time::Duration;

/// The parameter of token requests (RFC 6749 §2.2).
const CLIENT_ID: &str = "client_id";

/// How many events are shown.
const LATEST: usize = 8;

const OVERLAPS: &[ChoiceOption] = &[
    ("24", m::OVERLAP_DAY, Some(m::SECRET_OVERLAP_DAY_HINT)),
    ("1", m::OVERLAP_HOUR, None),
    ("168", m::OVERLAP_WEEK, Some(m::SECRET_OVERLAP_WEEK_HINT)),
    ("0", m::OVERLAP_NONE, Some(m::SECRET_OVERLAP_NONE_HINT)),
];

const COLUMNS: &[Column] = &[
    Column::header(m::SECRET),
    Column::new(m::CREATED),
    Column::new(m::EXPIRES),
];

/// The page of a client.
#[component]
pub fn ClientPage() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(ClientsRead)?;
        let id: ClientId = form::id(&param("id"), Noun::Client)?;
        let engine = context.engine();
        let client = engine.client(&proof, &id.to_string()).await?;
        let of_client = ListQuery {
            search: id.to_string(),
            ..ListQuery::default()
        };
        let events = match context.authorize(AuditRead) {
            Ok(proof) => Some(engine.list_events(&proof, &of_client).await?.items),
            Err(_) => None,
        };
        let name = client.name.to_string();
        let services: Vec<_> = client.audiences.iter().map(ToString::to_string).collect();
        let lead = m::client_lead(kind_label(client.kind), format::listing(&services, 3));
        let has_secrets = client.kind == ClientKind::Confidential && !client.has_keys;
        Ok(view! {
            <AppLayout title=name.clone() nav_item=NavItem::Clients is_subpage=true>
                <div class="page-head">
                    <div>
                        <a class="crumb" href="/admin/clients"><Icon name="chevron-left" class="icon-small"/>{m::NAV_CLIENTS}</a>
                        <h1>{name.clone()}</h1>
                        <p class="lead">{lead}</p>
                    </div>
                </div>
                <Notices/>
                <Details client=client.clone()/>
                <GetToken client=client.clone()/>
                {has_secrets.then(|| view! { <Secrets client=client/> })}
                {events.map(|events| view! { <Events id=id events=events/> })}
                <Permitted to=Permission::ClientsWrite><DangerZone name=name effect=m::CLIENT_DELETE action="/actions/client/delete" field=("id", id.to_string())>
                    <p>{m::client_delete_lead(format::listing(&services, 3))}</p>
                    <p>{m::CLIENT_DELETE_NOTE}</p>
                </DangerZone></Permitted>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Details(client: ClientView) -> impl IntoView {
    let services = (client.audiences.iter())
        .map(|name| view! { <li><a href=format!("/admin/services/{name}")>{name.to_string()}</a></li> })
        .collect_view();
    let grant_types = (client.grant_types.iter())
        .map(|&one| view! { <li><code>{grant_type_label(one)}</code>" "<span class="quiet">{grant_type_hint(one)}</span></li> })
        .collect_view();
    let scopes = match client.scopes.is_empty() {
        true => view! { <span class="quiet">{m::NONE}</span> }.into_any(),
        false => view! { <code>{client.scopes.to_string()}</code> }.into_any(),
    };
    let uris = (client.redirect_uris.iter())
        .map(|uri| view! { <li><code>{uri.to_string()}</code></li> })
        .collect_view();
    let uris = (!client.redirect_uris.is_empty())
        .then(|| view! { <div><dt>{m::REDIRECT_URIS}</dt><dd><ul>{uris}</ul></dd></div> });
    let binding = match client.requires_dpop {
        true => m::CLIENT_DPOP,
        false => m::CLIENT_BEARER,
    };
    view! {
        <section class="section" aria-labelledby="details">
            <div class="section-head"><h2 id="details">{m::DETAILS}</h2></div>
            <div class="section-body">
                <dl class="facts">
                    <div><dt><code>{CLIENT_ID}</code></dt><dd class="mono" id="client-id">{client.id.to_string()}</dd></div>
                    <div><dt>{m::CLIENT_KIND}</dt><dd>{kind_label(client.kind)}</dd></div>
                    <div><dt>{m::CLIENT_AUDIENCES}</dt><dd><ul>{services}</ul></dd></div>
                    <div><dt>{m::SCOPES}</dt><dd>{scopes}</dd></div>
                    <div><dt>{m::GRANT_TYPES}</dt><dd><ul>{grant_types}</ul></dd></div>
                    {uris}
                    <div><dt>{m::ALGORITHM}</dt><dd>{client.algorithm.as_str()}</dd></div>
                    <div><dt>{m::CLIENT_BINDING}</dt><dd>{binding}</dd></div>
                    <div><dt>{m::ADDED}</dt><dd><Day at=client.created_at/></dd></div>
                </dl>
            </div>
        </section>
    }
}

#[component]
fn GetToken(client: ClientView) -> impl IntoView {
    let lifetime = Duration::from_secs(client.token_seconds.unsigned_abs());
    let lifetime = format::whole(lifetime);
    let commands = token_request::commands(response::request_context().engine().issuer(), &client);
    let uses = |variable| {
        commands
            .iter()
            .any(|command| command.text.contains(variable))
    };
    let secret = uses(token_request::SECRET).then(|| {
        let name = view! { <code>{token_request::SECRET}</code> };
        view! { <p class="small quiet">{with_element(m::client_command_secret, name)}</p> }
    });
    let code = uses(token_request::DEVICE_CODE).then(|| {
        let name = view! { <code>{token_request::DEVICE_CODE}</code> };
        view! { <p class="small quiet">{with_element(m::client_command_code, name)}</p> }
    });
    let others: Vec<_> = (client.audiences.iter().skip(1))
        .map(ToString::to_string)
        .collect();
    let others = (!others.is_empty() && !commands.is_empty()).then(|| view! { <p class="small quiet">{m::client_other_audiences(format::listing(&others, 5))}</p> });
    let none =
        (commands.is_empty()).then(|| view! { <p class="quiet">{m::CLIENT_COMMAND_NONE}</p> });
    let blocks = commands.into_iter().enumerate().map(|(place, command)| {
        view! { <CodeBlock id=format!("token-request-{place}") label=command.label text=command.text/> }
    });
    let blocks = blocks.collect_view();
    view! {
        <section class="section" aria-labelledby="get-token">
            <div class="section-head"><h2 id="get-token">{m::CLIENT_GET_TOKEN}</h2><p>{m::client_get_token_lead(lifetime)}</p></div>
            <div class="section-body">{none}{blocks}{secret}{code}{others}<p class="small"><a href="/admin/clients#modes">{m::MODES}</a></p></div>
        </section>
    }
}

#[component]
fn Secrets(client: ClientView) -> impl IntoView {
    let texts = SecretTexts {
        title: m::SECRETS,
        lead: m::SECRETS_LEAD,
        rotate: m::SECRET_ROTATE,
        dialog: m::secret_rotate_title(client.name.as_str()),
        dialog_lead: m::SECRET_ROTATE_LEAD,
        expiring: |count| m::secrets_expiring(count),
        overlap: m::SECRET_OVERLAP,
        overlaps: OVERLAPS,
    };
    view! {
        <RotatingSecrets
            id="secrets"
            texts=texts
            columns=COLUMNS
            prefix="lkc_"
            secrets=client.secrets
            permission=Permission::ClientsWrite
            action="/actions/client/rotate-secret"
            field=("id", client.id.to_string())
        />
    }
}

#[component]
fn Events(id: ClientId, events: Vec<EventView>) -> impl IntoView {
    let events = events
        .into_iter()
        .take(LATEST)
        .map(|event| view! { <EventLine event=event/> })
        .collect_view();
    view! {
        <section class="section section-wide" aria-labelledby="latest">
            <div class="section-head section-head-row">
                <h2 id="latest">{m::OVERVIEW_LATEST}</h2>
                <a class="crumb" href=format!("/admin/audit?q={id}")>{m::CLIENT_AUDIT}<Icon name="chevron-right" class="icon-small"/></a>
            </div>
            <div class="section-body"><ol class="timeline">{events}</ol></div>
        </section>
    }
}
