//! `/admin/services/{name}`: one service, with its policy, tokens, grants, access tokens and proxy configuration.

use super::{
    access_tokens::AccessTokens,
    matrix::Matrix,
    policy::{PolicyFields, RulesField, policy_sentence},
    proxy,
    risk_policy::RiskPolicySection,
    token::Tokens,
};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        audit_link::InAuditLog,
        danger_zone::DangerZone,
        form_state::FormState,
        icon::Icon,
        notice::Notices,
        permitted::Permitted,
        text_fields::Field,
    },
    format,
    list::ListUrl,
    messages::m,
    pages::{load, param},
    response,
    url::percent_encode,
};
use latchkey_domain::access::permission::{
    ClientsRead, GrantsRead, Permission, ServicesRead, UsersRead,
};
use latchkey_domain::access::service::ServiceView;
use latchkey_engine::AccessGrantFilter;
use leptos::prelude::*;

const CHANGE: &str = "/actions/service/change";

/// The page of a service.
#[component]
pub fn ServicePage() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(ServicesRead)?;
        let name = param("name");
        let list = ListUrl::read(format!("/admin/services/{}", percent_encode(&name)));
        let engine = context.engine();
        let service = engine.service(&proof, &name).await?;
        let filter = AccessGrantFilter {
            user: None,
            service: Some(name.clone()),
        };
        let grants = match context.authorize(GrantsRead) {
            Ok(proof) => Some(engine.list_grants(&proof, &filter, list.query()).await?),
            Err(_) => None,
        };
        let users = match context.authorize(UsersRead) {
            Ok(proof) => super::grant::users(engine, &proof).await?,
            Err(_) => Vec::new(),
        };
        let clients = match context.authorize(ClientsRead) {
            Ok(proof) => engine.clients_of(&proof, service.id).await?,
            Err(_) => Vec::new(),
        };
        let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
        let listed = if hosts.is_empty() {
            m::SERVICE_NO_HOST.text()
        } else {
            format::listing(&hosts, 3)
        };
        let grant_count = m::count_grants(service.grants);
        let lead = m::service_lead(grant_count, listed, policy_sentence(service.policy));
        let proxy = proxy::section(&service)?;
        let open = hosts
            .first()
            .filter(|host| !host.starts_with('*'))
            .map(|host| format!("{}://{host}/", engine.public_url().scheme()));
        let open = open
            .map(|href| view! { <a class="button" href=href><Icon name="external"/>{m::OPEN}</a> });
        Ok(view! {
            <AppLayout title=name.clone() nav_item=NavItem::Services is_subpage=true>
                <div class="page-head">
                    <div>
                        <a class="crumb" href="/admin/services"><Icon name="chevron-left" class="icon-small"/>{m::NAV_SERVICES}</a>
                        <h1>{name.clone()}</h1>
                        <p class="lead">{lead}</p>
                        <InAuditLog field="service" value=name.clone()/>
                    </div>
                    {open}
                </div>
                <Notices/>
                <Rules service=service.clone()/>
                <RiskPolicySection service=service.clone()/>
                <Tokens service=service.clone()/>
                {grants.map(|grants| view! { <Matrix service=name grants=grants users=users list=list/> })}
                <AccessTokens service=service.clone() clients=clients/>
                {proxy}
                <Permitted to=Permission::ServicesWrite><Delete service=service/></Permitted>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Rules(service: ServiceView) -> impl IntoView {
    let name = service.name.to_string();
    let form = FormState::of(CHANGE).about("name", &name);
    let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
    let may_change = response::request_context().shows(Permission::ServicesWrite);
    view! {
        <section class="section" aria-labelledby="policy">
            <div class="section-head"><h2 id="policy">{m::POLICY}</h2><p>{m::POLICY_LEAD}</p></div>
            <div class="section-body">
                <form method="post" action=CHANGE><fieldset class="form" disabled=!may_change>
                    <input type="hidden" name="name" value=name/>
                    <Field
                        form=form.clone()
                        name="hosts"
                        label=m::HOSTS
                        hint=m::POLICY_HOSTS_HINT
                        class="input-mono"
                        value=hosts.join(" ")
                        optional=true
                    />
                    <PolicyFields form=form.clone() policy=service.policy/>
                    <RulesField form=form rules=service.rules.to_string()/>
                    <Permitted to=Permission::ServicesWrite><div class="button-row"><button class="button button-primary">{m::POLICY_SAVE}</button></div></Permitted>
                </fieldset></form>
            </div>
        </section>
    }
}

#[component]
fn Delete(service: ServiceView) -> impl IntoView {
    let name = service.name.to_string();
    let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
    let target = if hosts.is_empty() {
        name.clone()
    } else {
        format::listing(&hosts, 3)
    };
    let grants = m::count_grants(service.grants);
    let effect = m::service_delete(grants.clone());
    view! {
        <DangerZone name=name.clone() effect=effect action="/actions/service/delete" field=("name", name)>
            <p>{m::service_delete_lead(target)}</p>
            <ul>
                <li>{grants}</li>
                <li>{m::count_tokens(service.tokens.len())}</li>
            </ul>
            <p>{m::SERVICE_DELETE_NOTE}</p>
        </DangerZone>
    }
}
