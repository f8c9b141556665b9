//! `/activity`: everything that happened on my account.

use super::load;
use crate::{
    components::{
        address::Address,
        app_layout::NavItem,
        empty::Empty,
        event_filter::{EventFilterForm, exports},
        list_page::ListPage,
        notice::{Notice, Tone},
        risk::risk_reasons,
        toolbar::Filters,
    },
    format,
    messages::{Key, m, with_element},
    own_event::OwnEvent,
    response,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    audit::{
        event::{Action, EventView},
        filter::FilterField,
    },
    pagination::Page,
};
use leptos::prelude::*;
use time::Date;

/// Kinds of events of one's own.
const KINDS: &[(&str, Key)] = &[
    ("", m::AUDIT_ALL),
    ("session", m::AUDIT_SIGN_INS),
    ("device", m::NAV_DEVICES),
    ("passkey", m::PASSKEYS),
    ("totp", m::AUDIT_AUTHENTICATOR_APPS),
    ("grant", m::GRANTS),
    ("token", m::PROGRAMS),
    ("user", m::ACTIVITY_ACCOUNT),
];

/// Fields of the filter.
pub const FIELDS: &[FilterField] = &[FilterField::Since, FilterField::Until];

/// The activity page.
#[component]
pub fn Activity() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?;
        let form = EventFilterForm::read("/activity", FIELDS);
        let list = form.list().clone();
        let events = match form.filter() {
            Some(filter) => {
                let engine = context.engine();
                engine.my_events(current_user, filter, list.query()).await?
            }
            None => Page::default(),
        };
        let copies = exports(&list, "/activity/export").into_any();
        let is_rejected = form.filter().is_none();
        let today = context.engine().now().date();
        let (page, total) = (events.page, events.total);
        let days = by_day(events.items).into_iter().map(|(day, events)| {
            let items = events
                .into_iter()
                .map(|event| item(&event, current_user))
                .collect_view();
            view! {
                <h2 class="timeline-day">{format::day(day, today)}</h2>
                <ol class="timeline">{items}</ol>
            }
        });
        let days = days.collect_view();
        Ok(view! {
            <ListPage
                title=m::NAV_ACTIVITY
                nav_item=NavItem::Activity
                lead=with_element(m::activity_lead, view! { <a href="/devices">{m::ACTIVITY_REVOKE}</a> })
                list=list
                page=page
                total=total
                action=copies
                notice=is_rejected.then(|| view! { <Notice tone=Tone::Error message=m::FILTER_REJECTED/> }.into_any())
                is_searchable=false
                filters=Filters::new(m::AUDIT_EVENT, KINDS)
                more_filters=form.disclosed(FIELDS)
                is_rejected=is_rejected
                empty=view! { <Empty icon="activity" title=m::ACTIVITY_NONE is_whole_page=true><p>{m::ACTIVITY_NONE_LEAD}</p></Empty> }.into_any()
            >
                {days}
            </ListPage>
        }
        .into_any())
    })
}

/// Groups the events by day; they come newest first.
fn by_day(events: Vec<EventView>) -> Vec<(Date, Vec<EventView>)> {
    let mut days: Vec<(Date, Vec<EventView>)> = Vec::new();
    for event in events {
        let day = event.time.date();
        match days.last_mut() {
            Some((last, run)) if *last == day => run.push(event),
            _ => days.push((day, vec![event])),
        }
    }
    days
}

