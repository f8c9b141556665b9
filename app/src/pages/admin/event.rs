//! Events of the audit log, with links to their actors and targets.

use crate::{
    components::{icon::Icon, time::RelativeTime},
    format,
    messages::{Key, action, m, with_element, with_elements},
    own_event::device_name,
    pages::activity::emphasis,
    url::percent_encode,
};
use latchkey_domain::{
    audit::event::{Action, EventView, FieldChange},
    risk::RiskNote,
};
use leptos::prelude::*;

/// An event as a line of the overview.
#[component]
pub fn EventLine(
    /// The event.
    event: EventView,
) -> impl IntoView {
    let when = view! { <RelativeTime at=event.time/> }.into_any();
    let by = with_elements(|[actor, time]| m::event_by(actor, time), [by(&event), when]);
    let rest: Vec<_> = [event.ip.clone().unwrap_or_default(), event.detail.clone()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let rest: String = rest.iter().map(|part| format!(" · {part}")).collect();
    view! {
        <li data-emphasis=emphasis(&event)>
            <time class="timeline-time" datetime=format::rfc3339(event.time) title=format::exact(event.time).text()>{format::clock(event.time)}</time>
            <div>
                <p>{action::sentence_of(&event)}{about(&event)}"."</p>
                <p class="timeline-meta">{by}{rest}</p>
            </div>
        </li>
    }
}

/// What an entry changed: a disclosure, since rules may be long. `None` if it changed no field.
#[must_use]
pub fn changes(mut event: EventView) -> Option<AnyView> {
    // How unusual it was is shown in words.
    event
        .changes
        .retain(|change| change.field != RiskNote::FIELD);
    if event.changes.is_empty() {
        return None;
    }
    let fields: Vec<_> = (event.changes.iter())
        .map(|change| change.field.replace('_', " "))
        .collect();
    let fields = fields.join(", ");
    let seq = event.seq;
    let items = event.changes.into_iter().map(field).collect_view();
    Some(
        view! {
            <details class="disclosure disclosure-small changes">
                <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::changes(fields)}<span class="visually-hidden">{m::changes_entry(seq.to_string())}</span></summary>
                <dl class="disclosure-body">{items}</dl>
            </details>
        }
        .into_any(),
    )
}

fn field(change: FieldChange) -> impl IntoView {
    let value = |label: Key, text: Option<String>| {
        let text = match text {
            Some(text) => view! { <code>{text}</code> }.into_any(),
            None => view! { <span class="quiet">{m::CHANGES_NOTHING}</span> }.into_any(),
        };
        view! { <dd><span class="changes-label">{label}</span>{text}</dd> }
    };
    view! {
        <div>
            <dt>{change.field.replace('_', " ")}</dt>
            {value(m::CHANGES_BEFORE, change.before)}
            {value(m::CHANGES_AFTER, change.after)}
        </div>
    }
}

/// The actor, with a link if it is a user or a client.
#[must_use]
pub fn by(event: &EventView) -> AnyView {
    match user_page(&event.actor).or_else(|| client_page(&event.actor)) {
        Some(href) => view! { <a href=href>{event.actor_name.clone()}</a> }.into_any(),
        None => match event.actor.as_str() {
            "anonymous" => m::EVENT_BY_ANONYMOUS.text().into_any(),
            "operator" => m::EVENT_BY_OPERATOR.text().into_any(),
            _ => event.actor_name.clone().into_any(),
        },
    }
}

/// The device on which it was done, or on which the program was approved that did it, with a link to its entries.
#[must_use]
pub fn from(event: &EventView) -> Option<AnyView> {
    let (device, name) = (event.device?, device_name(event)?);
    let href = format!("/admin/audit?device={device}");
    let link = view! { <a href=href>{name}</a> };
    let text = match event.client {
        None => m::event_from,
        Some(_) => m::event_approved_on,
    };
    Some(view! { <span class="cell-sub">{with_element(text, link)}</span> }.into_any())
}

/// The target, after a colon, with a link to its page.
#[must_use]
pub fn about(event: &EventView) -> Option<AnyView> {
    // For a sign-in, actor and target are the same user.
    let name = Some(event.target_name.clone())
        .filter(|name| !name.is_empty() && *name != event.actor_name)?;
    Some(match target(event) {
        Some(href) => view! { ": "<a href=href>{name}</a> }.into_any(),
        None => view! { ": "<b>{name}</b> }.into_any(),
    })
}

/// The page of the target of an event; what was deleted has none.
fn target(event: &EventView) -> Option<String> {
    let (noun, _) = event.target.split_once(':')?;
    let name = &event.target_name;
    match (noun, Action::from_word(&event.action)) {
        (_, Some(Action::UserDeleted | Action::ServiceDeleted | Action::ClientDeleted)) => None,
        ("user", _) => user_page(&event.target),
        ("client", _) => client_page(&event.target),
        ("service", _) => Some(format!("/admin/services/{}", percent_encode(name))),
        // An event of a passkey is one of its device; the name is the passkey's.
        (
            "device",
            Some(
                Action::DeviceProbed
                | Action::DeviceRegistered
                | Action::DeviceRenamed
                | Action::DeviceAssessed
                | Action::DeviceRevoked,
            ),
        ) => Some(format!(
            "/admin/devices?q={}&filter=all",
            percent_encode(name)
        )),
        ("grant", _) => name
            .split_once(" → ")
            .map(|(_, service)| format!("/admin/services/{}", percent_encode(service))),
        _ => None,
    }
}

fn user_page(subject: &str) -> Option<String> {
    subject
        .strip_prefix("user:")
        .map(|id| format!("/admin/users/{}", percent_encode(id)))
}

fn client_page(subject: &str) -> Option<String> {
    subject
        .strip_prefix("client:")
        .map(|id| format!("/admin/clients/{}", percent_encode(id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn event(action: &str, target: &str, name: &str) -> EventView {
        EventView {
            seq: 1,
            time: OffsetDateTime::UNIX_EPOCH,
            actor: "operator".to_owned(),
            actor_name: "operator".to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            target_name: name.to_owned(),
            ip: None,
            detail: String::new(),
            changes: Vec::new(),
            device: None,
            device_name: None,
            session: None,
            client: None,
        }
    }

    #[test]
    fn an_event_links_to_its_target() {
        for (action, subject, name, href) in [
            (
                "user.added",
                "user:0190",
                "ada@example.com",
                Some("/admin/users/0190"),
            ),
            ("user.deleted", "user:0190", "ada@example.com", None),
            (
                "service.added",
                "service:1",
                "photos",
                Some("/admin/services/photos"),
            ),
            ("service.deleted", "service:1", "photos", None),
            (
                "device.revoked",
                "device:1",
                "Pixel 9",
                Some("/admin/devices?q=Pixel%209&filter=all"),
            ),
            ("passkey.added", "device:1", "My passkey", None),
            (
                "grant.added",
                "grant:1",
                "ada@example.com → photos",
                Some("/admin/services/photos"),
            ),
            (
                "client.secret_rotated",
                "client:0190",
                "Backup",
                Some("/admin/clients/0190"),
            ),
            (
                "token.issued",
                "client:0190",
                "Backup",
                Some("/admin/clients/0190"),
            ),
            ("client.deleted", "client:0190", "Backup", None),
            ("setup.linked", "", "", None),
        ] {
            assert_eq!(
                target(&event(action, subject, name)).as_deref(),
                href,
                "{action}"
            );
        }
    }
}
