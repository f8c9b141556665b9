//! The device cookie: issuing it, and recognising one that was issued.
//!
//! `latchkey_parsers::device_cookie` has its layout. The tag is checked first: forged, expired and malformed
//! cookies are refused before any look-up. The secret is then checked against its stored signature, so that
//! neither a leaked database nor a leaked key alone is enough to forge a device.

#[cfg(test)]
mod properties;

use crate::keys::keyring::{self, Keyring, Purpose};
use latchkey_domain::{
    id::DeviceId,
    secret::{SecretBytes, SecretText},
};
use latchkey_parsers::device_cookie::{DecodedCookie, TAG_BYTES, encode};
use time::OffsetDateTime;
use zeroize::Zeroizing;

const _: () = assert!(TAG_BYTES == keyring::KEY_ID_BYTES + keyring::TAG_BYTES);

/// A new device cookie: its value and its expiry.
#[derive(Debug, Clone)]
pub struct IssuedCookie {
    /// The value.
    pub value: SecretText,
    /// When it expires.
    pub expires_at: OffsetDateTime,
}

/// A cookie whose tag is right and which has not expired.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeviceCookie {
    pub(crate) device: DeviceId,
    pub(crate) secret: SecretBytes<32>,
    pub(crate) expires_at: OffsetDateTime,
}

/// Why a cookie is refused; the response to the client is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CookieError {
    #[error("malformed or of an unknown version")]
    Malformed,
    #[error("its tag is wrong or of a retired key")]
    Forged,
    #[error("expired")]
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
        let decoded = DecodedCookie::decode(text);
        let is_genuine = keys.is_tag_of(Purpose::Cookie, decoded.signed(), decoded.tag());
        if !decoded.is_well_formed() {
            return Err(CookieError::Malformed);
        }
        if !is_genuine {
            return Err(CookieError::Forged);
        }
        let (device, secret, expires_at) = decoded.fields().ok_or(CookieError::Malformed)?;
        if expires_at <= now {
            return Err(CookieError::Expired);
        }
        Ok(Self {
            device,
            secret,
            expires_at,
        })
    }

    /// Whether the text of a genuine cookie was tagged under the active key.
    pub(crate) fn is_under_active_key(text: &str, keys: &Keyring) -> bool {
        keys.is_active(DecodedCookie::decode(text).tag())
    }

    /// A new cookie, tagged with the active key.
    pub(crate) fn issue(&self, keys: &Keyring) -> IssuedCookie {
        IssuedCookie {
            value: encode(self.device, &self.secret, self.expires_at, |signed| {
                keys.tag(Purpose::Cookie, signed)
            }),
            expires_at: self.expires_at,
        }
    }

    /// The signature of the secret that the database stores.
    pub(crate) fn secret_tag(&self, keys: &Keyring) -> Vec<u8> {
        keys.tag(Purpose::DeviceSecret, &*self.signed_secret())
            .to_vec()
    }

    /// Whether the stored signature is of this secret. `None` is for an unknown device and
    /// costs the same.
    pub(crate) fn is_secret_of(&self, keys: &Keyring, stored: Option<&[u8]>) -> bool {
        let stored = stored.unwrap_or_default();
        keys.is_tag_of(Purpose::DeviceSecret, &*self.signed_secret(), stored)
    }

    /// What the signature covers: the secret together with its device.
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
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    use latchkey_parsers::device_cookie::LENGTH;
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

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

    /// Computed by another program: an upgrade that changed the format would sign all users out.
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
