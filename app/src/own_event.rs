//! What happened to a user, as they are told: on their page, and in their copy of it.

use crate::{
    format,
    messages::{action, m},
};
use latchkey_domain::{
    access::permission::CurrentUser,
    audit::event::{Action, EventView},
};
use serde::Serialize;

/// An event that concerns a user, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnEvent {
    /// When.
    pub time: String,
    /// The word of the log.
    pub action: String,
    /// What happened.
    pub event: String,
    /// To what: a device, a passkey, a service. Empty for the user.
    pub target: String,
    /// Who did it; empty for the user.
    pub by: String,
    /// On which device of the user, with its browser; empty where others did it.
    pub device: String,
    /// From which address.
    pub address: String,
    /// How or why.
    pub detail: String,
}

impl OwnEvent {
    /// The names of its fields.
    pub const FIELDS: [&str; 8] = [
        "time", "action", "event", "target", "by", "device", "address", "detail",
    ];

    /// Tells a user what happened to them.
    #[must_use]
    pub fn of(event: &EventView, current_user: &CurrentUser) -> Self {
        let email = current_user.email.as_str();
        let by = match event.actor.as_str() {
            _ if event.actor_name == email => String::new(),
            "anonymous" => m::ACTIVITY_BY_ANONYMOUS.text(),
            "operator" => m::ACTIVITY_BY_OPERATOR.text(),
            "system" => m::ACTIVITY_BY_LATCHKEY.text(),
            _ => m::activity_by(event.actor_name.as_str()).text(),
        };
        let target = Some(&event.target_name).filter(|name| *name != email);
        Self {
            time: format::rfc3339(event.time),
            action: event.action.clone(),
            event: sentence(event),
            target: target.cloned().unwrap_or_default(),
            by,
            device: device(event, current_user).unwrap_or_default(),
            address: event.ip.clone().unwrap_or_default(),
            detail: detail(event),
        }
    }

    /// Its fields, in the order of their names.
    #[must_use]
    pub fn values(&self) -> [&str; 8] {
        [
            &self.time,
            &self.action,
            &self.event,
            &self.target,
            &self.by,
            &self.device,
            &self.address,
            &self.detail,
        ]
    }
}

/// The device on which the user did it, or approved the program that did. What others call their devices, such as an administrator's,
/// is not told.
fn device(event: &EventView, current_user: &CurrentUser) -> Option<String> {
    let is_own = event.actor.strip_prefix("user:") == Some(&*current_user.user_id.to_string());
    device_name(event).filter(|_| is_own)
}

/// What the device was called on which something was done, if it was done on one.
#[must_use]
pub fn device_name(event: &EventView) -> Option<String> {
    event.device?;
    let name = event.device_name.clone().filter(|name| !name.is_empty());
    Some(name.unwrap_or_else(|| m::DELETED_DEVICE.text()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::{
        access::permission::PermissionSet,
        id::UserId,
        identity::{device::DeviceLimit, email::Email, user::Role},
        name::DisplayName,
    };
    use time::OffsetDateTime;

    fn id(number: u8) -> String {
        format!("01937f4e-0000-7000-8000-{number:012}")
    }

    #[test]
    fn audit_49_a_user_is_told_the_names_of_their_own_devices_only() {
        let ada = CurrentUser {
            user_id: id(1).parse().unwrap(),
            email: Email::parse("ada@example.com").unwrap(),
            name: DisplayName::parse("Ada").unwrap(),
            role: Role::Member,
            permissions: PermissionSet::NONE,
            device_id: id(2).parse().unwrap(),
            passkey_verified_at: None,
            has_passkey: false,
            limit: DeviceLimit::None,
            sign_in: None,
            session: None,
        };
        let eve: UserId = id(3).parse().unwrap();
        for (actor, device, name, told) in [
            (
                ada.user_id,
                Some(2),
                Some("Laptop (Firefox)"),
                "Laptop (Firefox)",
            ),
            (ada.user_id, Some(2), None, "a deleted device"),
            (ada.user_id, None, None, ""),
            (eve, Some(4), Some("Eve's phone (Safari)"), ""),
        ] {
            let event = EventView {
                seq: 1,
                time: OffsetDateTime::UNIX_EPOCH,
                actor: format!("user:{actor}"),
                actor_name: String::new(),
                action: "device.renamed".to_owned(),
                target: String::new(),
                target_name: String::new(),
                ip: None,
                device: device.map(|device| id(device).parse().unwrap()),
                device_name: name.map(str::to_owned),
                session: None,
                client: None,
                detail: String::new(),
                changes: Vec::new(),
            };
            assert_eq!(OwnEvent::of(&event, &ada).device, told, "{actor} {name:?}");
        }
    }
}
