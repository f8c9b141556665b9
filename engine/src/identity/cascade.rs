//! What is attached to a device, a user or a service, and ends with it. Every credential has an owner,
//! and its end is in here: a credential that is added elsewhere is added here too.
//!
//! | ends | with the device | with the user's sign-ins | with the user disabled | with the user or service deleted |
//! |---|---|---|---|---|
//! | sessions | yes; with a passkey of it, all but the one that ends it | all | all | all |
//! | token families, approved device codes, approvals of browsers that were not collected | yes | all | all | all |
//! | native devices that were approved on it | yes | all signed out | refused while disabled | all |
//! | device secret | yes | all | refused while disabled | all |
//! | passkeys that belong to the device | yes | stay | refused while disabled | all |
//! | passkeys only used on it | those that are named | stay | refused while disabled | all |
//! | enrolment links | no | stay | all | all |
//! | recovery codes | no | stay | refused while disabled | all |
//! | recoveries under way, and the mails that confirm them | yes | all signed out | all | all |
//! | authenticator app, grants, service tokens | no | stay | refused while disabled | all |

use crate::{
    Result, access,
    identity::store,
    tokens::{self, store::family::FamilyOwner},
    unit_of_work::Tx,
};
use latchkey_domain::{
    event::{DeviceRevoked, DevicesWeakened, Ended, PasskeyRemoved, SignInsEnded, UserDeleted},
    id::{DeviceId, PasskeyId, UserId},
    identity::device::Device,
    identity::passkey::{Passkey, PasskeyView},
    identity::user::User,
};
use time::OffsetDateTime;

/// What the audit log calls the tokens of a program for a user.
pub(crate) const TOKEN_FAMILY: &str = "program sign-in";

/// What it calls a program with a key of its own.
const NATIVE_DEVICE: &str = "native device";

/// What revoking a device ended, and what it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Whether the device had been revoked before.
    pub was_revoked: bool,
    /// Sessions that ended.
    pub sessions: u64,
    /// Passkeys that ended.
    pub passkeys: Vec<PasskeyView>,
    /// Passkeys that were used on the device and belong to another one: they still sign in. Whoever has
    /// the device may have these too, if a password manager on it synchronises them.
    pub left: Vec<PasskeyView>,
}

/// The passkeys that end with a device.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EndedPasskeys<'a> {
    /// Those that belong to it, and of those that were used on it, these.
    Its(&'a [PasskeyId]),
    /// None.
    None,
    /// None: this device in recovery ends the other one, and too little was proven on it to end a passkey.
    InRecovery(DeviceId),
}

/// Ends a device in whatever state it is, with all that is attached to it.
pub(crate) async fn end_device(
    tx: &mut Tx<'_>,
    device: Device,
    passkeys: EndedPasskeys<'_>,
    now: OffsetDateTime,
) -> Result<Revocation> {
    let id = device.id;
    let by_recovery = match passkeys {
        EndedPasskeys::InRecovery(by) if by != id => Some(by),
        _ => None,
    };
    let sessions = tx.end_sessions_of_device(id).await?;
    let families = tx.end_token_families(FamilyOwner::Device(id)).await?;
    let (passkeys, left): (Vec<_>, Vec<_>) = store::passkey::list_used_on(tx, id)
        .await?
        .into_iter()
        .partition(|passkey| match passkeys {
            EndedPasskeys::Its(also) => passkey.device_id == id || also.contains(&passkey.id),
            EndedPasskeys::None | EndedPasskeys::InRecovery(_) => false,
        });
    let native = native_devices(tx, id).await?;
    let ended = Ended::new([
        (sessions, "session"),
        (families, TOKEN_FAMILY),
        (passkeys.len() as u64, "passkey"),
        (native.len() as u64, NATIVE_DEVICE),
    ]);
    let was_revoked = device.is_revoked();
    match device.clone().revoke(now) {
        Ok((_, event)) => {
            let event = DeviceRevoked {
                ended,
                by_recovery,
                ..event
            };
            tx.apply(event).await?;
        }
        Err(_) if ended.is_empty() => {}
        Err(_) => {
            let before = device.state;
            let event = DeviceRevoked {
                device,
                before,
                ended,
                by_recovery,
            };
            tx.apply(event).await?;
        }
    }
    for device in native {
        Box::pin(end_device(tx, device, EndedPasskeys::Its(&[]), now)).await?;
    }
    for passkey in &passkeys {
        end_passkey(tx, passkey.clone(), now).await?;
    }
    Ok(Revocation {
        was_revoked,
        sessions,
        passkeys: passkeys.into_iter().map(PasskeyView::from).collect(),
        left: left.into_iter().map(PasskeyView::from).collect(),
    })
}

