//! `/admin/risk/networks`: what is said of networks.

use crate::{
    components::{
        app_layout::NavItem,
        choice_fields::Select,
        dialog::ConfirmDialog,
        empty::Empty,
        form_state::FormState,
        icon::Icon,
        list_page::ListPage,
        permitted::Permitted,
        table::{Column, DataTable},
        text_fields::Field,
        time::RelativeTime,
        toolbar::Filters,
    },
    list::ListUrl,
    messages::{Key, m},
    pages::{load, query},
    response,
};
use latchkey_domain::{
    access::permission::{Permission, RiskRead},
    risk::{AddressRange, NetworkVerdict},
};
use latchkey_engine::NetworkRuleView;
use leptos::prelude::*;

/// Its path.
pub(super) const PATH: &str = "/admin/risk/networks";

const FILTERS: &[(&str, Key)] = &[
    ("", m::ALL),
    ("block", m::NETWORK_BLOCKED),
    ("allow", m::NETWORK_ALLOWED),
];

const COLUMNS: &[Column] = &[
    Column::header(m::NETWORK).ascending("network").by_default(),
    Column::new(m::STATUS),
    Column::new(m::SINCE).descending("created"),
    Column::new(m::NETWORK_UNTIL).ascending("expires"),
    Column::actions(),
];

/// For how long, in days.
const LASTING: [(&str, Key); 5] = [
    ("1", m::NETWORK_FOR_DAY),
    ("7", m::NETWORK_FOR_WEEK),
    ("30", m::NETWORK_FOR_MONTH),
    ("365", m::NETWORK_FOR_YEAR),
    ("", m::NETWORK_FOR_GOOD),
];

const DEFAULT_LASTING: &str = "7";

/// What is said of networks.
#[component]
pub fn NetworkRules() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(RiskRead)?;
        let list = ListUrl::read(PATH);
        let rules = context
            .engine()
            .find_network_rules(&proof, list.query())
            .await?;
        let (page, total) = (rules.page, rules.total);
        let is_adding = query("add").is_some();
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NETWORKS_TITLE
                nav_item=NavItem::Risk
                is_subpage=true
                lead=m::NETWORKS_LEAD.text().into_any()
                action=view! { <Permitted to=Permission::RiskWrite><Add is_open=is_adding/></Permitted> }.into_any()
                list=list
                page=page
                total=total
                filters=Filters::new(m::STATUS, FILTERS)
                empty=view! { <Nothing/> }.into_any()
            >
                <DataTable caption=m::NETWORKS_TITLE list=table_list columns=COLUMNS items=rules.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

/// What is said of a network, as a badge.
pub(super) fn badge(verdict: NetworkVerdict) -> AnyView {
    match verdict {
        NetworkVerdict::Block => view! { <span class="badge badge-danger"><Icon name="ban"/>{m::NETWORK_BLOCKED}</span> }.into_any(),
        NetworkVerdict::Allow => view! { <span class="badge badge-strong"><Icon name="check"/>{m::NETWORK_ALLOWED}</span> }.into_any(),
    }
}

/// Whether this request comes from a network.
pub(super) fn is_of_this_request(network: &str) -> bool {
    let ip = response::request_context().facts().origin.ip;
    let range = network.parse::<AddressRange>();
    ip.zip(range.ok())
        .is_some_and(|(ip, range)| range.contains(ip))
}

fn row(rule: NetworkRuleView) -> Vec<AnyView> {
    let until = match rule.expires_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => m::NETWORK_FOR_GOOD.text().into_any(),
    };
    let network = rule.network.clone();
    vec![
        view! { <span class="mono">{network}</span> }.into_any(),
        badge(rule.verdict),
        view! { <RelativeTime at=rule.created_at/> }.into_any(),
        until,
        view! { <Permitted to=Permission::RiskWrite><Remove rule=rule.clone()/></Permitted> }
            .into_any(),
    ]
}

#[component]
fn Remove(rule: NetworkRuleView) -> impl IntoView {
    let (id, network) = (rule.id.to_string(), rule.network);
    let dialog = format!("remove-{id}");
    let text = match rule.verdict {
        NetworkVerdict::Block => m::NETWORK_REMOVE_BLOCK,
        NetworkVerdict::Allow => m::NETWORK_REMOVE_ALLOW,
    };
    view! {
        <button type="button" class="button button-danger button-quiet" popovertarget=dialog.clone() aria-label=m::remove_name(network.as_str()).text()><Icon name="trash"/>{m::REMOVE}</button>
        <ConfirmDialog id=dialog title=m::remove_title(network) action="/actions/risk/remove" fields=vec![("id", id)] verb=m::REMOVE>
            <p>{text}</p>
        </ConfirmDialog>
    }
}

/// For how long something is said of a network.
#[component]
pub(super) fn Lasting(
    /// The id of the field.
    id: String,
) -> impl IntoView {
    let options = LASTING.map(|(days, label)| view! { <option value=days selected=days == DEFAULT_LASTING>{label}</option> });
    view! {
        <div class="field">
            <label for=id.clone()>{m::NETWORK_FOR}</label>
            <select class="select" id=id name="days">{options.collect_view()}</select>
        </div>
    }
}

#[component]
fn Add(is_open: bool) -> impl IntoView {
    let form = FormState::of("/actions/risk/rule");
    let has_failed = form.has_failed();
    let options = |list: &[(&str, Key)]| -> Vec<(String, String)> {
        let options = list.iter();
        options
            .map(|(value, label)| ((*value).to_owned(), label.text()))
            .collect()
    };
    let verdicts = options(&[("block", m::NETWORK_BLOCK), ("allow", m::NETWORK_ALLOW)]);
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>{m::NETWORK_ADD}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action="/actions/risk/rule">
                    <p class="quiet">{m::NETWORK_ADD_LEAD}</p>
                    <Field form=form.clone() name="network" label=m::NETWORK hint=m::NETWORK_HINT class="input-mono" maxlength=64 autofocus=is_open && !has_failed/>
                    <Select form=form.clone() name="verdict" label=m::NETWORK_SAY options=verdicts/>
                    <Select form=form name="days" label=m::NETWORK_FOR options=options(&LASTING) value=DEFAULT_LASTING/>
                    <div class="button-row"><button class="button button-primary">{m::NETWORK_SUBMIT}</button></div>
                </form>
            </div>
        </details>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <Empty icon="ban" title=m::NETWORKS_NONE is_whole_page=true>
            <p>{m::NETWORKS_NONE_LEAD}</p>
            <pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey risk block 198.51.100.0/24 --for 7d"</code></pre>
        </Empty>
    }
}
