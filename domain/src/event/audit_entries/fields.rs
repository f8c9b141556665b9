//! The fields of entities as the audit log shows them before and after a change.

use crate::{
    access::access_grant::AccessGrant,
    access::permission::PermissionSet,
    access::service::{Requirement, Service},
    audit::event::FieldChange,
    event::DeviceAssessed,
    identity::device::{Device, DeviceLimit, DeviceState},
    identity::enrolment_link::EnrolmentLink,
    identity::user::User,
    request::host::HostPattern,
    risk::{Factor, NetworkRule, RiskNote},
    tokens::client::Client,
};
use time::format_description::well_known::Rfc3339;

/// `field` with both values.
pub(super) fn changed(field: &str, before: &str, after: &str) -> FieldChange {
    FieldChange::new(field, before.to_owned(), after.to_owned())
}

/// The fields of an entity, each under the name that forms and commands have for it.
pub(super) type Fields = Vec<(&'static str, Option<String>)>;

pub(super) fn added(fields: Fields) -> impl Iterator<Item = FieldChange> {
    fields
        .into_iter()
        .map(|(field, after)| FieldChange::added(field, after))
}

pub(super) fn removed(fields: Fields) -> impl Iterator<Item = FieldChange> {
    fields
        .into_iter()
        .map(|(field, before)| FieldChange::removed(field, before))
}

pub(super) fn between(before: Fields, after: Fields) -> impl Iterator<Item = FieldChange> {
    before
        .into_iter()
        .zip(after)
        .map(|((field, before), (_, after))| FieldChange::new(field, before, after))
}

pub(super) fn user_fields(user: &User) -> Fields {
    vec![
        ("email", Some(user.email.to_string())),
        ("name", Some(user.name.to_string())),
        ("role", Some(user.role.to_string())),
    ]
}

pub(super) fn role_fields(permissions: PermissionSet) -> Fields {
    vec![(
        "permissions",
        (!permissions.is_empty()).then(|| permissions.to_string()),
    )]
}

pub(super) fn device_fields(device: &Device) -> Fields {
    vec![
        ("state", Some(state(device.state).to_owned())),
        (
            "limited",
            match device.limit {
                DeviceLimit::None => None,
                DeviceLimit::Unapproved => Some("yes".to_owned()),
                DeviceLimit::Held => Some("held".to_owned()),
                DeviceLimit::Recovery(_) => Some("recovery".to_owned()),
            },
        ),
        (
            "challenge",
            (device.challenge).map(|owed| owed.demand.as_str().to_owned()),
        ),
    ]
}

/// What a device is known as: an authentication in another browser adds to it.
pub(super) fn browsers_field(before: &Device, after: &Device) -> FieldChange {
    let known = |device: &Device| stated(device.browsers.to_string());
    FieldChange::new("browsers", known(before), known(after))
}

/// The other browser that came with a device's cookie.
pub(super) fn other_browser_field(event: &DeviceAssessed) -> FieldChange {
    let is_other = event.risk.assessment.has(Factor::OtherBrowser);
    let claimed = event.claimed.filter(|_| is_other);
    let known = claimed.and_then(|_| stated(event.device.browsers.to_string()));
    FieldChange::new("browser", known, claimed.map(|claimed| claimed.to_string()))
}

/// How unusual a sign-in was, for readers of the log to read back.
pub(super) fn risk_field(risk: Option<&RiskNote>) -> FieldChange {
    FieldChange::added(RiskNote::FIELD, risk.map(ToString::to_string))
}

pub(super) fn rule_fields(rule: &NetworkRule) -> Fields {
    vec![
        ("verdict", Some(rule.verdict.as_str().to_owned())),
        (
            "expires",
            rule.expires_at.and_then(|end| end.format(&Rfc3339).ok()),
        ),
    ]
}

pub(super) fn link_fields(link: &EnrolmentLink) -> Fields {
    vec![("vouched", link.is_vouched.then(|| "yes".to_owned()))]
}

pub(super) fn recovery_fields(device: &Device) -> Fields {
    let recovery = device.limit.recovery();
    let after = recovery.and_then(|recovery| recovery.passkey_after.format(&Rfc3339).ok());
    let mail = recovery.and_then(|recovery| recovery.mail.word());
    vec![("passkey_after", after), ("mail", mail.map(str::to_owned))]
}

pub(super) const fn state(state: DeviceState) -> &'static str {
    match state {
        DeviceState::Active => "active",
        DeviceState::SignedOut { .. } => "signed out",
        DeviceState::Revoked { .. } => "revoked",
    }
}

pub(super) fn service_fields(service: &Service) -> Fields {
    let requirement = match service.policy.requirement {
        Requirement::Device => "device".to_owned(),
        Requirement::Passkey { max_age_seconds } => {
            format!("passkey, at most {max_age_seconds} s old")
        }
    };
    vec![
        ("hosts", Some(listed(&service.hosts))),
        ("rules", Some(service.rules.to_string())),
        ("requirement", Some(requirement)),
        (
            "admins_enter",
            Some(service.policy.admins_enter.to_string()),
        ),
        (
            "tells_risk",
            service.risk.tells_level.then(|| "yes".to_owned()),
        ),
        (
            "passkey_from",
            (service.risk.passkey_from).map(|from| from.as_str().to_owned()),
        ),
        (
            "device_bound_from",
            (service.risk.device_bound_from).map(|from| from.as_str().to_owned()),
        ),
        (
            "token_scopes",
            stated(service.access_tokens.scopes.to_string()),
        ),
        (
            "token_policy",
            Some(service.access_tokens.token_use.as_str().to_owned()),
        ),
        (
            "native",
            service.access_tokens.native.then(|| "yes".to_owned()),
        ),
        (
            "dpop_nonce",
            (service.access_tokens.dpop_nonce).then(|| "yes".to_owned()),
        ),
    ]
}

/// A text, unless there is none.
fn stated(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn client_fields(client: &Client) -> Fields {
    let grants: Vec<_> = client.grant_types.iter().map(|one| one.as_str()).collect();
    let services: Vec<_> = client.audiences.iter().map(ToString::to_string).collect();
    let uris: Vec<_> = client
        .redirect_uris
        .iter()
        .map(|uri| uri.as_str())
        .collect();
    vec![
        ("name", Some(client.name.to_string())),
        ("kind", Some(client.kind.as_str().to_owned())),
        ("grant_types", Some(grants.join(" "))),
        ("audiences", Some(services.join(" "))),
        ("scopes", stated(client.scopes.to_string())),
        ("redirect_uris", stated(uris.join(" "))),
        ("algorithm", Some(client.algorithm.as_str().to_owned())),
        (
            "lifetime",
            Some(format!("{} s", client.token_lifetime.whole_seconds())),
        ),
        ("keys", client.keys.clone()),
        ("dpop", client.requires_dpop.then(|| "yes".to_owned())),
    ]
}

pub(super) fn listed(hosts: &[HostPattern]) -> String {
    let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
    hosts.join(" ")
}

pub(super) fn grant_fields(grant: &AccessGrant) -> Fields {
    vec![
        ("scopes", Some(grant.scopes.to_string())),
        ("origin", Some(grant.origin.as_str().to_owned())),
        (
            "expires",
            grant.expires_at.and_then(|end| end.format(&Rfc3339).ok()),
        ),
    ]
}
