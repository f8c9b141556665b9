//! What is attached to a device, a user or a service, and ends with it. Every credential has an owner,
//! and its end is in here: a credential that is added elsewhere is added here too.
//!
//! | ends | with the device | with the user's sign-ins | with the account disabled | with the account or service deleted |
//! |---|---|---|---|---|
//! | sessions | yes | all | all | all |
//! | device secret | yes | all | refused while disabled | all |
//! | passkeys at home on the device | yes | stay | refused while disabled | all |
//! | passkeys only used on it | those that are named | stay | refused while disabled | all |
//! | enrolment links | no | stay | all | all |
//! | authenticator app, grants, service tokens | no | stay | refused while disabled | all |

use crate::{
    Result, access,
    audit::log::{Change, Entry, Target},
    identity,
};
use latchkey_domain::{
    audit::event::{Action, FieldChange},
    id::{DeviceId, PasskeyId, ServiceId, UserId},
    identity::passkey::Passkey,
};

/// What revoking a device ended, and what it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Whether the device had been revoked before.
    pub was_revoked: bool,
    /// Sessions that ended.
    pub sessions: u64,
    /// Passkeys that ended.
    pub passkeys: Vec<Passkey>,
    /// Passkeys that were used on the device and are at home elsewhere: they still sign in. Whoever has
    /// the device may have these too, if a password manager on it synchronises them.
    pub left: Vec<Passkey>,
}

