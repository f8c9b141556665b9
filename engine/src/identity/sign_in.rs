//! From an authentication to a signed-in device.

use crate::{
    Conflict, Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, SignedIn,
    audit::acted_from::ActedFrom,
    database::Reads,
    identity,
    identity::role::permissions_of,
    keys::device_cookie::DeviceCookie,
    throttle::refusal_log::Reason,
    unit_of_work::{Accepts, Actor, CommitOrder, Tx},
};
use latchkey_domain::{
    access::permission::{CurrentUser, PermissionSet, SignIn},
    event::{self, DeviceRegistered, NamedUser},
    id::{DeviceId, UserId},
    identity::device::{
        self, AuthMethod, Authentication, BrowserProfile, Device, DeviceKind, DeviceLimit,
        NewDevice,
    },
    identity::user::User,
    name::DisplayName,
    risk::{Demand, RiskNote},
    secret::SecretBytes,
};
use time::OffsetDateTime;

/// The most devices of one user that are not revoked.
const MAX_DEVICES: u64 = 200;

/// Changes in which a user can sign in: those of their own, and those that come with more, such as enrolment.
pub(crate) trait SignsIn:
    CommitOrder + Accepts<event::SignedIn> + Accepts<DeviceRegistered>
{
}

impl<O: CommitOrder + Accepts<event::SignedIn> + Accepts<DeviceRegistered>> SignsIn for O {}

/// How a user authenticated.
pub(crate) struct Proof {
    pub(crate) method: AuthMethod,
    /// The name for a new device; empty takes one from the browser.
    pub(crate) device_name: Option<DisplayName>,
    /// What is kept from the device.
    pub(crate) limit: DeviceLimit,
    /// Whether something is enrolled with it by which the user can sign in from now on.
    pub(crate) is_enrolment: bool,
}

impl Engine {
    /// Refuses one more device of a user who has [`MAX_DEVICES`]: each has a cookie of its own, with
    /// quotas of its own. A browser that is one of them is let in.
    pub(crate) async fn refuse_more_devices(
        &self,
        tx: &impl Reads,
        user: UserId,
        browser: Option<KnownBrowser>,
    ) -> Result<()> {
        let is_known = browser.is_some_and(|browser| browser.user == user);
        if is_known || identity::store::device::count_live(tx, user).await? < MAX_DEVICES {
            return Ok(());
        }
        Err(Error::conflict(
            "device_name",
            Conflict::TooManyDevices { most: MAX_DEVICES },
        ))
    }

    /// Records that nothing was enrolled because it was too unusual, when the change is undone; other errors are returned as they are.
    pub(crate) async fn note_held(
        &self,
        cause: Error,
        owner: NamedUser,
        reason: Reason,
        origin: &RequestOrigin,
    ) -> Error {
        if !matches!(cause, Error::Refused(Refusal::EnrolmentHeld)) {
            return cause;
        }
        let recorded = self.record_refusal(Some(owner), reason, origin).await;
        recorded.err().unwrap_or(cause)
    }

    /// Signs a user in within a change: on the device that their browser is or was, else on a new one.
    /// Either way the device gets a new secret and its sessions end, so that copies of the old cookies are void.
    pub(crate) async fn sign_in<O: SignsIn>(
        &self,
        tx: &mut Tx<'_, O>,
        user: User,
        browser: Option<KnownBrowser>,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let now = self.now();
        tx.act_as(Actor::User(user.id, user.email.clone()));
        let known = match browser.filter(|browser| browser.user == user.id) {
            Some(browser) => identity::store::device::find(tx, browser.device)
                .await?
                .filter(|device| device.user_id == user.id && !device.is_revoked()),
            None => None,
        };
        let is_new_device = known.is_none();
        let cookie = DeviceCookie {
            device: known.as_ref().map_or_else(
                || DeviceId::from_uuid(self.inner.settings.rng.uuid(now)),
                |device| device.id,
            ),
            secret: SecretBytes::new(self.inner.settings.rng.bytes()),
            expires_at: now + device::DEFAULT_LIFETIME,
        };
        let assessed = self
            .assess_sign_in(tx, &user, known.as_ref(), origin)
            .await?;
        let note = assessed.as_ref().map(|assessed| assessed.note.clone());
        // Nothing of the change is kept: an attacker must not come back with what they enrolled.
        if proof.is_enrolment && note.as_ref().is_some_and(holds) {
            return Err(Refusal::EnrolmentHeld.into());
        }
        let authentication = Authentication {
            at: now,
            method: proof.method,
            limit: proof.limit,
            risk: note,
            browser: Some(BrowserProfile::of(&origin.user_agent)),
            secret_tag: cookie.secret_tag(&self.inner.keys),
            expires_at: cookie.expires_at,
        };
        let device = match known {
            Some(device) => {
                let (device, event) = device.sign_in(authentication).map_err(Error::internal)?;
                tx.sign_in_from(ActedFrom::device(&device, origin));
                tx.apply(event).await?;
                device
            }
            None => {
                let new = NewDevice {
                    id: cookie.device,
                    user_id: user.id,
                    name: proof
                        .device_name
                        .unwrap_or_else(|| device::default_name(&origin.user_agent)),
                    kind: DeviceKind::from_user_agent(&origin.user_agent),
                    ip: origin.ip_text(),
                };
                let (device, event) = Device::register(new, authentication);
                let event = DeviceRegistered {
                    activated: user.clone().activate(now),
                    ..event
                };
                tx.sign_in_from(ActedFrom::device(&device, origin));
                tx.apply(event).await?;
                device
            }
        };
        if let Some(assessed) = assessed {
            self.learn_from(tx, assessed, proof.method, &device).await?;
        }
        let has_passkey = identity::store::passkey::count_by_user(tx, user.id).await? > 0;
        let permissions = permissions_of(tx, user.role).await?;
        Ok(SignedIn {
            current_user: CurrentUser {
                permissions,
                ..signed_in(user, &device, has_passkey, now)
            },
            cookie: cookie.issue(&self.inner.keys),
            is_new_device,
        })
    }
}

/// Whether a sign-in waits for approval, whatever it is made with.
fn holds(note: &RiskNote) -> bool {
    note.enforced() == Demand::Approval
}

/// A user who signed in on a device just now.
fn signed_in(user: User, device: &Device, has_passkey: bool, now: OffsetDateTime) -> CurrentUser {
    CurrentUser {
        user_id: user.id,
        email: user.email,
        name: user.name,
        role: user.role,
        permissions: PermissionSet::NONE,
        device_id: device.id,
        passkey_verified_at: device.passkey_verified_at,
        has_passkey,
        limit: device.limit,
        sign_in: Some(SignIn {
            at: now,
            last_active_at: now,
        }),
        session: None,
    }
}
