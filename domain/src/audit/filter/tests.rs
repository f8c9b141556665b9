use super::*;
use time::macros::datetime;

fn parse(
    fields: &[(FilterField, &str)],
) -> Result<EventFilter, BTreeMap<FilterField, FilterFault>> {
    EventFilter::parse(|field| {
        let found = fields.iter().find(|(name, _)| *name == field);
        found
            .map(|(_, text)| (*text).to_owned())
            .unwrap_or_default()
    })
}

#[test]
fn nothing_and_spaces_are_no_condition() {
    assert_eq!(parse(&[]), Ok(EventFilter::default()));
    let spaces: Vec<_> = FilterField::ALL.map(|field| (field, "  ")).into();
    assert!(parse(&spaces).unwrap().is_empty());
}

#[test]
fn fields_are_read() {
    let id = "01937f4e-0000-7000-8000-000000000000";
    let filter = parse(&[
        (FilterField::User, "Ada@Example.com"),
        (FilterField::Device, id),
        (FilterField::Service, "photos"),
        (FilterField::Outcome, "refused"),
        (FilterField::Network, "10.0.0.0/8"),
    ])
    .unwrap();
    assert!(matches!(filter.user, Some(UserName::Email(_))));
    assert_eq!(filter.device.map(|id| id.to_string()).as_deref(), Some(id));
    assert_eq!(filter.outcome, Some(Outcome::Refused));
    assert!(filter.network.is_some() && filter.service.is_some());
    let by_id = parse(&[(FilterField::User, id)]).unwrap();
    assert!(matches!(by_id.user, Some(UserName::Id(_))));
}

#[test]
fn every_field_that_cannot_be_used_is_named() {
    let fields = FilterField::ALL.map(|field| (field, "'; DROP TABLE"));
    let faults = parse(&fields).unwrap_err();
    assert_eq!(faults.len(), FilterField::ALL.len());
    assert_eq!(faults[&FilterField::Network], FilterFault::Network);
    let wide = parse(&[(FilterField::Network, "0.0.0.0/0")]).unwrap_err();
    assert_eq!(wide[&FilterField::Network], FilterFault::WideNetwork);
}

#[test]
fn a_day_and_a_minute_last_to_their_end() {
    for (text, since, until) in [
        (
            "2026-11-21",
            datetime!(2026-11-21 0:00 UTC),
            datetime!(2026-11-22 0:00 UTC),
        ),
        (
            "2026-11-21T10:30",
            datetime!(2026-11-21 10:30 UTC),
            datetime!(2026-11-21 10:31 UTC),
        ),
        (
            "2026-11-21 10:30:05",
            datetime!(2026-11-21 10:30:05 UTC),
            datetime!(2026-11-21 10:30:06 UTC),
        ),
        (
            "2026-11-21T10:30Z",
            datetime!(2026-11-21 10:30 UTC),
            datetime!(2026-11-21 10:31 UTC),
        ),
        (
            "2026-11-21T10:30+02:00",
            datetime!(2026-11-21 8:30 UTC),
            datetime!(2026-11-21 8:31 UTC),
        ),
        (
            "2026-11-21T01:30:00-02:30",
            datetime!(2026-11-21 4:00 UTC),
            datetime!(2026-11-21 4:00:01 UTC),
        ),
    ] {
        let filter = parse(&[(FilterField::Since, text)]).unwrap();
        assert_eq!(filter.since, Some(since), "{text}");
        let filter = parse(&[(FilterField::Until, text)]).unwrap();
        assert_eq!(filter.until, Some(until), "{text}");
    }
    for text in [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-11-21T25:00",
        "2026-11-21T1:00",
        "26-11-21",
        "2026-11-21T10:30+99:99",
        "2026-11-21T",
        "+2026-11-21",
        "2026-11-21T10:30:00.5",
        "9999-12-31",
        "2026-11-21T10:3é",
    ] {
        let found = parse(&[(FilterField::Until, text)]);
        // The end of the last day is not a time.
        assert!(found.is_err(), "{text}");
    }
}

#[test]
fn an_end_before_the_beginning_is_a_fault_of_the_end() {
    let range = |since, until| parse(&[(FilterField::Since, since), (FilterField::Until, until)]);
    assert!(range("2026-11-21", "2026-11-21").is_ok());
    let faults = range("2026-11-22", "2026-11-21").unwrap_err();
    assert_eq!(
        faults.into_iter().collect::<Vec<_>>(),
        [(FilterField::Until, FilterFault::EndsBefore)]
    );
}
