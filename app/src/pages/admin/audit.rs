//! `/admin/audit`: everything that happened, each entry sealed to the one before it.

use super::event::{about, by, changes};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        empty::{Empty, NothingFound},
        icon::Icon,
        moment::Moment,
        notice::{Notice, Notices, Tone},
        table::{Pager, SortHead, Toolbar},
    },
    list::ListUrl,
    pages::{load, query},
    response,
};
use latchkey_domain::audit::event::{Action, Event};
use latchkey_engine::ChainReport;
use leptos::prelude::*;
use std::sync::LazyLock;

/// The nouns of the log and their words.
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

/// Each noun with its actions below it.
static FILTERS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
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
        let check = if report.is_some() {
            "Verify again"
        } else {
            "Verify chain"
        };
        let table = if total > 0 {
            view! { <Table events=events.items list=list.clone()/> }.into_any()
        } else if list.is_narrowed() {
            view! { <NothingFound search=list.query().search.clone() everything=list.everything()/> }.into_any()
        } else {
            view! { <Empty icon="audit" title="No entries yet" is_whole_page=true><p>"Changes and refused sign-ins are listed here."</p></Empty> }.into_any()
        };
        Ok(view! {
            <AppLayout title="Audit log" place=NavItem::Audit>
                <div class="page-head">
                    <div>
                        <h1>"Audit log"</h1>
                        <p class="lead">"Every change and every refused sign-in. Hash-chained. Export with: "<code>"latchkey audit export"</code></p>
                    </div>
                    <a class="button" href="/admin/audit?verify=1"><Icon name="shield"/>{check}</a>
                </div>
                <Notices/>
                {report.map(|report| view! { <Chain report=report/> })}
                <Toolbar list=list.clone() filter_label="Event" filters=&FILTERS/>
                {table}
                <Pager list=list page=page total=total/>
            </AppLayout>
        }
        .into_any())
    })
}

/// What a chain alone does not show.
const ITS_END: &str = "Entries missing at the end are detected only with a checkpoint stored elsewhere: latchkey audit verify --against FILE";

#[component]
fn Chain(report: ChainReport) -> impl IntoView {
    let (tone, words) = match report {
        ChainReport::Intact { entries: 1 } => (
            Tone::Success,
            format!("The chain is intact. It has 1 entry. {ITS_END}"),
        ),
        ChainReport::Intact { entries } => (
            Tone::Success,
            format!("The chain is intact. All {entries} entries match their hashes. {ITS_END}"),
        ),
        ChainReport::Broken { seq } => (
            Tone::Error,
            format!(
                "The chain is broken at entry {seq}. Its hash does not match the entry before it: the database was changed from outside Latchkey. Make a backup before anything else: latchkey backup FILE"
            ),
        ),
    };
    view! { <Notice tone=tone words=words/> }
}

#[component]
fn Table(events: Vec<Event>, list: ListUrl) -> impl IntoView {
    let rows = events
        .into_iter()
        .map(|event| view! { <Row event=event/> })
        .collect_view();
    view! {
        <table class="table">
            <caption class="visually-hidden">"Audit entries"</caption>
            <thead>
                <tr>
                    <th scope="col" class="num">"Entry"</th>
                    <SortHead list=list column="time" label="Time" is_default=true newest_first=true/>
                    <th scope="col">"Event"</th>
                    <th scope="col">"Actor"</th>
                    <th scope="col">"IP address"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(event: Event) -> impl IntoView {
    let is_refusal = Action::from_word(&event.action) == Some(Action::SignInRefused);
    let refused = is_refusal
        .then(|| view! { <span class="badge badge-danger"><Icon name="ban"/>"Refused"</span>" " });
    let detail = (!event.detail.is_empty()).then(|| format!(" {}", event.detail));
    let by = match event.actor.as_str() {
        "anonymous" => view! { <span class="quiet">"Not signed in"</span> }.into_any(),
        "operator" => "Operator".into_any(),
        _ => by(&event),
    };
    view! {
        <tr>
            <td class="num" data-label="Entry">{event.seq}</td>
            <td data-label="Time"><Moment at=event.time/></td>
            <th scope="row"><span>{event.sentence().to_owned()}{about(&event)}</span><span class="cell-sub">{refused}<code>{event.action.clone()}</code>{detail}</span>{changes(event.clone())}</th>
            <td data-label="Actor">{by}</td>
            <td class="mono" data-label="IP address">{event.ip.clone()}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_filtered_for() {
        for action in Action::ALL {
            assert!(
                FILTERS.iter().any(|(value, _)| *value == action.as_str()),
                "{action}"
            );
        }
        assert_eq!(FILTERS.first().map(|(value, _)| *value), Some(""));
    }
}
