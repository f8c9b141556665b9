//! Native devices: programs without a cookie, each with a key that never leaves its machine. Its user approves it on another
//! device, and the key signs what the cookie of a browser would prove (RFC 7523 §2.1).

use crate::{
    event::{NativeDeviceRegistered, SignedIn},
    id::{ClientId, DeviceId},
    identity::device::{
        AlreadyRevoked, Device, DeviceState, KnownBrowsers, NewDevice, Registration,
    },
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a native device acts for its user before they have to approve it again.
pub const LIFETIME: Duration = Duration::days(30);

/// In front of the thumbprint of a key, where the key is a party (RFC 9278 §3).
pub const THUMBPRINT_URI: &str = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/// The client of `latchkey login`, which every installation has.
pub const COMMAND_LINE: ClientId =
    ClientId::from_uuid(Uuid::from_u128(0x0000_0000_0000_7000_8000_6c61_7463_686b));

/// The key of a native device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey {
    /// The thumbprint of the key (RFC 7638): a key belongs to one device.
    pub thumbprint: String,
    /// The public key, as a JWK.
    pub jwk: String,
    /// The device.
    pub device_id: DeviceId,
    /// On which device its user approved it last: it ends when that is revoked.
    pub approved_on: DeviceId,
}

/// The start of a thumbprint as two screens show it, for the user to compare: 96 bits.
#[must_use]
pub fn fingerprint(thumbprint: &str) -> String {
    let start: Vec<_> = thumbprint.chars().take(16).collect();
    let groups: Vec<String> = start
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

impl Device {
    /// Registers a native device that its user approved on `approver`. It is worth what that was worth at this time, has no cookie,
    /// and ends after [`LIFETIME`].
    #[must_use]
    pub fn register_native(
        new: NewDevice,
        approver: &Self,
        thumbprint: String,
        jwk: String,
        now: OffsetDateTime,
    ) -> (Self, NativeDeviceRegistered) {
        let device = Self {
            id: new.id,
            user_id: new.user_id,
            // No secret has this tag.
            secret_tag: Vec::new(),
            name: new.name,
            kind: new.kind,
            registration: Registration::Approval,
            created_at: now,
            last_seen_at: now,
            last_ip: new.ip,
            last_auth_at: approver.last_auth_at,
            auth_method: approver.auth_method,
            passkey_verified_at: approver.passkey_verified_at,
            expires_at: now + LIFETIME,
            limit: approver.limit,
            // It has no cookie.
            browsers: KnownBrowsers::default(),
            assessed: approver.assessed,
            challenge: approver.challenge,
            state: DeviceState::Active,
        };
        let key = DeviceKey {
            thumbprint,
            jwk,
            device_id: device.id,
            approved_on: approver.id,
        };
        let event = NativeDeviceRegistered {
            device: device.clone(),
            key,
        };
        (device, event)
    }

    /// Its user approved a native device again, signed in or out.
    ///
    /// # Errors
    /// [`AlreadyRevoked`].
    pub fn approve_native(
        self,
        approver: &Self,
        now: OffsetDateTime,
    ) -> Result<(Self, SignedIn), AlreadyRevoked> {
        if let DeviceState::Revoked { at } = self.state {
            return Err(AlreadyRevoked { at });
        }
        let device = Self {
            last_seen_at: now,
            last_auth_at: approver.last_auth_at,
            auth_method: approver.auth_method,
            passkey_verified_at: approver.passkey_verified_at,
            expires_at: now + LIFETIME,
            limit: approver.limit,
            assessed: approver.assessed,
            challenge: approver.challenge,
            state: DeviceState::Active,
            ..self.clone()
        };
        let event = SignedIn {
            device: device.clone(),
            before: self,
            risk: None,
        };
        Ok((device, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_start_of_a_thumbprint_in_groups_of_four() {
        let thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(fingerprint(thumbprint), "NzbL sXh8 uDCc d-6M");
        assert_eq!(fingerprint("ab"), "ab");
    }
}
