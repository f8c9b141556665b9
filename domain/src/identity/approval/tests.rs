use super::*;
use crate::{
    id::{DeviceId, UserId},
    identity::device::{Assurance, Registration},
};
use std::collections::BTreeMap;
use uuid::Uuid;

const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

fn request(ip: Option<&str>) -> ApprovalRequest {
    ApprovalRequest {
        id: [7; 16],
        browser: DisplayName::parse("Firefox on Linux").unwrap(),
        kind: DeviceKind::Computer,
        ip: ip.map(|ip| ip.parse().unwrap()),
        created_at: NOW,
    }
}

fn device(name: &str, kind: DeviceKind, ip: Option<&str>) -> DeviceView {
    DeviceView {
        id: DeviceId::from_uuid(Uuid::from_u128(1)),
        user_id: UserId::from_uuid(Uuid::from_u128(2)),
        email: "ada@example.com".parse().unwrap(),
        name: DisplayName::parse(name).unwrap(),
        kind,
        registration: Registration::Code,
        assurance: Assurance::Passkey,
        created_at: NOW,
        last_seen_at: NOW,
        last_ip: ip.map(str::to_owned),
        passkey_verified_at: None,
        expires_at: NOW,
        is_limited: false,
        passkey_after: None,
        challenge: None,
        signed_out_at: None,
        revoked_at: None,
    }
}

/// Different seeds, as a hash makes them.
fn seeds() -> impl Iterator<Item = [u8; 32]> {
    (0_u64..6000).map(|number| {
        let mut seed = [0; 32];
        for (place, chunk) in seed.chunks_exact_mut(8).enumerate() {
            // SplitMix64.
            let z = (number * 4 + place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes());
        }
        seed
    })
}

#[test]
fn three_different_numbers_of_two_digits_are_offered_and_the_shown_one_is_among_them() {
    for seed in seeds().chain([[0; 32], [0xff; 32]]) {
        let Numbers { shown, offered } = Numbers::of(&seed);
        let [first, second, third] = offered;
        assert!(first != second && second != third && first != third);
        assert!(offered.iter().all(|number| (10..=99).contains(number)));
        assert!(offered.contains(&shown));
        assert_eq!(Numbers::of(&seed), Numbers { shown, offered });
    }
}

#[test]
fn neither_the_place_nor_the_number_says_which_is_shown() {
    let (mut places, mut shown, mut others) = ([0; 3], BTreeMap::new(), BTreeMap::new());
    for seed in seeds() {
        let numbers = Numbers::of(&seed);
        for (place, number) in numbers.offered.into_iter().enumerate() {
            match number == numbers.shown {
                true => places[place] += 1,
                false => *others.entry(number).or_insert(0) += 1,
            }
        }
        *shown.entry(numbers.shown).or_insert(0) += 1;
    }
    assert!(places.iter().all(|count| (1800..2200).contains(count)));
    // 6000 and 12000 draws of 90 numbers.
    assert!(shown.len() == 90 && shown.values().all(|count| (30..110).contains(count)));
    assert!(others.len() == 90 && others.values().all(|count| (80..190).contains(count)));
}

#[test]
fn what_is_unusual_follows_from_the_devices_of_the_user_and_the_place_of_the_approver() {
    use Unusual::{Browser, Kind, Network};
    let phone = |ip| device("Safari on iPhone", DeviceKind::Phone, ip);
    let laptop = |ip| device("Firefox on Windows", DeviceKind::Computer, ip);
    let here = Some("192.0.2.1");
    for (asks_from, approves_from, devices, expected) in [
        (here, here, vec![phone(here), laptop(here)], vec![]),
        (here, here, vec![phone(here)], vec![Kind, Browser]),
        (
            here,
            Some("198.51.100.1"),
            vec![phone(None), laptop(here)],
            vec![],
        ),
        (
            here,
            Some("198.51.100.1"),
            vec![phone(None), laptop(Some("203.0.113.9"))],
            vec![Network],
        ),
        (None, None, vec![laptop(None)], vec![Network]),
        (
            Some("2001:db8::1"),
            Some("2001:db8::ffff:1"),
            vec![laptop(None)],
            vec![],
        ),
        (
            Some("2001:db8::1"),
            Some("2001:db8:0:1::1"),
            vec![laptop(None)],
            vec![Network],
        ),
        (
            Some("::ffff:192.0.2.1"),
            here,
            vec![laptop(Some("not an address"))],
            vec![],
        ),
        (here, here, vec![], vec![Kind, Browser]),
    ] {
        let unusual =
            request(asks_from).unusual(approves_from.map(|ip| ip.parse().unwrap()), &devices);
        assert_eq!(unusual, expected, "{asks_from:?} {approves_from:?}");
    }
}

#[test]
fn a_request_ends_after_ten_minutes() {
    assert_eq!(
        request(None).expires_at() - NOW,
        time::Duration::minutes(10)
    );
}