fn item(event: &EventView, current_user: &CurrentUser) -> impl IntoView + use<> {
    let own = OwnEvent::of(event, current_user);
    let from = match (own.device.as_str(), event.client) {
        ("", _) => String::new(),
        (device, None) => m::activity_from(device).text(),
        (device, Some(_)) => m::activity_approved_on(device).text(),
    };
    let text = |text: String| (!text.is_empty()).then(|| text.into_any());
    let address = event
        .ip
        .clone()
        .map(|ip| view! { <Address ip=ip/> }.into_any());
    let parts = [text(own.by), text(from), address, text(own.detail)];
    let meta = (parts.into_iter().flatten().enumerate())
        .map(|(place, part)| view! { {(place > 0).then_some(" · ")}{part} })
        .collect_view();
    let target = (!own.target.is_empty()).then(|| view! { ": "<b>{own.target}</b> });
    view! {
        <li data-emphasis=emphasis(event)>
            <time class="timeline-time" datetime=format::rfc3339(event.time) title=format::exact(event.time).text()>{format::clock(event.time)}</time>
            <div>
                <p>{own.event}{target}"."</p>
                <p class="timeline-meta">{meta}</p>
                {risk_reasons(event)}
            </div>
        </li>
    }
}

/// How an event is highlighted: a refusal most of all, then changes of who can sign in, act, or read everything.
pub(super) fn emphasis(event: &EventView) -> Option<&'static str> {
    use Action as A;
    match Action::from_word(&event.action)? {
        A::SignInRefused
        | A::SignInsRefused
        | A::CodeLockoutStarted
        | A::DeviceApprovalDenied
        | A::TokenReplayed => Some("danger"),
        A::SetupLinked
        | A::UserInvited
        | A::UserRecovered
        | A::UserExported
        | A::UserDisabled
        | A::UserDeleted
        | A::UserRoleChanged
        | A::UserSignInChanged
        | A::TotpProvisioned
        | A::TotpConfirmed
        | A::TotpRemoved
        | A::RecoveryCodesMade
        | A::RecoveryStarted
        | A::RecoveryConfirmed
        | A::RecoveryCancelled
        | A::DeviceRegistered
        | A::DeviceProbed
        | A::DeviceApproved
        | A::DeviceApprovalGranted
        | A::DeviceAssessed
        | A::DeviceRevoked
        | A::PasskeyAdded
        | A::PasskeyRemoved
        | A::ClientAdded
        | A::ClientSecretRotated
        | A::TokenApproved
        | A::AuditPruned
        // Less is compared from now on, or with other hands.
        | A::BehaviourExempted
        | A::BehaviourPractised
        | A::BackupRestored => Some("mark"),
        A::UserAdded
        | A::EnrolmentLinkRevoked
        | A::CodeLockoutLifted
        | A::UserEnabled
        | A::RoleAdded
        | A::RoleChanged
        | A::RoleDeleted
        | A::RecoveryMailRequested
        | A::DeviceRenamed
        | A::DeviceWeakened
        | A::NetworkRuleAdded
        | A::NetworkRuleRemoved
        | A::BaselineErased
        | A::BehaviourIncluded
        | A::BehaviourErased
        | A::SignedIn
        | A::SignedOut
        | A::PasskeyRenamed
        | A::MailRetried
        | A::MailDiscarded
        | A::ServiceAdded
        | A::ServiceChanged
        | A::ServiceTokenRotated
        | A::ServiceDeleted
        | A::GrantAdded
        | A::GrantChanged
        | A::GrantRemoved
        | A::ClientDeleted
        | A::TokenDenied
        | A::TokenFamilyStarted
        | A::TokenFamilyEnded
        | A::TokenIssued
        | A::TokenRevoked
        | A::KeyRotated
        | A::MasterKeyRotated
        | A::BackupMade => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, OffsetDateTime};

    #[test]
    fn events_are_grouped_by_day() {
        let event = |hours_ago: i64| EventView {
            seq: 1,
            time: OffsetDateTime::UNIX_EPOCH + Duration::days(10) - Duration::hours(hours_ago),
            actor: String::new(),
            actor_name: String::new(),
            action: "session.signed_in".to_owned(),
            target: String::new(),
            target_name: String::new(),
            ip: None,
            detail: String::new(),
            changes: Vec::new(),
            device: None,
            device_name: None,
            session: None,
            client: None,
        };
        let sizes: Vec<_> = by_day(vec![event(1), event(2), event(30), event(31), event(60)])
            .iter()
            .map(|(_, run)| run.len())
            .collect();
        assert_eq!(sizes, [2, 2, 1]);
    }
}
