//! Refresh tokens: `lkr_`, then in base64url the family, the number of the token, and an HMAC over both and the family's salt.
//!
//! Nothing of a refresh token is stored, not even a digest: the row says which number is the newest. A leaked database makes
//! none without the master key, nor the master key without the database; the same number gives the same token, so that a
//! lost response can be repeated; and an old one is known from a forged one, which must not end anybody's family.

use crate::keys::keyring::{KEY_ID_BYTES, Keyring, Purpose, TAG_BYTES};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{id::TokenFamilyId, secret::SecretText, tokens::family::TokenFamily};
use uuid::Uuid;

const PREFIX: &str = "lkr_";
const FAMILY_BYTES: usize = 16;
const NUMBER_BYTES: usize = 4;
const BYTES: usize = FAMILY_BYTES + NUMBER_BYTES + KEY_ID_BYTES + TAG_BYTES;
/// In base64 without padding.
const LENGTH: usize = PREFIX.len() + (BYTES * 4).div_ceil(3);

/// A refresh token that has the right form; whether it is genuine, its family tells.
pub(crate) struct RefreshToken {
    pub(crate) family: TokenFamilyId,
    pub(crate) number: u32,
    tag: [u8; KEY_ID_BYTES + TAG_BYTES],
}

impl RefreshToken {
    /// Parses a token; `None` for anything that has another form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // Before it is decoded: there may be a lot of it.
        if text.len() != LENGTH {
            return None;
        }
        let bytes = BASE64.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (family, rest) = bytes.split_first_chunk::<FAMILY_BYTES>()?;
        let (number, tag) = rest.split_first_chunk::<NUMBER_BYTES>()?;
        Some(Self {
            family: TokenFamilyId::from_uuid(Uuid::from_bytes(*family)),
            number: u32::from_be_bytes(*number),
            tag: tag.try_into().ok()?,
        })
    }

    /// Whether we made it for this family; constant-time.
    pub(crate) fn is_of(&self, family: &TokenFamily, keys: &Keyring) -> bool {
        let signed = signed(family, self.number);
        self.family == family.id && keys.is_tag_of(Purpose::RefreshToken, &signed, &self.tag)
    }
}

/// The refresh token of a family with this number.
pub(crate) fn make(family: &TokenFamily, number: u32, keys: &Keyring) -> SecretText {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend(family.id.uuid().as_bytes());
    bytes.extend(number.to_be_bytes());
    bytes.extend(keys.tag(Purpose::RefreshToken, &signed(family, number)));
    SecretText::new(format!("{PREFIX}{}", BASE64.encode(bytes)))
}

fn signed(family: &TokenFamily, number: u32) -> Vec<u8> {
    let id = family.id.uuid();
    [&id.as_bytes()[..], &number.to_be_bytes(), &family.salt].concat()
}
