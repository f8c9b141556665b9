//! The device cookie: what it is made of, and how it is recognised.
//!
//! version (1) ‖ device id (16) ‖ expiry, Unix seconds (6) ‖ secret (32) ‖ key id (4) ‖ tag (32),
//! in base64url: 122 characters. What the tag covers fits into one block of SHA-256. The tag is HMAC-SHA256 over the first four, and is checked
//! first: forged, expired and oversized cookies are thrown away before any look-up. The secret is
//! then checked against its stored signature, so that neither a leaked database nor a leaked key
//! alone lets anybody forge a device.

#[cfg(test)]
mod properties;

use crate::keys::keyring::{KEY_ID_BYTES, Keyring, Purpose, TAG_BYTES};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    id::DeviceId,
    secret::{SecretBytes, SecretText},
};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const EXPIRY_BYTES: usize = 6;
const SIGNED_BYTES: usize = 1 + 16 + EXPIRY_BYTES + 32;
const BYTES: usize = SIGNED_BYTES + KEY_ID_BYTES + TAG_BYTES;
/// Characters of the printed form, unpadded; spare bits that are not zero are refused.
const LENGTH: usize = (BYTES * 8).div_ceil(6);

/// A device cookie's value and end, for one `Set-Cookie`.
#[derive(Debug, Clone)]
pub struct IssuedCookie {
    /// The value.
    pub value: SecretText,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// A cookie whose tag was right and whose time has not come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeviceCookie {
    pub(crate) device: DeviceId,
    pub(crate) secret: SecretBytes<32>,
    pub(crate) expires_at: OffsetDateTime,
}

/// Every way for a cookie to be wrong; the answer to the client is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CookieError {
    #[error("not of the right length or alphabet")]
    Malformed,
    #[error("not a version that we make")]
    Version,
    #[error("the tag is wrong, or of a retired key")]
    Forged,
    #[error("its time is over")]
    Expired,
}

