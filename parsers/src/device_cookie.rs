//! The value of the device cookie: its layout and its encoding.
//!
//! version (1) ‖ device id (16) ‖ expiry, Unix seconds (6) ‖ secret (32) ‖ key id (4) ‖ HMAC (32), in base64url
//! without padding: 122 characters. What the tag (key id and HMAC) covers, the first four fields, fits into one
//! block of SHA-256. The engine owns the keys, so it computes and checks the tag.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    id::DeviceId,
    secret::{SecretBytes, SecretText},
};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The length of the tag: key id and HMAC-SHA256.
pub const TAG_BYTES: usize = 4 + 32;
/// Characters of a value. Base64 whose spare bits are not zero is refused, so each value has one spelling.
pub const LENGTH: usize = (BYTES * 8).div_ceil(6);

const VERSION: u8 = 1;
const EXPIRY_BYTES: usize = 6;
const SIGNED_BYTES: usize = 1 + 16 + EXPIRY_BYTES + 32;
const BYTES: usize = SIGNED_BYTES + TAG_BYTES;

/// A decoded value whose tag has not been checked. A malformed value decodes too, to bytes that no key has
/// tagged, so that checking the tag costs the same for every value.
pub struct DecodedCookie {
    // The decoder needs room for whole groups of three bytes.
    bytes: Zeroizing<[u8; BYTES.next_multiple_of(3)]>,
    is_well_formed: bool,
}

impl DecodedCookie {
    /// Decodes a cookie's value.
    #[must_use]
    pub fn decode(text: &str) -> Self {
        let mut bytes = Zeroizing::new([0; _]);
        let is_well_formed = text.len() == LENGTH
            && BASE64_URL_SAFE_NO_PAD
                .decode_slice(text, bytes.as_mut())
                .is_ok_and(|length| length == BYTES);
        Self {
            bytes,
            is_well_formed,
        }
    }

    /// Whether the value has the right length and alphabet.
    #[must_use]
    pub const fn is_well_formed(&self) -> bool {
        self.is_well_formed
    }

    /// What the tag covers.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        &self.bytes[..SIGNED_BYTES]
    }

    /// The tag, to be checked before [`DecodedCookie::fields`] is believed.
    #[must_use]
    pub fn tag(&self) -> &[u8] {
        &self.bytes[SIGNED_BYTES..BYTES]
    }

    /// The device, its secret and the cookie's expiry; `None` if the value is malformed or of another version.
    #[must_use]
    pub fn fields(&self) -> Option<(DeviceId, SecretBytes<32>, OffsetDateTime)> {
        let (version, rest) = self.signed().split_first_chunk()?;
        let (device, rest) = rest.split_first_chunk()?;
        let (expiry, secret) = rest.split_first_chunk::<EXPIRY_BYTES>()?;
        if !self.is_well_formed || *version != [VERSION] {
            return None;
        }
        let seconds = expiry
            .iter()
            .fold(0, |seconds, byte| seconds * 256 + i64::from(*byte));
        Some((
            DeviceId::from_uuid(Uuid::from_bytes(*device)),
            SecretBytes::new(secret.try_into().ok()?),
            OffsetDateTime::from_unix_timestamp(seconds).ok()?,
        ))
    }
}

/// Encodes a value; `tag` computes the tag of the bytes that it covers.
#[must_use]
pub fn encode(
    device: DeviceId,
    secret: &SecretBytes<32>,
    expires_at: OffsetDateTime,
    tag: impl FnOnce(&[u8]) -> [u8; TAG_BYTES],
) -> SecretText {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
    bytes.push(VERSION);
    bytes.extend_from_slice(device.uuid().as_bytes());
    let seconds = expires_at.unix_timestamp().to_be_bytes();
    bytes.extend_from_slice(&seconds[seconds.len() - EXPIRY_BYTES..]);
    bytes.extend_from_slice(secret.expose());
    let tag = tag(&bytes);
    bytes.extend_from_slice(&tag);
    SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_layout_is_as_documented() {
        let value = encode(
            DeviceId::from_uuid(Uuid::from_bytes([2; 16])),
            &SecretBytes::new([3; 32]),
            OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(0x0102_0304),
            |signed| {
                assert_eq!(signed.len(), SIGNED_BYTES);
                [4; TAG_BYTES]
            },
        );
        let expected = [&[1][..], &[2; 16], &[0, 0, 1, 2, 3, 4], &[3; 32], &[4; 36]].concat();
        assert_eq!(
            value.expose_secret(),
            BASE64_URL_SAFE_NO_PAD.encode(&expected)
        );
        let decoded = DecodedCookie::decode(value.expose_secret());
        assert!(decoded.is_well_formed());
        assert_eq!([decoded.signed(), decoded.tag()].concat(), expected);
    }

    #[test]
    fn a_value_of_another_length_or_alphabet_is_not_well_formed() {
        let right = BASE64_URL_SAFE_NO_PAD.encode([0; BYTES]);
        assert!(DecodedCookie::decode(&right).is_well_formed());
        for wrong in [
            "",
            &right[1..],
            &format!("{right}A"),
            &right.replacen('A', "=", 1),
        ] {
            assert!(!DecodedCookie::decode(wrong).is_well_formed(), "{wrong}");
        }
    }

    #[test]
    fn a_value_of_another_version_or_time_has_no_fields() {
        let with = |index: usize, byte: u8| {
            let mut bytes = [0; BYTES];
            bytes[0] = VERSION;
            bytes[index] = byte;
            DecodedCookie::decode(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).fields()
        };
        assert!(with(0, VERSION).is_some());
        assert!(with(0, 2).is_none());
        // The highest byte of the expiry: far beyond the year 9999.
        assert!(with(17, 1).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn an_encoded_value_decodes_to_its_fields(
            device in any::<u128>(), secret in any::<[u8; 32]>(), seconds in 0..253_402_300_800_i64
        ) {
            let fields = (
                DeviceId::from_uuid(Uuid::from_u128(device)),
                SecretBytes::new(secret),
                OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
            );
            let value = encode(fields.0, &fields.1, fields.2, |_| [7; TAG_BYTES]);
            prop_assert_eq!(value.expose_secret().len(), LENGTH);
            prop_assert_eq!(DecodedCookie::decode(value.expose_secret()).fields(), Some(fields));
        }

        #[test]
        fn a_text_that_decodes_is_the_only_spelling_of_its_fields(text in "AQ[A-Za-z0-9_-]{119,121}|\\PC{0,130}") {
            let decoded = DecodedCookie::decode(&text);
            if let Some((device, secret, expires_at)) = decoded.fields() {
                let value = encode(device, &secret, expires_at, |_| decoded.tag().try_into().unwrap());
                prop_assert_eq!(value.expose_secret(), text);
            }
        }
    }
}
