use super::*;
use crate::{RequestOrigin, test_engine::TestEngine};

fn request(ip: Option<&str>) -> ApprovalRequest {
    ApprovalRequest {
        id: [7; 16],
        browser: DisplayName::parse("Firefox on Linux").unwrap(),
        kind: DeviceKind::Computer,
        ip: ip.map(|ip| ip.parse().unwrap()),
        created_at: time::macros::datetime!(2026-11-21 12:00 UTC),
    }
}

#[test]
fn a_request_is_read_as_it_was_written_and_nothing_else_is() {
    for ip in [None, Some("192.0.2.1"), Some("2001:db8::1")] {
        let request = request(ip);
        let bytes = encode(&request);
        assert_eq!(decode(&bytes), Some(request));
        for length in 0..bytes.len() - "Firefox on Linux".len() {
            assert_eq!(decode(&bytes[..length]), None, "{length}");
        }
    }
    let mut bytes = encode(&request(None));
    bytes[24] = 9;
    assert_eq!(decode(&bytes), None, "no kind");
    bytes[24] = 0;
    bytes[25] = 5;
    assert_eq!(decode(&bytes), None, "no address");
}

#[tokio::test]
async fn must_survive_10_a_link_is_no_ticket_a_ticket_no_link_and_neither_can_be_changed() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let asking = engine.begin_approval(&RequestOrigin::default()).unwrap();
    let (link, ticket) = (asking.link.as_str(), asking.ticket.expose_secret());
    assert!(engine.open_request(Copy::Link, link).is_ok());
    assert!(engine.open_request(Copy::Ticket, ticket).is_ok());
    let expired = Err(Refusal::ApprovalExpired);
    assert_eq!(engine.open_request(Copy::Ticket, link), expired);
    assert_eq!(engine.open_request(Copy::Link, ticket), expired);
    for index in 0..link.len() {
        let letter = if &link[index..=index] == "A" {
            "B"
        } else {
            "A"
        };
        let changed = format!("{}{letter}{}", &link[..index], &link[index + 1..]);
        // The last letter of base64 can have bits that are no part of the bytes; they must be zero.
        assert_eq!(
            engine.open_request(Copy::Link, &changed),
            expired,
            "{index}"
        );
    }
    let handle = engine.begin_passkey_login().await.unwrap().0.text;
    let foreign = handle.expose_secret();
    assert_eq!(engine.open_request(Copy::Ticket, foreign), expired);
    assert!(engine.take_ceremony(Some(link)).await.unwrap().is_none());
    test.clock
        .advance(latchkey_domain::identity::approval::LIFETIME);
    assert_eq!(engine.open_request(Copy::Link, link), expired);
}

#[test]
fn a_link_is_short_enough_for_a_code_that_a_phone_reads() {
    let long = ApprovalRequest {
        browser: DisplayName::parse("Firefox on ChromeOS").unwrap(),
        ..request(Some("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"))
    };
    // Key id, nonce and tag of the seal, in base64.
    let letters = (encode(&long).len() + 4 + 24 + 16).div_ceil(3) * 4;
    assert!(letters <= 144, "{letters}");
}
