//! A device for the proxy doctor: in a user's name, for a few minutes, to send requests to a proxy as that user.
//!
//! Whoever makes one reads the master key, and could make any device without this; here it is in the audit log and
//! expires. It is valid for services, and not for Latchkey's own pages, so a cookie that leaks on its way is never
//! renewed and changes nothing.

use crate::{
    Engine, Error, InvalidInput, IssuedCookie, Noun, RequestOrigin, Result, identity,
    keys::device_cookie::DeviceCookie,
};
use latchkey_domain::{
    access::permission::Operator,
    event::DiagnosticDeviceCreated,
    id::DeviceId,
    identity::device::{AuthMethod, Authentication, Device, DeviceKind, DeviceLimit, NewDevice},
    identity::email::Email,
    name::DisplayName,
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
    /// Makes a device of this user that lives for [`DIAGNOSTIC_DEVICE_LIFETIME`], registered with nothing: it
    /// is never of passkey assurance. The caller revokes it ([`Engine::revoke_device`]) when done.
    ///
    /// # Errors
    /// Not found; bad input (`email`) when the user is disabled. Only the operator may act as another user.
    pub async fn create_diagnostic_device(
        &self,
        operator: &Operator,
        email: &str,
        origin: &RequestOrigin,
    ) -> Result<DiagnosticDevice> {
        let email = Email::parse(email).map_err(|_| Error::NotFound(Noun::User))?;
        let mut tx = self.begin(operator, origin).await?;
        let user = identity::store::user::find_by_email(&tx, &email)
            .await?
            .ok_or(Error::NotFound(Noun::User))?;
        if user.is_disabled() {
            return Err(Error::bad_input("email")(InvalidInput::Disabled(email)));
        }
        let now = self.now();
        let cookie = DeviceCookie {
            device: DeviceId::from_uuid(self.inner.settings.rng.uuid(now)),
            secret: SecretBytes::new(self.inner.settings.rng.bytes()),
            expires_at: now + DIAGNOSTIC_DEVICE_LIFETIME,
        };
        let new = NewDevice {
            id: cookie.device,
            user_id: user.id,
            name: DisplayName::parse(NAME).map_err(Error::internal)?,
            kind: DeviceKind::Other,
            ip: origin.ip_text(),
        };
        let proof = Authentication {
            at: now,
            method: AuthMethod::Diagnostic,
            limit: DeviceLimit::None,
            risk: None,
            browser: None,
            secret_tag: cookie.secret_tag(&self.inner.keys),
            expires_at: cookie.expires_at,
        };
        let (device, _) = Device::register(new, proof);
        tx.apply(DiagnosticDeviceCreated { device, email }).await?;
        tx.commit().await?;
        Ok(DiagnosticDevice {
            device: cookie.device,
            cookie: cookie.issue(&self.inner.keys),
        })
    }
}