impl DeviceCookie {
    /// Parses and checks a cookie's value. The tag is computed for malformed values too, so that
    /// all refusals cost the same.
    pub(crate) fn parse(
        text: &str,
        keys: &Keyring,
        now: OffsetDateTime,
    ) -> Result<Self, CookieError> {
        // The decoder wants room for whole groups of three.
        let mut decoded = Zeroizing::new([0; BYTES.next_multiple_of(3)]);
        let is_well_formed = text.len() == LENGTH
            && BASE64_URL_SAFE_NO_PAD
                .decode_slice(text, decoded.as_mut())
                .is_ok_and(|length| length == BYTES);
        let (signed, tag) = decoded[..BYTES].split_at(SIGNED_BYTES);
        let is_genuine = keys.is_tag_of(Purpose::Cookie, signed, tag);
        if !is_well_formed {
            return Err(CookieError::Malformed);
        }
        if !is_genuine {
            return Err(CookieError::Forged);
        }
        let (version, rest) = signed.split_at(1);
        let (device, rest) = rest.split_at(16);
        let (expiry, secret) = rest.split_at(EXPIRY_BYTES);
        if version != [VERSION] {
            return Err(CookieError::Version);
        }
        let seconds = expiry
            .iter()
            .fold(0, |seconds, byte| seconds << 8 | i64::from(*byte));
        let expires_at =
            OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| CookieError::Malformed)?;
        if expires_at <= now {
            return Err(CookieError::Expired);
        }
        Ok(Self {
            device: DeviceId::from_uuid(Uuid::from_bytes(
                device.try_into().map_err(|_| CookieError::Malformed)?,
            )),
            secret: SecretBytes::new(secret.try_into().map_err(|_| CookieError::Malformed)?),
            expires_at,
        })
    }

    /// The value for `Set-Cookie`, under the active key.
    pub(crate) fn issue(&self, keys: &Keyring) -> IssuedCookie {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.push(VERSION);
        bytes.extend_from_slice(self.device.uuid().as_bytes());
        let seconds = self.expires_at.unix_timestamp().to_be_bytes();
        bytes.extend_from_slice(&seconds[seconds.len() - EXPIRY_BYTES..]);
        bytes.extend_from_slice(self.secret.expose());
        let tag = keys.tag(Purpose::Cookie, &bytes);
        bytes.extend_from_slice(&tag);
        IssuedCookie {
            value: SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice())),
            expires_at: self.expires_at,
        }
    }

    /// The signature of the secret that the database keeps.
    pub(crate) fn secret_tag(&self, keys: &Keyring) -> Vec<u8> {
        keys.tag(Purpose::DeviceSecret, &*self.signed_secret())
            .to_vec()
    }

    /// Whether the stored signature is of this secret. `None` stands for an unknown device and
    /// costs the same.
    pub(crate) fn is_secret_of(&self, keys: &Keyring, stored: Option<&[u8]>) -> bool {
        let stored = stored.unwrap_or_default();
        keys.is_tag_of(Purpose::DeviceSecret, &*self.signed_secret(), stored)
    }

    /// What the signature covers: the secret of this device and no other.
    fn signed_secret(&self) -> Zeroizing<[u8; 16 + 32]> {
        let mut signed = Zeroizing::new([0; _]);
        signed[..16].copy_from_slice(self.device.uuid().as_bytes());
        signed[16..].copy_from_slice(self.secret.expose());
        signed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn keys(letter: &str) -> Keyring {
        Keyring::parse(&letter.repeat(42).chars().chain(['A']).collect::<String>()).unwrap()
    }

    fn cookie() -> DeviceCookie {
        DeviceCookie {
            device: DeviceId::from_uuid(Uuid::from_u128(7)),
            secret: SecretBytes::new([9; 32]),
            expires_at: NOW + Duration::DAY,
        }
    }

    #[test]
    fn an_issued_device_cookie_is_recognised_and_small() {
        let issued = cookie().issue(&keys("A"));
        let value = issued.value.expose_secret();
        assert!(value.len() == LENGTH && value.len() < 256);
        assert_eq!(DeviceCookie::parse(value, &keys("A"), NOW), Ok(cookie()));
        assert_eq!(
            DeviceCookie::parse(value, &keys("A"), NOW + Duration::DAY),
            Err(CookieError::Expired)
        );
    }

    /// Computed by another program: an upgrade that made or read others would sign everybody out.
    #[test]
    fn issued_device_cookies_are_stable() {
        assert_eq!(
            cookie().issue(&keys("A")).value.expose_secret(),
            "AQAAAAAAAAAAAAAAAAAAAAcAAGsC2UAJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCZkTwZ5DTx87PjpM0ZqjDd0ndURgyOU37thxJSa6MWeV4CARqg"
        );
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.encode(cookie().secret_tag(&keys("A"))),
            "mRPBnrPTXidp_bbLlnmwEvZ8pVA0DL5XeEyx7D9yA5QNhdVn"
        );
    }

    #[test]
    fn must_survive_16_a_flipped_bit_or_a_retired_key_is_rejected() {
        let issued = cookie().issue(&keys("A"));
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(issued.value.expose_secret())
            .unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(
                DeviceCookie::parse(&text, &keys("A"), NOW),
                Err(CookieError::Forged),
                "bit {bit}"
            );
        }
        assert_eq!(
            DeviceCookie::parse(issued.value.expose_secret(), &keys("B"), NOW),
            Err(CookieError::Forged)
        );
    }

    #[test]
    fn r27_a_cookie_cannot_be_computed_from_a_device_id() {
        let keys = keys("A");
        let stored = cookie().secret_tag(&keys);
        let guess = DeviceCookie {
            secret: SecretBytes::new([0; 32]),
            ..cookie()
        };
        assert!(!guess.is_secret_of(&keys, Some(&stored)));
        assert!(!guess.is_secret_of(&keys, None));
        assert!(cookie().is_secret_of(&keys, Some(&stored)));
    }

    #[test]
    fn malformed_device_cookies_are_rejected_without_panicking() {
        for text in [
            "",
            "a",
            &"a".repeat(LENGTH),
            &"a".repeat(LENGTH - 1),
            &"a".repeat(1_000_000),
            &"ü".repeat(LENGTH / 2),
            &"=".repeat(LENGTH),
        ] {
            assert!(DeviceCookie::parse(text, &keys("A"), NOW).is_err());
        }
    }
}
