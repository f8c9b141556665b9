//! `/admin/services/{name}`: one service, with its policy, tokens, grants and proxy configuration.

use super::{
    matrix::Matrix,
    policy::{PolicyFields, RulesField, policy_sentence},
    proxy,
    token::Tokens,
};
use crate::{
    address::escape,
    components::{
        app_layout::{AppLayout, NavItem},
        danger_zone::DangerZone,
        field::{Field, FormState},
        icon::Icon,
        notice::Notices,
    },
    format,
    list::ListUrl,
    pages::{load, param},
    response,
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
        let administrator = context.administrator()?;
        let name = param("name");
        let list = ListUrl::read(format!("/admin/services/{}", escape(&name)));
        let engine = context.engine();
        let service = engine.service(&administrator, &name).await?;
        let filter = AccessGrantFilter {
            user: None,
            service: Some(name.clone()),
        };
        let grants = engine
            .list_grants(&administrator, &filter, list.query())
            .await?;
        let users = super::grant::users(engine, &administrator).await?;
        let hosts: Vec<_> = service.hosts.iter().map(ToString::to_string).collect();
        let lead = format!(
            "{}. {} {}.",
            if hosts.is_empty() {
                "No host yet".to_owned()
            } else {
                format::listing(&hosts, 3)
            },
            policy_sentence(service.policy),
            format::count(service.grants, "grant")
        );
        let proxy = proxy::section(&service)?;
        let open = hosts
            .first()
            .filter(|host| !host.starts_with('*'))
            .map(|host| format!("{}://{host}/", engine.public_url().scheme()));
        let open = open
            .map(|href| view! { <a class="button" href=href><Icon name="external"/>"Open"</a> });
        Ok(view! {
            <AppLayout title=name.clone() nav_item=NavItem::Services is_subpage=true>
                <div class="page-head">
                    <div>
                        <a class="crumb" href="/admin/services"><Icon name="chevron-left" class="icon-small"/>"Services"</a>
                        <h1>{name.clone()}</h1>
                        <p class="lead">{lead}</p>
                    </div>
                    {open}
                </div>
                <Notices/>
                <Rules service=service.clone()/>
                <Tokens service=service.clone()/>
                <Matrix service=name grants=grants users=users list=list/>
                {proxy}
                <Delete service=service/>
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
    view! {
        <section class="section" aria-labelledby="policy">
            <div class="section-head"><h2 id="policy">"Hosts and policy"</h2><p>"The host names of the service, the assurance it requires, and the rules for its paths."</p></div>
            <div class="section-body">
                <form class="form" method="post" action=CHANGE>
                    <input type="hidden" name="name" value=name/>
                    <Field
                        form=form.clone()
                        name="hosts"
                        label="Hosts"
                        hint="Separate with spaces. The tile on the users’ start page links to the first."
                        class="input-mono"
                        value=hosts.join(" ")
                        optional=true
                    />
                    <PolicyFields form=form.clone() policy=service.policy/>
                    <RulesField form=form rules=service.rules.to_string()/>
                    <div class="button-row"><button class="button button-primary">"Save hosts and policy"</button></div>
                </form>
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
    let grants = format::count(service.grants, "grant");
    let effect = format!(
        "Deletes its tokens and {grants}. From then on, requests from the proxy are refused."
    );
    view! {
        <DangerZone name=name.clone() effect=effect action="/actions/service/delete" field=("name", name)>
            <p>{format!("All access to {target} ends within a second. These are deleted with it:")}</p>
            <ul>
                <li>{grants}</li>
                <li>{format::count(service.tokens.len() as u64, "token")}</li>
            </ul>
            <p>"This cannot be undone. A new service of the same name gets new pseudonyms."</p>
        </DangerZone>
    }
}
