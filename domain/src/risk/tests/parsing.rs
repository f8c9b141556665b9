//! What is refused where it enters, and what reads back.

use super::*;

#[test]
fn numbers_that_cannot_be_are_refused_where_they_enter() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, 1.1] {
        assert!(Likelihood::new(value).is_err(), "{value}");
    }
    for value in [f64::NAN, f64::INFINITY, 181.0, -1e9] {
        assert!(Coordinates::new(value, 0.0, 1).is_err(), "{value}");
        assert!(Coordinates::new(0.0, value, 1).is_err(), "{value}");
    }
    assert!(Coordinates::new(0.0, 0.0, 1_000_000_000).is_err());
    assert!(Failures::new(1_000_000_000).is_err());
    for entry in [
        "new_device=101",
        "new_device=-1",
        "new_device=NaN",
        "new_device=1e9",
        "new_device",
        "tomorrow=1",
        "=1",
    ] {
        assert!(Weights::default().with_list([entry]).is_err(), "{entry}");
    }
    let weights = Weights::default()
        .with_list(["new_device=40", "automation = 0"])
        .unwrap();
    assert_eq!(
        (
            weights.of(Factor::NewDevice),
            weights.of(Factor::Automation)
        ),
        (40, 0)
    );
    let text = weights.to_string();
    assert_eq!(Weights::NONE.with_list(text.split(',')).unwrap(), weights);
}

#[test]
fn a_note_reads_back() {
    let (baseline, morning) = settled();
    let signals = Signals {
        place: lagos(),
        device: Some(DeviceSignal::New),
        ..usual()
    };
    let note = RiskNote {
        assessment: assess(&signals, &baseline, &Weights::default(), morning),
        mode: Mode::Shadow,
        demand: Demand::Passkey,
    };
    assert_eq!(
        note.to_string(),
        "55 high shadow passkey unusual_location:30 new_device:25"
    );
    assert_eq!(note.to_string().parse(), Ok(note.clone()));
    assert_eq!(note.enforced(), Demand::Nothing);
    for text in [
        "",
        "55",
        "55 high",
        "55 high shadow passkey tomorrow:1",
        "256 high shadow passkey",
        "5 high shadow passkey new_device",
    ] {
        assert_eq!(text.parse::<RiskNote>(), Err(NoteError), "{text}");
    }
}

#[test]
fn block_lists_are_read_in_three_forms() {
    let list = "# a list\n192.0.2.1\n198.51.100.0/24 ; a network\n\n2001:db8::/32\ncreate bad hash:net family inet\nadd bad 203.0.113.0/25\nadd bad 203.0.113.128/25 comment \"the rest\"\n";
    let set = AddressSet::parse(list).unwrap();
    assert_eq!(set.len(), 4, "neighbours are one");
    for (address, is_listed) in [
        ("192.0.2.1", true),
        ("192.0.2.2", false),
        ("::ffff:192.0.2.1", true),
        ("198.51.100.255", true),
        ("198.51.101.0", false),
        ("203.0.113.127", true),
        ("203.0.113.128", true),
        ("2001:db8:ffff::1", true),
        ("2001:db9::", false),
    ] {
        assert_eq!(set.contains(ip(address)), is_listed, "{address}");
    }
    assert_eq!(
        AddressSet::parse("192.0.2.1\n<html>"),
        Err(ListError::Line(2))
    );
    assert_eq!(AddressSet::parse("192.0.2.0/33"), Err(ListError::Line(1)));
    assert_eq!(AddressSet::parse("add bad"), Err(ListError::Line(1)));
    let all = AddressSet::parse("::/0").unwrap();
    assert!(all.contains(ip("192.0.2.1")) && all.contains(ip("ffff::")));
    for (text, shown) in [
        ("192.0.2.9/24", "192.0.2.0/24"),
        ("192.0.2.9", "192.0.2.9"),
        ("2001:DB8::1/32", "2001:db8::/32"),
        ("::/0", "::/0"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ] {
        assert_eq!(text.parse::<AddressRange>().unwrap().to_string(), shown);
    }
}

#[test]
fn programs_name_themselves() {
    for agent in [
        "",
        "  ",
        "curl/8.5.0",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0",
        "python-requests/2.32",
    ] {
        assert!(is_automated(agent), "{agent:?}");
    }
    assert!(!is_automated(
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    ));
}
