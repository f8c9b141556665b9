//! Service tokens and client secrets: `<prefix><label>_<secret>`. The label finds the row; the secret half is 256 random
//! bits, of which the database keeps a salted SHA-256.

use crate::{Rng, keys::keyring::digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    rotating_secret::{RotatingSecret, RotationState},
    secret::{SecretBytes, SecretText},
};
use std::collections::HashMap;
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// Characters of a label: 8 random bytes in hexadecimal.
pub(crate) const LABEL_LENGTH: usize = 16;
/// 32 bytes in base64url without padding.
const SECRET_LENGTH: usize = 43;

/// Whose secret it is; one kind is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// A service's, or its proxy's.
    ServiceToken,
    /// A client's (RFC 6749 §2.3.1).
    ClientSecret,
}

impl SecretKind {
    /// What secret scanners know it by.
    const fn prefix(self) -> &'static str {
        match self {
            Self::ServiceToken => "lk_",
            Self::ClientSecret => "lkc_",
        }
    }
}

/// A secret that has the right form; whether it is right, the stored digest tells.
#[derive(Debug)]
pub(crate) struct PresentedSecret<'a> {
    pub(crate) label: &'a str,
    secret: SecretBytes<32>,
}

impl<'a> PresentedSecret<'a> {
    /// Parses a secret; `None` for anything that is not of the form of its kind.
    pub(crate) fn parse(kind: SecretKind, text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(kind.prefix())?;
        if rest.len() != LABEL_LENGTH + 1 + SECRET_LENGTH || !rest.is_ascii() {
            return None;
        }
        let (label, secret) = rest.split_at(LABEL_LENGTH);
        let mut bytes = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD
            .decode_slice(secret.strip_prefix('_')?, &mut bytes)
            .ok()?;
        (length == 32).then(|| Self {
            label,
            secret: SecretBytes::new(bytes),
        })
    }

    /// Whether the stored digest is of this secret; constant-time.
    pub(crate) fn is_secret_of(&self, salt: &[u8], stored: &[u8]) -> bool {
        salted(salt, self.secret.expose()).ct_eq(stored).into()
    }
}

/// The work that a well-formed secret costs, for one that is not: the time must not tell them apart.
fn burn_equal_work() {
    let decoy = PresentedSecret {
        label: "",
        secret: SecretBytes::new([0; 32]),
    };
    std::hint::black_box(decoy.is_secret_of(&[0; 16], &[0; 32]));
}

/// A new secret: what is stored of it, and its text.
pub(crate) fn generate<Owner>(
    kind: SecretKind,
    rng: &Rng,
    owner: Owner,
    now: OffsetDateTime,
) -> (RotatingSecret<Owner>, SecretText) {
    let label = hex::encode(rng.bytes::<8>());
    let (secret, salt) = (rng.bytes::<32>(), rng.bytes::<16>());
    let text = SecretText::new(format!(
        "{}{label}_{}",
        kind.prefix(),
        BASE64_URL_SAFE_NO_PAD.encode(secret)
    ));
    let stored = RotatingSecret {
        label,
        owner,
        salt: salt.to_vec(),
        digest: salted(&salt, &secret).to_vec(),
        created_at: now,
        state: RotationState::Current,
    };
    (stored, text)
}

fn salted(salt: &[u8], secret: &[u8; 32]) -> [u8; 32] {
    let mut value = [0; 48];
    value[..16].copy_from_slice(&salt.try_into().unwrap_or([0; 16]));
    value[16..].copy_from_slice(secret);
    // A name so short that all fits into one block of SHA-256: two would cost twice as much.
    digest("token", &value)
}

/// All secrets of a kind in memory: they are few.
pub(crate) struct SecretIndex<Owner> {
    kind: SecretKind,
    by_label: HashMap<String, RotatingSecret<Owner>>,
}

impl<Owner: Copy> SecretIndex<Owner> {
    pub(crate) fn new(
        kind: SecretKind,
        secrets: impl IntoIterator<Item = RotatingSecret<Owner>>,
    ) -> Self {
        let secrets = secrets.into_iter();
        let by_label = secrets.map(|secret| (secret.label.clone(), secret));
        Self {
            kind,
            by_label: by_label.collect(),
        }
    }

    /// Whose secret it is, if it is right and in time. What is missing or malformed costs as much.
    pub(crate) fn find(
        &self,
        text: Option<&str>,
        now: OffsetDateTime,
    ) -> Option<&RotatingSecret<Owner>> {
        let presented = text.and_then(|text| PresentedSecret::parse(self.kind, text));
        let known = presented
            .as_ref()
            .and_then(|presented| Some((presented, self.by_label.get(presented.label)?)));
        let Some((presented, known)) = known else {
            burn_equal_work();
            return None;
        };
        let is_right = presented.is_secret_of(&known.salt, &known.digest);
        (is_right && known.state.is_accepted(now)).then_some(known)
    }

    /// Whether a secret of this label is one of this owner's, and is accepted.
    pub(crate) fn accepts(&self, label: &str, owner: Owner, now: OffsetDateTime) -> bool
    where
        Owner: PartialEq,
    {
        self.by_label
            .get(label)
            .is_some_and(|known| known.owner == owner && known.state.is_accepted(now))
    }
}