/// The native devices that were approved on a device: whoever had it could have approved them.
async fn native_devices(tx: &Tx<'_>, approver: DeviceId) -> Result<Vec<Device>> {
    let mut devices = Vec::new();
    for id in tokens::store::device_key::approved_on(tx, approver).await? {
        let device = store::device::find(tx, id).await?;
        devices.extend(device.filter(|device| !device.is_revoked()));
    }
    Ok(devices)
}

/// Ends a passkey, and what it alone gave to devices: assurance and freshness. The sessions of its owner end, except where they
/// remove it: a way to sign in changed. With the last one all sign-ins end: what was worth less beside a passkey must not be
/// worth more without.
pub(crate) async fn end_passkey(
    tx: &mut Tx<'_>,
    passkey: Passkey,
    now: OffsetDateTime,
) -> Result<()> {
    let user = passkey.user_id;
    store::approval::end_of_passkey(tx, passkey.id).await?;
    tx.apply(PasskeyRemoved { passkey }).await?;
    let devices = store::device::list_with_assertion(tx, user).await?;
    let last =
        store::passkey::last_used_by_device(tx, devices.iter().map(|device| device.id)).await?;
    let devices: Vec<_> = devices
        .into_iter()
        .filter_map(|device| {
            let last = last.get(&device.id).copied();
            device.weaken(last)
        })
        .collect();
    tx.apply(DevicesWeakened { devices }).await?;
    tx.end_sessions_elsewhere(user).await?;
    if store::passkey::count_by_user(tx, user).await? == 0 {
        end_sign_ins(tx, user, "its owner's last passkey was removed", now).await?;
    }
    Ok(())
}

/// Ends what proved or would give an authority that changed: every copy of it has to be worth nothing.
/// Sign-ins on all devices, and enrolment links, which would give more than what they were made for.
pub(crate) async fn end_authority(
    tx: &mut Tx<'_>,
    user: UserId,
    reason: &'static str,
    now: OffsetDateTime,
) -> Result<Ended> {
    let links = store::enrolment::void_all(tx, user).await?;
    let (sessions, families, sign_ins) = end_sign_ins(tx, user, reason, now).await?;
    Ok(Ended::new([
        (sessions, "session"),
        (families, TOKEN_FAMILY),
        (sign_ins, "sign-in"),
        (links, "enrolment link"),
    ]))
}

/// Ends the sign-ins of a user on all devices. Returns how many sessions and token families ended, and on how many devices.
async fn end_sign_ins(
    tx: &mut Tx<'_>,
    user: UserId,
    reason: &'static str,
    now: OffsetDateTime,
) -> Result<(u64, u64, u64)> {
    let sessions = tx.end_sessions_of_user(user).await?;
    let families = tx.end_token_families(FamilyOwner::User(user)).await?;
    let devices: Vec<_> = store::device::list_active_by_user(tx, user)
        .await?
        .into_iter()
        .filter_map(|device| device.sign_out(now).ok())
        .map(|(device, _)| device)
        .collect();
    let count = devices.len() as u64;
    tx.apply(SignInsEnded { devices, reason }).await?;
    Ok((sessions, families, count))
}

/// Ends what must not outlive the disabling of a user: enabling brings back devices, passkeys and grants, and neither
/// sessions nor tokens nor links; nor recoveries, because nobody could cancel them meanwhile.
pub(crate) async fn suspend_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Ended> {
    for device in store::device::list_active_by_user(tx, user).await? {
        if device.limit.is_recovery() {
            end_device(tx, device, EndedPasskeys::None, now).await?;
        }
    }
    let sessions = tx.end_sessions_of_user(user).await?;
    let families = tx.end_token_families(FamilyOwner::User(user)).await?;
    let links = store::enrolment::void_all(tx, user).await?;
    Ok(Ended::new([
        (sessions, "session"),
        (families, TOKEN_FAMILY),
        (links, "enrolment link"),
    ]))
}

/// Deletes a user with everything of theirs.
pub(crate) async fn end_user(tx: &mut Tx<'_>, user: User) -> Result<()> {
    let devices = store::device::list_ids_by_user(tx, user.id).await?;
    let sessions = tx.end_sessions_of_user(user.id).await?;
    let families = tx.end_token_families(FamilyOwner::User(user.id)).await?;
    let ended = Ended::new([
        (devices.len() as u64, "device"),
        (store::passkey::count_by_user(tx, user.id).await?, "passkey"),
        (sessions, "session"),
        (families, TOKEN_FAMILY),
        (
            access::store::access_grant::count_by_user(tx, user.id).await?,
            "grant",
        ),
    ]);
    let event = UserDeleted {
        user,
        devices,
        ended,
    };
    tx.apply(event).await
}