/// `2 sessions`, or nothing.
fn counted(count: u64, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// `ended: 2 sessions, 1 device`, or nothing.
pub(crate) fn ended(parts: &[(u64, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .map(|(count, what)| counted(*count, what))
        .filter(|part| !part.is_empty())
        .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("ended: {}", parts.join(", ")),
    }
}

/// Ends a device in whatever state it is, with all that is attached to it, and the passkeys of `also`
/// that were used on it. Records what ended.
pub(crate) async fn end_device(
    change: &mut Change<'_>,
    device: &identity::store::device::Model,
    also: &[PasskeyId],
    now: i64,
) -> Result<Revocation> {
    let (id, user) = (
        DeviceId::from_uuid(device.id),
        UserId::from_uuid(device.user_id),
    );
    let was_revoked = !identity::store::device::revoke(change.db(), id, now).await?;
    let sessions = change.end_sessions_of_device(id).await?;
    let (mut passkeys, mut left) = (Vec::new(), Vec::new());
    for row in identity::store::passkey::used_on(change.db(), id).await? {
        let passkey = Passkey::try_from(row)?;
        match passkey.device_id == id || also.contains(&passkey.id) {
            true => passkeys.push(passkey),
            false => left.push(passkey),
        }
    }
    for passkey in &passkeys {
        end_passkey(change, user, passkey, now).await?;
    }
    let passkeys_count = passkeys.len() as u64;
    if !was_revoked || sessions > 0 || passkeys_count > 0 {
        let before = match (was_revoked, device.signed_out_at) {
            (true, _) => "revoked",
            (false, Some(_)) => "signed out",
            (false, None) => "active",
        };
        let what = ended(&[(sessions, "session"), (passkeys_count, "passkey")]);
        change.record_with(
            &Entry {
                action: Action::DeviceRevoked,
                target: Target::Device(id),
                name: &device.name,
                subject: Some(user),
                detail: &what,
            },
            [FieldChange::new(
                "state",
                before.to_owned(),
                "revoked".to_owned(),
            )],
        );
    }
    Ok(Revocation {
        was_revoked,
        sessions,
        passkeys,
        left,
    })
}

/// Ends a passkey, and what it alone gave to devices: assurance and freshness. With the last one all sign-ins
/// of its owner end: what was worth less beside a passkey must not be worth more without.
pub(crate) async fn end_passkey(
    change: &mut Change<'_>,
    user: UserId,
    passkey: &Passkey,
    now: i64,
) -> Result<()> {
    identity::store::passkey::delete(change.db(), passkey.id).await?;
    for device in identity::store::device::lower_to_passkeys(change.db(), user).await? {
        change.record_with(
            &Entry {
                action: Action::DeviceWeakened,
                target: Target::Device(device),
                name: "",
                subject: Some(user),
                detail: "its passkey was removed",
            },
            [FieldChange::new(
                "assurance",
                "as of the removed passkey".to_owned(),
                "as of those that are left".to_owned(),
            )],
        );
    }
    if identity::store::passkey::count_of(change.db(), user).await? == 0 {
        end_sign_ins(change, user, "its owner's last passkey was removed", now).await?;
    }
    change.record_with(
        &Entry {
            action: Action::PasskeyRemoved,
            target: Target::Passkey(passkey.id),
            name: passkey.name.as_str(),
            subject: Some(user),
            detail: "",
        },
        [FieldChange::removed("passkey", passkey.name.to_string())],
    );
    Ok(())
}

/// Ends what proved or would give an authority that changed: every copy of it has to be worth nothing.
/// Sign-ins on all devices, and enrolment links, which would give more than what they were made for.
/// Returns what ended, in words for the log.
pub(crate) async fn end_authority(
    change: &mut Change<'_>,
    user: UserId,
    why: &str,
    now: i64,
) -> Result<String> {
    let links = identity::store::enrolment::void_all(change.db(), user).await?;
    let (sessions, sign_ins) = end_sign_ins(change, user, why, now).await?;
    Ok(ended(&[
        (sessions, "session"),
        (sign_ins, "sign-in"),
        (links, "enrolment link"),
    ]))
}

/// Ends the sign-ins of a person on all devices. Returns how many sessions ended, and on how many devices.
async fn end_sign_ins(
    change: &mut Change<'_>,
    user: UserId,
    why: &str,
    now: i64,
) -> Result<(u64, u64)> {
    let sessions = change.end_sessions_of_user(user).await?;
    let devices = identity::store::device::sign_out_all(change.db(), user, now).await?;
    for device in &devices {
        change.record_with(
            &Entry {
                action: Action::SignedOut,
                target: Target::Device(*device),
                name: "",
                subject: Some(user),
                detail: why,
            },
            [signed_out()],
        );
    }
    Ok((sessions, devices.len() as u64))
}

/// What signing out changes of a device.
pub(crate) fn signed_out() -> FieldChange {
    FieldChange::new("state", "active".to_owned(), "signed out".to_owned())
}

/// Ends what must not outlive the moment in which an account is disabled: enabling it brings back
/// devices, passkeys and grants, and neither sessions nor links. Returns what ended, in words for the log.
pub(crate) async fn suspend_user(change: &mut Change<'_>, user: UserId) -> Result<String> {
    let sessions = change.end_sessions_of_user(user).await?;
    let links = identity::store::enrolment::void_all(change.db(), user).await?;
    Ok(ended(&[(sessions, "session"), (links, "enrolment link")]))
}

/// Deletes an account with everything of it, each device by an entry of its own. Returns what ended,
/// in words for the log.
pub(crate) async fn end_user(change: &mut Change<'_>, user: UserId) -> Result<String> {
    let devices = identity::store::device::ids_of(change.db(), user).await?;
    // Other processes drop a device when the log names it; deleting the account must end each.
    for device in &devices {
        change.record_with(
            &Entry {
                action: Action::DeviceRevoked,
                target: Target::Device(*device),
                name: "",
                subject: Some(user),
                detail: "account deleted",
            },
            [FieldChange::added("state", "revoked".to_owned())],
        );
    }
    let sessions = change.end_sessions_of_user(user).await?;
    let passkeys = identity::store::passkey::count_of(change.db(), user).await?;
    let grants = access::store::access_grant::rows_of(change.db(), user)
        .await?
        .len() as u64;
    identity::store::user::delete(change.db(), user).await?;
    Ok(ended(&[
        (devices.len() as u64, "device"),
        (passkeys, "passkey"),
        (sessions, "session"),
        (grants, "grant"),
    ]))
}

/// Deletes a service with its hosts, tokens and grants. Returns what ended, in words for the log.
pub(crate) async fn end_service(change: &mut Change<'_>, service: ServiceId) -> Result<String> {
    let (tokens, grants) = access::store::service::attached(change.db(), service).await?;
    access::store::service::delete(change.db(), service).await?;
    Ok(ended(&[(tokens, "token"), (grants, "grant")]))
}
