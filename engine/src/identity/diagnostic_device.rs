//! A device for the proxy doctor: a person's, for a few minutes, to ask a proxy as that person.
//!
//! Whoever makes one reads the master key, and could make any device without this; here it is in the
//! audit log, it ends by itself, and it is good for the doors of services only: Latchkey's own
//! pages do not know it, so that a cookie which leaks on its way is never renewed, and changes nothing.

use crate::{
    Engine, Error, IssuedCookie, RequestOrigin, Result,
    audit::log::{Entry, Target},
    identity,
    keys::device_cookie::DeviceCookie,
};
use latchkey_domain::{
    access::permission::{Administrator, Denial},
    audit::event::Action,
    id::{DeviceId, UserId},
    identity::device::{DeviceKind, Registration},
    identity::email::Email,
    secret::SecretBytes,
};
use time::Duration;

/// How long it lives when nobody revokes it: longer than a doctor asks, shorter than anybody needs.
pub const DIAGNOSTIC_DEVICE_LIFETIME: Duration = Duration::minutes(3);

/// What it is called in lists and in the log.
const NAME: &str = "proxy doctor";

/// A device that ends in a few minutes.
#[derive(Debug)]
pub struct DiagnosticDevice {
    /// The device, to revoke it.
    pub device: DeviceId,
    /// Its cookie.
    pub cookie: IssuedCookie,
}

impl Engine {
    /// Makes a device of this person that lives for [`DIAGNOSTIC_DEVICE_LIFETIME`], registered with nothing: it
    /// is never of passkey assurance. The caller revokes it ([`Engine::revoke_device`]) when done.
    ///
    /// # Errors
    /// [`Denial::Forbidden`] for an administrator in a browser, who may not act as somebody else; no
    /// such person; bad input (`email`) when the account is switched off.
    pub async fn create_diagnostic_device(
        &self,
        administrator: &Administrator,
        email: &str,
        origin: &RequestOrigin,
    ) -> Result<DiagnosticDevice> {
        if *administrator != Administrator::Operator {
            return Err(Denial::Forbidden.into());
        }
        let email = Email::parse(email).map_err(|_| Error::NotFound("person"))?;
        let mut change = self.change(administrator, origin).await?;
        let user = identity::store::user::find_by_email(change.db(), &email)
            .await?
            .ok_or(Error::NotFound("person"))?;
        if user.disabled_at.is_some() {
            return Err(Error::bad_input("email")(format!(
                "{email} is switched off, so no service lets them in; name somebody else."
            )));
        }
        let now = self.now();
        let cookie = DeviceCookie {
            device: DeviceId::from_uuid(self.inner.settings.rng.uuid(now)),
            secret: SecretBytes::new(self.inner.settings.rng.bytes()),
            expires_at: now + DIAGNOSTIC_DEVICE_LIFETIME,
        };
        let at = now.unix_timestamp();
        let row = identity::store::device::Model {
            id: cookie.device.uuid(),
            user_id: user.id,
            secret_tag: cookie.secret_tag(&self.inner.keys),
            name: NAME.to_owned(),
            kind: DeviceKind::Other.as_str().to_owned(),
            registration: Registration::DiagnosticDevice.as_str().to_owned(),
            created_at: at,
            last_seen_at: at,
            last_ip: origin.ip_text(),
            last_auth_at: at,
            passkey_verified_at: None,
            expires_at: cookie.expires_at.unix_timestamp(),
            revoked_at: None,
            signed_out_at: None,
            is_limited: false,
        };
        identity::store::device::insert(change.db(), row).await?;
        change.record(&Entry {
            action: Action::DeviceProbed,
            target: Target::Device(cookie.device),
            name: NAME,
            subject: Some(UserId::from_uuid(user.id)),
            detail: &format!("in the name of {email}, for three minutes at most"),
        });
        change.commit().await?;
        Ok(DiagnosticDevice {
            device: cookie.device,
            cookie: cookie.issue(&self.inner.keys),
        })
    }
}
