//! Which entries the filters of the audit log find, and copies of them.

use crate::{
    authority::promoted,
    test_engine::{OPERATOR, TestEngine, from, new_user, origin},
};
use latchkey_domain::{
    access::permission::AuditRead,
    audit::{
        event::EventView,
        filter::{EventFilter, FilterField},
    },
    pagination::{Cursor, ListQuery},
};
use latchkey_engine::{Engine, Error, NewService, SelectedEvents};

fn filter(fields: &[(FilterField, &str)]) -> EventFilter {
    let text = |field| {
        let found = fields.iter().find(|(name, _)| *name == field);
        found.map(|(_, text)| (*text).to_owned())
    };
    EventFilter::parse(|field| text(field).unwrap_or_default()).unwrap()
}

async fn found(engine: &Engine, fields: &[(FilterField, &str)]) -> Vec<String> {
    let query = ListQuery {
        sort: "time".to_owned(),
        ..ListQuery::default()
    };
    let filter = filter(fields);
    let page = engine
        .find_events(&OPERATOR, &filter, &query)
        .await
        .unwrap();
    let listed = actions(&page.items);
    // A copy and the API have the same.
    let events = engine.select_events(&OPERATOR, &filter, 0).await.unwrap();
    assert_eq!(actions(&all(events).await), listed, "{fields:?}");
    let cursor = Cursor {
        after: None,
        limit: 100,
    };
    let batch = engine
        .event_batch(&OPERATOR, cursor, &filter)
        .await
        .unwrap();
    assert_eq!(actions(&batch.items), listed, "{fields:?}");
    assert_eq!(page.total, listed.len() as u64, "{fields:?}");
    listed
}

async fn all(mut events: SelectedEvents) -> Vec<EventView> {
    let mut found = Vec::new();
    while let Some(part) = events.next().await.unwrap() {
        found.extend(part);
    }
    found
}

fn actions(events: &[EventView]) -> Vec<String> {
    events.iter().map(|event| event.action.clone()).collect()
}

#[tokio::test]
async fn entries_are_found_by_user_device_service_outcome_network_and_time() {
    let test = TestEngine::new().await;
    let (ada, uri) = test.provisioned("ada@example.com").await;
    test.wait(86_400);
    let at = |ip, code: String| {
        let engine = test.engine.clone();
        async move {
            let origin = from(ip);
            engine
                .register_device("ada@example.com", &code, "Laptop", None, &origin)
                .await
        }
    };
    at([198, 51, 100, 7], "000000".to_owned())
        .await
        .unwrap_err();
    test.wait(30);
    let signed_in = at([192, 0, 2, 7], test.totp(&uri)).await.unwrap();
    test.service("photos").await;
    test.service("wiki").await;
    test.grant("ada@example.com", "photos", "").await;
    let engine = &test.engine;
    let device = signed_in.current_user.device_id.to_string();
    let about_ada = [
        "user.added",
        "totp.provisioned",
        "session.refused",
        "device.registered",
        "grant.added",
    ];
    let refused = &["session.refused"][..];
    let registered = &["device.registered"][..];
    let day = "2026-11-22";
    for (fields, expected) in [
        (
            &[(FilterField::User, "ADA@example.com")][..],
            &about_ada[..],
        ),
        (&[(FilterField::User, &ada.to_string())], &about_ada),
        (&[(FilterField::User, "eve@example.com")], &[]),
        (&[(FilterField::Device, &device)], registered),
        (
            &[(FilterField::Service, "photos")],
            &["service.added", "grant.added"],
        ),
        (&[(FilterField::Service, "wiki")], &["service.added"]),
        (&[(FilterField::Outcome, "refused")], refused),
        (&[(FilterField::Network, "198.51.100.0/24")], refused),
        (&[(FilterField::Network, "192.0.2.7")], registered),
        (&[(FilterField::Network, "192.0.2.0/29")], registered),
        (&[(FilterField::Network, "192.0.2.8/29")], &[]),
        (
            &[(FilterField::Until, "2026-11-21")],
            &["user.added", "totp.provisioned"],
        ),
        (
            &[
                (FilterField::Since, day),
                (FilterField::User, "ada@example.com"),
                (FilterField::Outcome, "done"),
            ],
            &["device.registered", "grant.added"],
        ),
    ] {
        assert_eq!(found(engine, fields).await, expected, "{fields:?}");
    }
    let done = found(engine, &[(FilterField::Outcome, "done")]).await;
    assert_eq!(done.len() as u64 + 1, test.entries().await);
}

#[tokio::test]
async fn entries_of_a_deleted_user_are_found_by_their_address() {
    let test = TestEngine::new().await;
    let origin = origin();
    for _ in 0..2 {
        let new = new_user("ada@example.com");
        let added = test.engine.add_user(&OPERATOR, new, &origin).await;
        let (user, _) = added.unwrap().commit().await.unwrap();
        let deleted = test.engine.delete_user(&OPERATOR, user.id, &origin);
        deleted.await.unwrap();
    }
    let of_both = found(&test.engine, &[(FilterField::User, "ada@example.com")]).await;
    assert_eq!(
        of_both,
        ["user.added", "user.deleted", "user.added", "user.deleted"]
    );
}

#[tokio::test]
async fn a_copy_is_read_in_parts_and_a_batch_over_all_of_the_log() {
    let test = TestEngine::on_disk().await;
    let ada = test.registered("ada@example.com").await;
    test.service("photos").await;
    for number in 0..1300 {
        let new = NewService {
            hosts: format!("{number}.example.com"),
            ..NewService::default()
        };
        test.engine
            .change_service(&OPERATOR, "photos", new, &origin())
            .await
            .unwrap();
    }
    let all_of_it = filter(&[]);
    let mut events = test
        .engine
        .select_events(&OPERATOR, &all_of_it, 0)
        .await
        .unwrap();
    let mut sizes = Vec::new();
    while let Some(part) = events.next().await.unwrap() {
        sizes.push(part.len());
    }
    let entries = usize::try_from(test.entries().await).unwrap();
    assert_eq!(sizes, [500, 500, entries - 1000]);
    // What was written meanwhile.
    test.service("wiki").await;
    assert_eq!(events.next().await.unwrap(), None);
    events.extend().await.unwrap();
    assert_eq!(
        actions(&events.next().await.unwrap().unwrap()),
        ["service.added"]
    );
    let own = test
        .engine
        .select_my_events(&ada.current_user, &all_of_it)
        .await
        .unwrap();
    assert_eq!(all(own).await.len(), 3);
}

#[tokio::test]
async fn a_copy_ends_when_its_reader_may_read_no_more() {
    let test = TestEngine::new().await;
    let ada = promoted(&test, "ada@example.com").await.current_user;
    let proof = ada.authorize(AuditRead, test.engine.now()).unwrap();
    let all_of_it = filter(&[]);
    let mut events = test
        .engine
        .select_events(&proof, &all_of_it, 0)
        .await
        .unwrap();
    assert!(events.next().await.unwrap().is_some());
    test.revoke(ada.device_id).await;
    assert!(matches!(events.next().await, Err(Error::Denied(_))));
}
