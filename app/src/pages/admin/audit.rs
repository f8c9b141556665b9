//! `/admin/audit`: the audit log, whose entries form a hash chain.

use super::{
    audit_check::{CHECK_WAIT, CheckUnderWay, Outcome, asked_check},
    audit_live::{live_status, live_switch},
    event::{about, by, changes, from},
};
use crate::{
    components::{
        app_layout::NavItem,
        empty::Empty,
        event_filter::{EventFilterForm, exports},
        icon::Icon,
        list_page::ListPage,
        notice::{Notice, Tone},
        risk::risk_reasons,
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
use leptos::prelude::*;

/// The nouns of the log, and their labels.
const NOUNS: &[(&str, Key)] = &[
    ("session", m::AUDIT_SIGN_INS),
    ("user", m::NAV_USERS),
    ("role", m::NAV_ROLES),
    ("device", m::NAV_DEVICES),
    ("passkey", m::PASSKEYS),
    ("totp", m::AUDIT_AUTHENTICATOR_APPS),
    ("recovery", m::AUDIT_RECOVERY),
    ("risk", m::AUDIT_RISK),
    ("service", m::NAV_SERVICES),
    ("grant", m::GRANTS),
    ("client", m::NAV_CLIENTS),
    ("token", m::ACCESS_TOKENS),
    ("mail", m::NAV_MAILS),
    ("setup", m::AUDIT_SETUP),
    ("key", m::AUDIT_KEYS),
    ("backup", m::AUDIT_BACKUPS),
    ("audit", m::NAV_AUDIT),
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

/// Its path.
pub(super) const PATH: &str = "/admin/audit";

pub(super) const COLUMNS: &[Column] = &[
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
        let check = match asked_check() {
            Some(number) => {
                let engine = context.engine();
                Some(engine.verification(&proof, number, CHECK_WAIT).await?)
            }
            None => None,
        };
        if let Some(check) = check.clone().filter(|check| check.outcome.is_none()) {
            return Ok(view! { <CheckUnderWay check=check/> }.into_any());
        }
        let form = EventFilterForm::read(PATH, &FilterField::ALL);
        let list = form.list().clone();
        let events = match form.filter() {
            Some(filter) => {
                let engine = context.engine();
                engine.find_events(&proof, filter, list.query()).await?
            }
            None => Page::default(),
        };
        let is_rejected = form.filter().is_none();
        // On other pages and in other orders, the newest entry is not at the top.
        let is_newest_first = events.page == 1 && matches!(&*list.sort(), "" | "-time");
        let live = is_newest_first && !is_rejected;
        let is_live = live && query("live").as_deref() == Some("1");
        let newest = match is_live {
            true => context.engine().last_entry(&proof).await?,
            false => 0,
        };
        let (page, total) = (events.page, events.total);
        let filters = Filters {
            label: m::AUDIT_EVENT,
            options: options(),
        };
        let notice = match check.and_then(|check| check.outcome) {
            Some(outcome) => Some(view! { <Outcome outcome=outcome/> }.into_any()),
            None if is_rejected => {
                Some(view! { <Notice tone=Tone::Error message=m::FILTER_REJECTED/> }.into_any())
            }
            None => is_live.then(|| live_status(&list, newest).into_any()),
        };
        let copies = exports(&list, "/admin/audit/export");
        let switch = live.then(|| live_switch(&list, is_live));
        let table_list = list.clone();
        Ok(view! {
            <ListPage
                title=m::NAV_AUDIT
                nav_item=NavItem::Audit
                lead=with_element(m::audit_lead, view! { <code>"latchkey audit export"</code> })
                action=view! { <div class="button-row">{switch}<a class="button" href="/admin/audit?verify=1"><Icon name="shield"/>{m::AUDIT_VERIFY}</a>{copies}</div> }.into_any()
                notice=notice
                list=list
                page=page
                total=total
                filters=filters
                more_filters=form.disclosed(&FilterField::ALL)
                is_rejected=is_rejected
                is_live=is_live
                empty=view! { <Empty icon="audit" title=m::AUDIT_NONE is_whole_page=true><p>{m::AUDIT_NONE_LEAD}</p></Empty> }.into_any()
            >
                <DataTable caption=m::AUDIT_ENTRIES list=table_list columns=COLUMNS items=events.items row=row/>
            </ListPage>
        }
        .into_any())
    })
}

/// The cells of an entry.
pub(super) fn row(event: EventView) -> Vec<AnyView> {
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
    let (from, ip) = (from(&event), event.ip.clone());
    vec![
        event.seq.into_any(),
        view! { <RelativeTime at=event.time/> }.into_any(),
        view! {
            <span>{action::sentence_of(&event)}{about(&event)}</span>
            <span class="cell-sub">{refused}<code>{event.action.clone()}</code>{detail}</span>
            {risk_reasons(&event)}
            {changes(event)}
        }
        .into_any(),
        view! { {by}{from} }.into_any(),
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
