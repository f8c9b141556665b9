//! Service tokens: `lk_<label>_<secret>`. The label finds the row; the secret half is 256 random
//! bits, of which the database keeps a salted SHA-256.

use crate::{Rng, keys::keyring::digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::secret::{SecretBytes, SecretText};
use subtle::ConstantTimeEq;

const PREFIX: &str = "lk_";
/// Characters of a label: 8 random bytes in hexadecimal.
pub(crate) const LABEL_LENGTH: usize = 16;
/// 32 bytes in base64url without padding.
const SECRET_LENGTH: usize = 43;

/// A token that has the right form; whether it is right, the stored digest tells.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    pub(crate) label: &'a str,
    secret: SecretBytes<32>,
}

/// A new token and what is stored of it.
pub(crate) struct NewToken {
    pub(crate) label: String,
    pub(crate) salt: [u8; 16],
    pub(crate) digest: [u8; 32],
    pub(crate) text: SecretText,
}

impl<'a> Token<'a> {
    /// Parses a bearer token; `None` for anything that is not of our form.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
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

    /// Whether the stored digest is of this token's secret; constant-time.
    pub(crate) fn is_secret_of(&self, salt: &[u8], stored: &[u8]) -> bool {
        salted(salt, self.secret.expose()).ct_eq(stored).into()
    }
}

/// The work that a well-formed token costs, for one that is not: the time must not tell them apart.
pub(crate) fn burn_equal_work() {
    let decoy = Token {
        label: "",
        secret: SecretBytes::new([0; 32]),
    };
    std::hint::black_box(decoy.is_secret_of(&[0; 16], &[0; 32]));
}

/// Makes a token.
pub(crate) fn generate(rng: &Rng) -> NewToken {
    let label = hex::encode(rng.bytes::<8>());
    let (secret, salt) = (rng.bytes::<32>(), rng.bytes::<16>());
    let text = SecretText::new(format!(
        "{PREFIX}{label}_{}",
        BASE64_URL_SAFE_NO_PAD.encode(secret)
    ));
    NewToken {
        label,
        salt,
        digest: salted(&salt, &secret),
        text,
    }
}

fn salted(salt: &[u8], secret: &[u8; 32]) -> [u8; 32] {
    let mut value = [0; 48];
    value[..16].copy_from_slice(&salt.try_into().unwrap_or([0; 16]));
    value[16..].copy_from_slice(secret);
    // A name so short that all fits into one block of SHA-256: two would cost twice as much.
    digest("token", &value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use proptest::{prelude::*, sample::Index};

    #[test]
    fn a_service_token_is_recognised_by_its_digest_and_similar_ones_are_not() {
        let rng = Rng::seeded(1);
        let made = generate(&rng);
        let text = made.text.expose_secret().to_owned();
        assert!(Token::parse(&text).is_some_and(
            |token| token.label == made.label && token.is_secret_of(&made.salt, &made.digest)
        ));
        let other = generate(&rng);
        assert!(
            Token::parse(other.text.expose_secret())
                .is_some_and(|token| !token.is_secret_of(&made.salt, &made.digest))
        );
        for wrong in [
            "",
            "lk_",
            &text[1..],
            &format!("{text}A"),
            &text.replace('_', "-"),
            &format!("lk_{}", "ü".repeat(30)),
            &text.to_uppercase(),
        ] {
            assert!(
                Token::parse(wrong)
                    .is_none_or(|token| !token.is_secret_of(&made.salt, &made.digest)),
                "{wrong:?}"
            );
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
        fn only_the_issued_service_token_is_recognised(seed in any::<u64>(), forgery in forgery()) {
            let rng = Rng::seeded(seed);
            let [made, another] = [generate(&rng), generate(&rng)];
            // As the engine asks: the label finds the row, the secret is checked against it.
            let is_known = |text: &str| {
                Token::parse(text).is_some_and(|token| {
                    token.label == made.label && token.is_secret_of(&made.salt, &made.digest)
                })
            };
            let text = made.text.expose_secret();
            prop_assert!(is_known(text));
            let forged = forgery.of(text, another.text.expose_secret());
            prop_assert!(forged == text || !is_known(&forged), "{}", forged);
        }
    }
}
