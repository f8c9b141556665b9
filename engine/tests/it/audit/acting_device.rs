//! On which device something was done.

use super::{newest, settings, tamper};
use crate::{
    authority::promoted,
    test_engine::{OPERATOR, TestEngine, new_user, origin, totp},
};
use latchkey_domain::{
    access::permission::{CurrentUser, DevicesRevoke},
    audit::{
        event::EventView,
        filter::{EventFilter, FilterField},
    },
    id::DeviceId,
    pagination::{Cursor, ListQuery},
};
use latchkey_engine::{ChainReport, Engine, RequestOrigin};

/// What is found with the filter by device, oldest first: the action, and the name of the device on which it was done.
async fn of_device(engine: &Engine, device: DeviceId) -> Vec<(String, String)> {
    let filter = EventFilter::parse(|field| match field {
        FilterField::Device => device.to_string(),
        _ => String::new(),
    });
    let (filter, query) = (filter.unwrap(), ListQuery::default());
    let page = engine.find_events(&OPERATOR, &filter, &query).await;
    let found = |event: EventView| (event.action, event.device_name.unwrap_or_default());
    page.unwrap().items.into_iter().rev().map(found).collect()
}

fn pairs(found: &[(String, String)]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|(action, name)| (&**action, &**name))
        .collect()
}

#[tokio::test]
async fn audit_49_a_filter_by_device_finds_what_was_done_on_it_and_to_it() {
    let test = TestEngine::new().await;
    let (engine, safari) = (
        &test.engine,
        RequestOrigin {
            user_agent: "Version/18.0 Safari/605.1.15".to_owned(),
            ..origin()
        },
    );
    let ada = promoted(&test, "ada@example.com").await;
    let eve = test.registered("eve@example.com").await.current_user;
    let now = engine.now();
    let here = test.current_user(&ada).await.unwrap();
    engine
        .rename_device(
            &here.may_manage_self(now).unwrap(),
            here.device_id,
            "Laptop",
            &origin(),
        )
        .await
        .unwrap();
    let renamed = newest(&test).await;
    assert_eq!(
        (renamed.device, renamed.device_name.as_deref()),
        (Some(here.device_id), Some("Firefox on Linux"))
    );
    assert_eq!(renamed.session.as_ref().map(String::len), Some(16));
    let proof = here.authorize(DevicesRevoke, now).unwrap();
    engine
        .revoke_device(&proof, eve.device_id, &[], &safari)
        .await
        .unwrap();
    let revoked = newest(&test).await;
    assert_eq!(revoked.device_name.as_deref(), Some("Laptop (Safari)"));
    assert_eq!(revoked.session, renamed.session, "it is the same session");
    // The operator has no device.
    test.service("photos").await;
    let added = newest(&test).await;
    assert_eq!(
        (added.device, added.device_name, added.session),
        (None, None, None)
    );
    let firefox = "Firefox on Linux";
    assert_eq!(
        pairs(&of_device(engine, eve.device_id).await),
        [
            ("device.registered", firefox),
            ("device.revoked", "Laptop (Safari)")
        ]
    );
    // A search for her browser finds nothing for Eve, who is not told of it.
    let search = ListQuery {
        search: "Safari".to_owned(),
        ..ListQuery::default()
    };
    let found = engine.list_events(&OPERATOR, &search).await.unwrap();
    let own = engine
        .my_events(&eve, &EventFilter::default(), &search)
        .await;
    assert_eq!((found.total, own.unwrap().total), (1, 0));
    let of_ada = of_device(engine, here.device_id).await;
    assert_eq!(pairs(&of_ada)[0], ("device.registered", firefox));
    assert!(pairs(&of_ada).ends_with(&[
        ("device.renamed", firefox),
        ("device.revoked", "Laptop (Safari)")
    ]));
}

#[tokio::test]
async fn audit_49_a_deleted_device_keeps_its_name_in_the_log() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await.current_user;
    test.engine
        .delete_user(&OPERATOR, ada.user_id, &origin())
        .await
        .unwrap();
    let found = of_device(&test.engine, ada.device_id).await;
    assert_eq!(pairs(&found)[0], ("device.registered", "Firefox on Linux"));
}

#[tokio::test]
async fn audit_49_where_something_was_done_is_covered_by_the_chain_and_the_export() {
    let text = |value: &str| format!("'{value}'");
    let other = "x'00000000000000000000000000000001'".to_owned();
    for (column, value) in [
        ("device", other.clone()),
        ("device", "NULL".to_owned()),
        ("device_name", text("Phone")),
        ("session", text("0011223344556677")),
        ("device_name", "NULL".to_owned()),
        ("client", other),
    ] {
        for is_sealed in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let engine = Engine::open(settings(dir.path())).await.unwrap();
            let ada = signed_in(&engine).await;
            if is_sealed {
                let proof = ada.may_manage_self(engine.now()).unwrap();
                engine
                    .rename_device(&proof, ada.device_id, "Laptop", &origin())
                    .await
                    .unwrap();
                intact(&engine, true).await;
            } else {
                assert!(engine.unsealed_events(&OPERATOR).await.unwrap().waiting > 0);
            }
            let table = if is_sealed {
                "audit_events"
            } else {
                "audit_unsealed"
            };
            let sql = format!("UPDATE {table} SET {column} = {value} WHERE device IS NOT NULL");
            tamper(dir.path(), &sql).await;
            intact(&engine, !is_sealed).await;
            let rejected = engine.unsealed_events(&OPERATOR).await.unwrap().rejected;
            assert_eq!(rejected > 0, !is_sealed, "{column}");
        }
    }
}

#[tokio::test]
async fn audit_49_an_entry_cannot_become_one_of_the_first_form() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(settings(dir.path())).await.unwrap();
    signed_in(&engine).await;
    intact(&engine, true).await;
    let sql =
        "UPDATE audit_events SET device = NULL, device_name = NULL, session = NULL, client = NULL";
    tamper(dir.path(), sql).await;
    intact(&engine, false).await;
}

async fn intact(engine: &Engine, expected: bool) {
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    let is_intact = matches!(report, ChainReport::Intact { .. });
    assert_eq!(is_intact, expected, "{report:?}");
}

/// Ada on a device, in a session.
async fn signed_in(engine: &Engine) -> CurrentUser {
    let new = new_user("ada@example.com");
    let (_, uri) = engine
        .add_user_with_totp(&OPERATOR, new, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = totp(uri.expose_secret(), engine.now());
    engine
        .register_device("ada@example.com", &code, "", None, &origin())
        .await
        .unwrap()
        .current_user
}

#[tokio::test]
async fn a_list_goes_on_where_it_ended_in_both_orders() {
    let test = TestEngine::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        test.service(name).await;
    }
    for (sort, expected) in [("", [5, 4, 3, 2, 1]), ("time", [1, 2, 3, 4, 5])] {
        let query = ListQuery {
            sort: sort.to_owned(),
            ..ListQuery::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let cursor = Cursor { after, limit: 2 };
            let filter = EventFilter::default();
            let batch = test.engine.next_events(&OPERATOR, cursor, &filter, &query);
            let batch = batch.await.unwrap();
            found.extend(batch.items.iter().map(|event| event.seq));
            after = found.last().copied();
            // What is added moves nothing.
            if sort.is_empty() && found.len() == 2 {
                test.service("f").await;
            }
            if !batch.has_more {
                break;
            }
        }
        found.truncate(5);
        assert_eq!(found, expected);
    }
}
