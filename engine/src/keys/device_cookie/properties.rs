//! Properties that hold for every issued cookie and for every text that is none.

use super::*;
use latchkey_parsers::device_cookie::LENGTH;
use proptest::{prelude::*, sample::Index};
use std::sync::LazyLock;
use time::macros::datetime;
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
/// The last second of the year 9999, up to which there are times.
const LAST: i64 = 253_402_300_799;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// An active and a retiring key; cookies of both are accepted. Derived once, because that is slow.
static KEYS: LazyLock<[Keyring; 2]> = LazyLock::new(|| {
    let [active, other] = ["A", "B"].map(|letter| letter.repeat(42) + "A");
    [format!("{active}\n{other}"), other].map(|lines| Keyring::parse(&lines).unwrap())
});

fn cookie() -> impl Strategy<Value = DeviceCookie> {
    let near = NOW.unix_timestamp()..NOW.unix_timestamp() + 100_000_000;
    let seconds = prop_oneof![
        near,
        NOW.unix_timestamp() + 1..=LAST,
        Just(NOW.unix_timestamp() + 1),
        Just(LAST),
    ];
    (any::<u128>(), any::<[u8; 32]>(), seconds).prop_map(|(device, secret, seconds)| DeviceCookie {
        device: DeviceId::from_uuid(Uuid::from_u128(device)),
        secret: SecretBytes::new(secret),
        expires_at: OffsetDateTime::from_unix_timestamp(seconds.max(NOW.unix_timestamp() + 1))
            .unwrap(),
    })
}

/// Changes that an attacker makes to a genuine cookie.
#[derive(Debug, Clone)]
enum Forgery {
    Arbitrary(String),
    Truncated(Index),
    Changed(Index, char),
    /// The beginning of one genuine cookie and the end of another.
    Spliced(Index),
    Inserted(Index, char),
    Twice,
    Followed(String),
    SpareBits(u8),
    Padded(usize),
    /// In the standard base64 alphabet.
    Standard,
}

fn forgery() -> impl Strategy<Value = Forgery> {
    let letter = || {
        prop_oneof![
            prop::sample::select(&ALPHABET[..]).prop_map(char::from),
            any::<char>()
        ]
    };
    prop_oneof![
        1 => prop_oneof!["\\PC*", "[A-Za-z0-9_-]{122}", "AQ[A-Za-z0-9_-]{120}"].prop_map(Forgery::Arbitrary),
        1 => any::<Index>().prop_map(Forgery::Truncated),
        4 => (any::<Index>(), letter()).prop_map(|(index, with)| Forgery::Changed(index, with)),
        2 => any::<Index>().prop_map(Forgery::Spliced),
        1 => (any::<Index>(), letter()).prop_map(|(index, text)| Forgery::Inserted(index, text)),
        1 => Just(Forgery::Twice),
        1 => "[A-Za-z0-9_=;, -]{1,8}".prop_map(Forgery::Followed),
        1 => (1..16u8).prop_map(Forgery::SpareBits),
        1 => (1..4usize).prop_map(Forgery::Padded),
        1 => Just(Forgery::Standard),
    ]
}

impl Forgery {
    fn of(self, value: &str, other: &str) -> String {
        let with =
            |index: usize, end: usize, text: &str| [&value[..index], text, &value[end..]].concat();
        match self {
            Self::Arbitrary(text) => text,
            Self::Truncated(end) => value[..end.index(LENGTH)].to_owned(),
            Self::Changed(index, to) => {
                // Keeps the length, so that the value is not refused for its length.
                let index = index.index(LENGTH);
                with(
                    index,
                    LENGTH.min(index + to.len_utf8()),
                    to.encode_utf8(&mut [0; 4]),
                )
            }
            Self::Spliced(index) => {
                let index = index.index(LENGTH);
                [&value[..index], &other[index..]].concat()
            }
            Self::Inserted(index, text) => {
                let index = index.index(LENGTH + 1);
                with(index, index, text.encode_utf8(&mut [0; 4]))
            }
            Self::Twice => value.repeat(2),
            Self::Followed(text) => format!("{value}{text}"),
            Self::SpareBits(bits) => {
                // 91 bytes leave four spare bits in the last character, which encoders set to zero.
                let last = value.as_bytes()[LENGTH - 1];
                let number = ALPHABET.iter().position(|letter| *letter == last).unwrap();
                let spare = char::from(ALPHABET[number | usize::from(bits)]);
                with(LENGTH - 1, LENGTH, spare.encode_utf8(&mut [0; 4]))
            }
            Self::Padded(count) => format!("{value}{}", "=".repeat(count)),
            Self::Standard => value.replace('-', "+").replace('_', "/"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_issued_device_cookie_parses_to_what_it_was_issued_for(cookie in cookie(), is_old_key in any::<bool>()) {
        let issued = cookie.issue(&KEYS[usize::from(is_old_key)]);
        let value = issued.value.expose_secret();
        prop_assert_eq!(value.len(), LENGTH);
        prop_assert_eq!(issued.expires_at, cookie.expires_at);
        let parsed = DeviceCookie::parse(value, &KEYS[0], NOW);
        prop_assert_eq!(parsed.as_ref(), Ok(&cookie));
        // It expires on the second, not one later.
        prop_assert_eq!(
            DeviceCookie::parse(value, &KEYS[0], cookie.expires_at),
            Err(CookieError::Expired)
        );
    }

    /// Six bytes hold non-negative seconds only: a time before 1970 must not parse as one in the far future.
    #[test]
    fn must_survive_16_an_expired_cookie_stays_expired(
        cookie in cookie(),
        seconds in -377_705_116_800..=NOW.unix_timestamp(),
    ) {
        let expires_at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let issued = DeviceCookie { expires_at, ..cookie }.issue(&KEYS[0]);
        prop_assert!(DeviceCookie::parse(issued.value.expose_secret(), &KEYS[0], NOW).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn must_survive_16_no_other_text_parses_as_a_cookie(
        one in cookie(), another in cookie(), forgery in forgery()
    ) {
        let [one, another] = [one, another].map(|cookie| cookie.issue(&KEYS[0]));
        let (value, other) = (one.value.expose_secret(), another.value.expose_secret());
        let text = forgery.of(value, other);
        if text != value && text != other {
            prop_assert!(DeviceCookie::parse(&text, &KEYS[0], NOW).is_err(), "{}", text);
        }
    }
}
