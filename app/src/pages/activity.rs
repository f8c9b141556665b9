//! `/activity`: everything that happened on my account.

use super::load;
use crate::{
    components::{app_layout::NavItem, empty::Empty, list_page::ListPage},
    format,
    list::ListUrl,
    messages::{action, m, with_element},
    response,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    audit::event::{Action, EventView},
};
use leptos::prelude::*;
use time::Date;

/// The activity page.
#[component]
pub fn Activity() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?;
        let list = ListUrl::read("/activity");
        let events = context
            .engine()
            .my_events(current_user, list.query())
            .await?;
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
                is_searchable=false
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
    let target = (!event.target_name.is_empty()
        && event.target_name != current_user.email.as_str())
    .then(|| view! { ": "<b>{event.target_name.clone()}</b> });
    view! {
        <li data-emphasis=emphasis(event)>
            <time class="timeline-time" datetime=format::rfc3339(event.time) title=format::exact(event.time).text()>{format::clock(event.time)}</time>
            <div>
                <p>{sentence(event)}{target}"."</p>
                <p class="timeline-meta">{meta(event, current_user)}</p>
            </div>
        </li>
    }
}

/// What happened, addressed to the user it happened to.
fn sentence(event: &EventView) -> String {
    let sentence = match Action::from_word(&event.action) {
        Some(Action::UserAdded) => m::ACTIVITY_USER_ADDED,
        Some(Action::UserInvited) => m::ACTIVITY_USER_INVITED,
        Some(Action::UserRoleChanged) => m::ACTIVITY_ROLE_CHANGED,
        Some(Action::GrantAdded) => m::ACTIVITY_GRANT_ADDED,
        Some(Action::GrantRemoved) => m::ACTIVITY_GRANT_REMOVED,
        Some(Action::DeviceProbed) => m::ACTIVITY_PROBED,
        _ => return action::sentence_of(event),
    };
    sentence.text()
}

/// How or why, where the log only has a keyword.
fn detail(event: &EventView) -> String {
    use Action::{DeviceRegistered, SignedIn, UserAdded, UserRoleChanged};
    let text = match (Action::from_word(&event.action), event.detail.as_str()) {
        (Some(DeviceRegistered | SignedIn), "link") => m::ACTIVITY_WITH_LINK,
        (Some(DeviceRegistered | SignedIn), "code") => m::ACTIVITY_WITH_CODE,
        (Some(DeviceRegistered | SignedIn), "passkey") => m::ACTIVITY_WITH_PASSKEY,
        (Some(DeviceRegistered), "approval") => m::ACTIVITY_BY_APPROVAL,
        (Some(UserAdded | UserRoleChanged), "member") => m::ACTIVITY_AS_MEMBER,
        (Some(UserAdded | UserRoleChanged), "admin") => m::ACTIVITY_AS_ADMINISTRATOR,
        (Some(UserAdded), "first administrator") => m::ACTIVITY_AS_FIRST_ADMINISTRATOR,
        (_, detail) => return detail.to_owned(),
    };
    text.text()
}

/// Who, from where and why, as far as it is not obvious.
fn meta(event: &EventView, current_user: &CurrentUser) -> String {
    let is_mine = event.actor_name == current_user.email.as_str();
    let who = match event.actor.as_str() {
        _ if is_mine => String::new(),
        "anonymous" => m::ACTIVITY_BY_ANONYMOUS.text(),
        "operator" => m::ACTIVITY_BY_OPERATOR.text(),
        "system" => m::ACTIVITY_BY_LATCHKEY.text(),
        _ => m::activity_by(event.actor_name.as_str()).text(),
    };
    let parts = [who, event.ip.clone().unwrap_or_default(), detail(event)];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// How an event is highlighted: a refusal most of all, then changes of who can sign in.
pub(super) fn emphasis(event: &EventView) -> Option<&'static str> {
    use Action::{
        ClientAdded, ClientSecretRotated, DeviceProbed, DeviceRegistered, DeviceRevoked,
        PasskeyAdded, PasskeyRemoved, SignInRefused, TokenApproved, TokenReplayed, TotpConfirmed,
        TotpProvisioned, UserDisabled, UserRoleChanged,
    };
    match Action::from_word(&event.action)? {
        SignInRefused | TokenReplayed => Some("danger"),
        ClientAdded | ClientSecretRotated | DeviceProbed | DeviceRegistered | DeviceRevoked
        | PasskeyAdded | PasskeyRemoved | TokenApproved | TotpConfirmed | TotpProvisioned
        | UserDisabled | UserRoleChanged => Some("mark"),
        _ => None,
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
        };
        let sizes: Vec<_> = by_day(vec![event(1), event(2), event(30), event(31), event(60)])
            .iter()
            .map(|(_, run)| run.len())
            .collect();
        assert_eq!(sizes, [2, 2, 1]);
    }
}
