//! Small files, made here byte by byte, and whatever a file can have.

use super::*;
use crate::risk::mmdb_writer::{Value, write};
use std::fs;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn map(fields: Vec<(&str, Value)>) -> Value {
    let owned = |(name, value): (&str, Value)| (name.to_owned(), value);
    Value::Map(fields.into_iter().map(owned).collect())
}

fn city(country: &str, latitude: f64, longitude: f64, radius: u16) -> Value {
    map(vec![
        ("country", map(vec![("iso_code", text(country))])),
        (
            "location",
            map(vec![
                ("accuracy_radius", Value::U16(radius)),
                ("latitude", Value::Double(latitude)),
                ("longitude", Value::Double(longitude)),
            ]),
        ),
    ])
}

#[test]
fn cities_countries_and_operators_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("places.mmdb");
    let networks = [
        ("192.0.2.0/24", city("DE", 52.52, 13.40, 20)),
        ("198.51.100.0/25", map(vec![("country_code", text("FR"))])),
        (
            "203.0.113.0/24",
            map(vec![("autonomous_system_number", Value::U32(64_500))]),
        ),
        ("10.0.0.0/8", map(vec![("latitude", text("north"))])),
        ("172.16.0.0/12", city("DE", 400.0, 13.40, 20)),
        (
            "2001:db8::/32",
            map(vec![(
                "registered_country",
                map(vec![("iso_code", text("SE"))]),
            )]),
        ),
    ];
    fs::write(&path, write("Test-City", &networks)).unwrap();
    let locations = Locations::new(Some(path));
    let place = |address: &str| locations.place(ip(address));
    let berlin = place("192.0.2.77").unwrap();
    assert_eq!(berlin.country, Country::parse("DE"));
    assert_eq!(berlin.coordinates, Coordinates::new(52.52, 13.40, 20).ok());
    assert_eq!(place("::ffff:192.0.2.77"), Some(berlin));
    assert_eq!(
        place("198.51.100.127").unwrap().country,
        Country::parse("fr")
    );
    assert_eq!(place("203.0.113.9").unwrap().operator, Some(64_500));
    assert_eq!(
        place("2001:db8:1::1").unwrap().country,
        Country::parse("SE")
    );
    let impossible = place("172.16.0.1").unwrap();
    assert_eq!(
        (impossible.country, impossible.coordinates),
        (Country::parse("DE"), None)
    );
    for unknown in [
        "198.51.100.128",
        "10.1.1.1",
        "8.8.8.8",
        "::1",
        "2001:db9::1",
    ] {
        assert_eq!(place(unknown), None, "{unknown}");
    }
}

#[test]
fn a_changed_file_is_read_and_a_broken_one_keeps_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("places.mmdb");
    let of = |country: &str| {
        write(
            "T",
            &[("192.0.2.0/24", map(vec![("country_code", text(country))]))],
        )
    };
    let locations = Locations::new(Some(path.clone()));
    let country = || {
        locations
            .place(ip("192.0.2.1"))
            .and_then(|place| place.country)
    };
    assert_eq!(country(), None, "there is no file");
    fs::write(&path, of("DE")).unwrap();
    locations.reload();
    assert_eq!(country(), Country::parse("DE"));
    let good = of("FR");
    for broken in [&b"not a database"[..], &good[..good.len() / 2], &[]] {
        fs::write(&path, broken).unwrap();
        locations.reload();
        assert_eq!(country(), Country::parse("DE"), "{} bytes", broken.len());
    }
    fs::write(&path, good).unwrap();
    locations.reload();
    assert_eq!(country(), Country::parse("FR"));
    assert_eq!(Locations::new(None).place(ip("192.0.2.1")), None);
}

/// Of ip-location-db (CC0), which `cargo xtask test rust` installs.
#[test]
fn a_real_file_of_countries_is_read() {
    let Some(file) = std::env::var_os("TEST_LOCATION_FILE") else {
        eprintln!("SKIPPED: there is no location file; `cargo xtask test rust` brings one.");
        return;
    };
    let locations = Locations::new(Some(file.into()));
    for (address, country) in [
        ("193.0.6.139", "NL"),
        ("8.8.8.8", "US"),
        ("::ffff:8.8.8.8", "US"),
        ("2001:67c:2e8:22::c100:68b", "NL"),
        ("133.11.0.1", "JP"),
    ] {
        let place = locations.place(ip(address)).unwrap();
        assert_eq!(place.country, Country::parse(country), "{address}");
        assert_eq!((place.coordinates, place.operator), (None, None));
    }
    for unknown in ["192.0.2.1", "10.0.0.1", "127.0.0.1", "::1"] {
        assert_eq!(locations.place(ip(unknown)), None, "{unknown}");
    }
}

proptest::proptest! {
    /// Whatever the bytes are: a file is read or refused.
    #[test]
    fn no_file_panics(changes in proptest::collection::vec((0_usize..2000, proptest::prelude::any::<u8>()), 1..20)) {
        let mut bytes = write("T", &[("192.0.2.0/24", city("DE", 52.52, 13.40, 20))]);
        for (index, byte) in changes {
            let length = bytes.len();
            bytes[index % length] = byte;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("places.mmdb");
        fs::write(&path, bytes).unwrap();
        let locations = Locations::new(Some(path));
        for address in ["192.0.2.1", "198.51.100.1", "2001:db8::1"] {
            let _ = locations.place(ip(address));
        }
    }
}
