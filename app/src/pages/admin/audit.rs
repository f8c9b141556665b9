//! `/admin/audit`: the audit log, whose entries form a hash chain.

use super::event::{about, by, changes};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        icon::Icon,
        list_page::ListPage,
        notice::{Notice, Tone},
        table::{Column, DataTable},
        time::RelativeTime,
        toolbar::Filters,
    },
    list::ListUrl,
    pages::{load, query},
    response,
};
use latchkey_domain::audit::event::{Action, Event};
use latchkey_engine::ChainReport;
use leptos::prelude::*;
use std::sync::LazyLock;

/// The nouns of the log, and their labels.
const NOUNS: &[(&str, &str)] = &[
    ("session", "Sign-ins"),
    ("user", "Users"),
    ("device", "Devices"),
    ("passkey", "Passkeys"),
    ("totp", "Authenticator apps"),
    ("service", "Services"),
    ("grant", "Grants"),
    ("setup", "Setup"),
    ("backup", "Backups"),
];

/// Each noun, followed by its actions.
static OPTIONS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let actions = |noun: &'static str| {
        Action::ALL
            .iter()
            .filter(move |action| action.as_str().split('.').next() == Some(noun))
    };
    let of_noun = |noun: &(&'static str, &'static str)| {
        std::iter::once(*noun)
            .chain(actions(noun.0).map(|action| (action.as_str(), action.sentence())))
            .collect::<Vec<_>>()
    };
    std::iter::once(("", "All events"))
        .chain(NOUNS.iter().flat_map(of_noun))
        .collect()
});

const COLUMNS: &[Column] = &[
    Column::number("Entry"),
    Column::new("Time").descending("time").by_default(),
    Column::header("Event"),
    Column::new("Actor"),
    Column::new("IP address").class("mono"),
];

/// The audit log.
#[component]
pub fn Audit() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let list = ListUrl::read("/admin/audit");
        let wants_check = query("verify").as_deref() == Some("1");
        let events = context
            .engine()
            .list_events(&administrator, list.query())
            .await?;
        let report = if wants_check {
            Some(context.engine().verify_audit_chain(&administrator).await?)
        } else {
            None
        };
        let (page, total) = (events.page, events.total);
        let verify = if report.is_some() {
            "Verify again"
        } else {
            "Verify chain"
        };
        let filters = Filters {
            label: "Event",
            options: &OPTIONS,
        };
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title="Audit log"
                nav_item=NavItem::Audit
                lead=view! { "Every change and every refused sign-in. Hash-chained. Export with: "<code>"latchkey audit export"</code> }.into_any()
                action=view! { <div class="button-row"><a class="button" href="/admin/audit?verify=1"><Icon name="shield"/>{verify}</a></div> }.into_any()
                notice=report.map(|report| view! { <Chain report=report/> }.into_any())
                list=list
                page=page
                total=total
                filters=filters
                empty=view! { <Empty icon="audit" title="No entries yet" is_whole_page=true><p>"Changes and refused sign-ins are listed here."</p></Empty> }.into_any()
            >
                <DataTable caption="Audit entries" list=table_list columns=COLUMNS items=events.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

/// What verifying the chain does not detect.
const TRUNCATION: &str = "Entries missing at the end are detected only with a checkpoint stored elsewhere: latchkey audit verify --against FILE";

#[component]
fn Chain(report: ChainReport) -> impl IntoView {
    let (tone, message) = match report {
        ChainReport::Intact { entries: 1 } => (
            Tone::Success,
            format!("The chain is intact. It has 1 entry. {TRUNCATION}"),
        ),
        ChainReport::Intact { entries } => (
            Tone::Success,
            format!("The chain is intact. All {entries} entries match their hashes. {TRUNCATION}"),
        ),
        ChainReport::Broken { seq } => (
            Tone::Error,
            format!(
                "The chain is broken at entry {seq}. Its hash does not match the entry before it: the database was changed from outside Latchkey. Make a backup before anything else: latchkey backup FILE"
            ),
        ),
    };
    view! { <Notice tone=tone message=message/> }
}

fn row(event: Event) -> Vec<AnyView> {
    let is_refusal = Action::from_word(&event.action) == Some(Action::SignInRefused);
    let refused = is_refusal
        .then(|| view! { <span class="badge badge-danger"><Icon name="ban"/>"Refused"</span>" " });
    let detail = (!event.detail.is_empty()).then(|| format!(" {}", event.detail));
    let by = match event.actor.as_str() {
        "anonymous" => view! { <span class="quiet">"Not signed in"</span> }.into_any(),
        "operator" => "Operator".into_any(),
        _ => by(&event),
    };
    let ip = event.ip.clone();
    vec![
        event.seq.into_any(),
        view! { <RelativeTime at=event.time/> }.into_any(),
        view! {
            <span>{event.sentence().to_owned()}{about(&event)}</span>
            <span class="cell-sub">{refused}<code>{event.action.clone()}</code>{detail}</span>
            {changes(event)}
        }
        .into_any(),
        by,
        ip.into_any(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_filtered_for() {
        for action in Action::ALL {
            assert!(
                OPTIONS.iter().any(|(value, _)| *value == action.as_str()),
                "{action}"
            );
        }
        assert_eq!(OPTIONS.first().map(|(value, _)| *value), Some(""));
    }
}
