//! `/admin/audit`: the audit log, whose entries form a hash chain.

use super::{
    event::{about, by, changes},
    unsealed::UnsealedNotice,
};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        event_filter::{EventFilterForm, exports},
        icon::Icon,
        list_page::ListPage,
        notice::{Notice, Tone},
        table::{Column, DataTable},
        time::RelativeTime,
        toolbar::Filters,
    },
    messages::{Key, action, m, with_element},
    pages::{load, query},
    response,
};
use latchkey_domain::access::permission::AuditRead;
use latchkey_domain::{
    audit::{
        event::{Action, EventView},
        filter::FilterField,
    },
    pagination::Page,
};
use latchkey_engine::ChainReport;
use leptos::prelude::*;

/// The nouns of the log, and their labels.
const NOUNS: &[(&str, Key)] = &[
    ("session", m::AUDIT_SIGN_INS),
    ("user", m::NAV_USERS),
    ("role", m::NAV_ROLES),
    ("device", m::NAV_DEVICES),
    ("passkey", m::PASSKEYS),
    ("totp", m::AUDIT_AUTHENTICATOR_APPS),
    ("service", m::NAV_SERVICES),
    ("grant", m::GRANTS),
    ("client", m::NAV_CLIENTS),
    ("token", m::ACCESS_TOKENS),
    ("mail", m::NAV_MAILS),
    ("setup", m::AUDIT_SETUP),
    ("key", m::AUDIT_KEYS),
    ("backup", m::AUDIT_BACKUPS),
];

/// Each noun, followed by its actions.
fn options() -> Vec<(&'static str, String)> {
    let of_noun = |noun: &'static str| {
        Action::ALL
            .iter()
            .filter(move |action| action.as_str().split('.').next() == Some(noun))
            .map(|action| (action.as_str(), action::sentence(*action).text()))
    };
    let nouns = NOUNS
        .iter()
        .flat_map(|(noun, label)| std::iter::once((*noun, label.text())).chain(of_noun(noun)));
    std::iter::once(("", m::AUDIT_ALL.text()))
        .chain(nouns)
        .collect()
}

const COLUMNS: &[Column] = &[
    Column::number(m::AUDIT_ENTRY),
    Column::new(m::AUDIT_TIME).descending("time").by_default(),
    Column::header(m::AUDIT_EVENT),
    Column::new(m::AUDIT_ACTOR),
    Column::new(m::IP_ADDRESS).class("mono"),
];

/// The audit log.
#[component]
pub fn Audit() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(AuditRead)?;
        let form = EventFilterForm::read("/admin/audit", &FilterField::ALL);
        let list = form.list().clone();
        let wants_check = query("verify").as_deref() == Some("1");
        let events = match form.filter() {
            Some(filter) => {
                let engine = context.engine();
                engine.find_events(&proof, filter, list.query()).await?
            }
            None => Page::default(),
        };
        let copies = exports(&list, "/admin/audit/export");
        let is_rejected = form.filter().is_none();
        let report = if wants_check {
            let engine = context.engine();
            let report = engine.verify_audit_chain(&proof).await?;
            Some((report, engine.unsealed_events(&proof).await?))
        } else {
            None
        };
        let (page, total) = (events.page, events.total);
        let verify = if report.is_some() {
            m::AUDIT_VERIFY_AGAIN
        } else {
            m::AUDIT_VERIFY
        };
        let filters = Filters {
            label: m::AUDIT_EVENT,
            options: options(),
        };
        let table_list = list.clone();
        let notice = match report {
            Some((report, unsealed)) => {
                Some(view! { <Chain report=report/><UnsealedNotice unsealed=unsealed/> }.into_any())
            }
            None => is_rejected.then(|| {
                view! { <Notice tone=Tone::Error message=m::FILTER_REJECTED/> }.into_any()
            }),
        };
        Ok(view! {
            <ListPage
                title=m::NAV_AUDIT
                nav_item=NavItem::Audit
                lead=with_element(m::audit_lead, view! { <code>"latchkey audit export"</code> })
                action=view! { <a class="button" href="/admin/audit?verify=1"><Icon name="shield"/>{verify}</a>{copies} }.into_any()
                notice=notice
                list=list
                page=page
                total=total
                filters=filters
                more_filters=form.disclosed(&FilterField::ALL)
                is_rejected=is_rejected
                empty=view! { <Empty icon="audit" title=m::AUDIT_NONE is_whole_page=true><p>{m::AUDIT_NONE_LEAD}</p></Empty> }.into_any()
            >
                <DataTable caption=m::AUDIT_ENTRIES list=table_list columns=COLUMNS items=events.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

#[component]
fn Chain(report: ChainReport) -> impl IntoView {
    let (tone, message) = match report {
        ChainReport::Intact { entries } => (
            Tone::Success,
            format!(
                "{} {}",
                m::audit_intact(entries).text(),
                m::AUDIT_TRUNCATION.text()
            ),
        ),
        ChainReport::Broken { seq } => (Tone::Error, m::audit_broken(seq.to_string()).text()),
    };
    view! { <Notice tone=tone message=message/> }
}

fn row(event: EventView) -> Vec<AnyView> {
    let is_refusal =
        Action::from_word(&event.action).is_some_and(|action| Action::REFUSALS.contains(&action));
    let refused = is_refusal.then(
        || view! { <span class="badge badge-danger"><Icon name="ban"/>{m::REFUSED}</span>" " },
    );
    let detail = (!event.detail.is_empty()).then(|| format!(" {}", event.detail));
    let by = match event.actor.as_str() {
        "anonymous" => view! { <span class="quiet">{m::NOT_SIGNED_IN}</span> }.into_any(),
        "operator" => m::OPERATOR.text().into_any(),
        _ => by(&event),
    };
    let ip = event.ip.clone();
    vec![
        event.seq.into_any(),
        view! { <RelativeTime at=event.time/> }.into_any(),
        view! {
            <span>{action::sentence_of(&event)}{about(&event)}</span>
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
        let options = options();
        for action in Action::ALL {
            assert!(
                options.iter().any(|(value, _)| *value == action.as_str()),
                "{action}"
            );
        }
        assert_eq!(options.first().map(|(value, _)| *value), Some(""));
    }
}