impl<Owner: Copy> Default for SecretIndex<Owner> {
    fn default() -> Self {
        Self::new(SecretKind::ServiceToken, [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use proptest::{prelude::*, sample::Index};
    use time::Duration;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn make(rng: &Rng) -> (RotatingSecret<u8>, SecretText) {
        generate(SecretKind::ServiceToken, rng, 1, NOW)
    }

    fn index(secrets: impl IntoIterator<Item = RotatingSecret<u8>>) -> SecretIndex<u8> {
        SecretIndex::new(SecretKind::ServiceToken, secrets)
    }

    #[test]
    fn a_secret_is_recognised_by_its_digest_and_similar_ones_are_not() {
        let rng = Rng::seeded(1);
        let (made, text) = make(&rng);
        let known = index([made.clone()]);
        let is_known = |text: &str| known.find(Some(text), NOW).is_some();
        let text = text.expose_secret();
        assert_eq!(known.find(Some(text), NOW), Some(&made));
        assert!(!is_known(make(&rng).1.expose_secret()));
        assert_eq!(known.find(None, NOW), None);
        for wrong in [
            "",
            "lk_",
            &text[1..],
            &format!("{text}A"),
            &text.replace('_', "-"),
            &format!("lk_{}", "ü".repeat(30)),
            &text.to_uppercase(),
        ] {
            assert!(!is_known(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_secret_of_one_kind_is_none_of_another() {
        let rng = Rng::seeded(1);
        let (secret, text) = generate(SecretKind::ClientSecret, &rng, 1, NOW);
        let text = Some(text.expose_secret());
        let clients = SecretIndex::new(SecretKind::ClientSecret, [secret.clone()]);
        assert!(clients.find(text, NOW).is_some());
        assert!(index([secret]).find(text, NOW).is_none());
    }

    #[test]
    fn a_secret_is_accepted_until_its_end_and_for_its_owner() {
        let (mut secret, text) = make(&Rng::seeded(1));
        let label = secret.label.clone();
        secret.state = RotationState::of(Some(NOW));
        let known = index([secret]);
        for (now, is_accepted) in [(NOW - Duration::SECOND, true), (NOW, false)] {
            assert_eq!(
                known.find(Some(text.expose_secret()), now).is_some(),
                is_accepted
            );
            assert_eq!(known.accepts(&label, 1, now), is_accepted);
            assert!(!known.accepts(&label, 2, now) && !known.accepts("", 1, now));
        }
    }

    /// What somebody does to a token of theirs.
    #[derive(Debug, Clone)]
    enum Forgery {
        Arbitrary(String),
        Truncated(Index),
        Changed(Index, char),
        /// The first of one, the last of another of ours.
        Spliced(Index),
        Followed(String),
        /// 32 bytes leave two bits of the last character over, which encoders set to zero.
        SpareBits(usize),
    }

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    fn forgery() -> impl Strategy<Value = Forgery> {
        let letter = prop::sample::select(&ALPHABET[..]).prop_map(char::from);
        let letter = prop_oneof![4 => letter, 1 => any::<char>()];
        prop_oneof![
            1 => prop_oneof!["\\PC*", "lk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}"].prop_map(Forgery::Arbitrary),
            1 => any::<Index>().prop_map(Forgery::Truncated),
            4 => (any::<Index>(), letter).prop_map(|(place, to)| Forgery::Changed(place, to)),
            2 => any::<Index>().prop_map(Forgery::Spliced),
            1 => "[A-Za-z0-9_=-]{1,8}".prop_map(Forgery::Followed),
            1 => (1..4usize).prop_map(Forgery::SpareBits),
        ]
    }

    impl Forgery {
        fn of(self, text: &str, other: &str) -> String {
            // As long as before, so that the length gives nothing away.
            let with = |place: usize, what: char| {
                let end = text.len().min(place + what.len_utf8());
                format!("{}{what}{}", &text[..place], &text[end..])
            };
            match self {
                Self::Arbitrary(text) => text,
                Self::Truncated(end) => text[..end.index(text.len())].to_owned(),
                Self::Changed(place, to) => with(place.index(text.len()), to),
                Self::Spliced(place) => {
                    let place = place.index(text.len());
                    [&text[..place], &other[place..]].concat()
                }
                Self::Followed(more) => format!("{text}{more}"),
                Self::SpareBits(bits) => {
                    let (place, last) = text.char_indices().next_back().unwrap();
                    let number = ALPHABET
                        .iter()
                        .position(|letter| char::from(*letter) == last);
                    with(place, ALPHABET[number.unwrap() | bits].into())
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn only_the_issued_secret_is_recognised(seed in any::<u64>(), forgery in forgery()) {
            let rng = Rng::seeded(seed);
            let ((made, text), (_, another)) = (make(&rng), make(&rng));
            let known = index([made]);
            let is_known = |text: &str| known.find(Some(text), NOW).is_some();
            let text = text.expose_secret();
            prop_assert!(is_known(text));
            let forged = forgery.of(text, another.expose_secret());
            prop_assert!(forged == text || !is_known(&forged), "{}", forged);
        }
    }
}
