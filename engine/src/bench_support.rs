//! The steps of a verification one by one, for benchmarks.

use crate::{
    Clock, Rng,
    keys::device_cookie::{DeviceCookie, IssuedCookie},
    keys::keyring::{Keyring, Purpose},
    keys::rotating_secret::{self, PresentedSecret, SecretKind},
};
use latchkey_domain::{
    access::service::ServiceToken,
    id::{DeviceId, ServiceId},
    secret::{SecretBytes, SecretText},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A valid device cookie and a valid service token, with all that their verification needs.
pub struct VerifySteps {
    keys: Keyring,
    cookie: DeviceCookie,
    issued: IssuedCookie,
    /// As long as the text that the tag covers.
    signed: [u8; 55],
    signed_tag: Vec<u8>,
    secret_tag: Vec<u8>,
    token: ServiceToken,
    token_text: SecretText,
    now: OffsetDateTime,
}

impl VerifySteps {
    /// Sample credentials under a test key; never `None`.
    #[must_use]
    pub fn sample() -> Option<Self> {
        let (now, rng) = (Clock::system().now(), Rng::seeded(7));
        let keys = Keyring::parse(&"A".repeat(43)).ok()?;
        let cookie = DeviceCookie {
            device: DeviceId::from_uuid(Uuid::from_bytes(rng.bytes())),
            secret: SecretBytes::new(rng.bytes()),
            expires_at: now + Duration::DAY,
        };
        let signed = rng.bytes();
        let service = ServiceId::from_uuid(Uuid::nil());
        let (token, token_text) =
            rotating_secret::generate(SecretKind::ServiceToken, &rng, service, now);
        Some(Self {
            issued: cookie.issue(&keys),
            secret_tag: cookie.secret_tag(&keys),
            signed_tag: keys.tag(Purpose::Cookie, &signed).to_vec(),
            token,
            token_text,
            keys,
            cookie,
            signed,
            now,
        })
    }

    /// Parses the cookie: the alphabet, the tag, the expiry.
    #[must_use]
    pub fn parses_cookie(&self) -> bool {
        DeviceCookie::parse(self.issued.value.expose_secret(), &self.keys, self.now).is_ok()
    }

    /// Checks a tag alone: HMAC-SHA256 over as many bytes as a cookie's tag covers, and the comparison.
    #[must_use]
    pub fn checks_tag(&self) -> bool {
        (self.keys).is_tag_of(Purpose::Cookie, &self.signed, &self.signed_tag)
    }

    /// Checks the device secret against its stored tag.
    #[must_use]
    pub fn checks_secret(&self) -> bool {
        self.cookie.is_secret_of(&self.keys, Some(&self.secret_tag))
    }

    /// Parses the service token and checks its digest.
    #[must_use]
    pub fn checks_token(&self) -> bool {
        let text = self.token_text.expose_secret();
        PresentedSecret::parse(SecretKind::ServiceToken, text)
            .is_some_and(|secret| secret.is_secret_of(&self.token.salt, &self.token.digest))
    }
}
