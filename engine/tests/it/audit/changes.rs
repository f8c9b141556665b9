//! What changed, field by field.

use super::newest;
use crate::test_engine::{OPERATOR, START, TestEngine, origin};
use latchkey_domain::{
    access::service::{Policy, Requirement},
    audit::event::FieldChange,
    pagination::ListQuery,
};
use latchkey_engine::{ChainReport, NewService};

fn change(field: &str, before: &str, after: &str) -> FieldChange {
    FieldChange::new(field, before.to_owned(), after.to_owned())
}

#[tokio::test]
async fn audit_12_a_service_change_records_old_and_new_values() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    assert_eq!(
        newest(&test).await.changes,
        [
            change("hosts", "", "photos.example.com"),
            change("requirement", "", "device"),
            change("admins_enter", "", "true"),
            change("token_policy", "", "reusable"),
        ]
    );
    let new = |rules: &str| NewService {
        hosts: "photos.example.com".to_owned(),
        rules: rules.to_owned(),
        ..NewService::default()
    };
    let rules = "public /static/*\nadmins /admin/*";
    let put = async |new| {
        test.engine
            .change_service(&OPERATOR, "photos", new, &origin())
            .await
            .unwrap();
    };
    put(new(rules)).await;
    put(new("public /*")).await;
    let event = newest(&test).await;
    assert_eq!(event.action, "service.changed");
    assert_eq!(event.changes, [change("rules", rules, "public /*")]);

    put(NewService {
        hosts: "a.example.com b.example.com".to_owned(),
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 600,
            },
            admins_enter: false,
        },
        rules: "public /*".to_owned(),
    })
    .await;
    assert_eq!(
        newest(&test).await.changes,
        [
            change("hosts", "photos.example.com", "a.example.com b.example.com"),
            change("requirement", "device", "passkey, at most 600 s old"),
            change("admins_enter", "true", "false"),
        ]
    );

    let query = ListQuery {
        search: "/static/*".to_owned(),
        ..ListQuery::default()
    };
    let found = test.engine.list_events(&OPERATOR, &query).await.unwrap();
    assert_eq!(found.total, 2, "when the rule came, and when it went");

    let origin = origin();
    let (engine, operator) = (&test.engine, &OPERATOR);
    let overlap = time::Duration::hours(24);
    let rotated = engine.rotate_service_token(operator, "photos", overlap, &origin);
    let token = rotated.await.unwrap().commit().await.unwrap();
    let event = newest(&test).await;
    assert_eq!(event.changes, [change("overlap", "", "24 h")]);
    assert!(!format!("{event:?}").contains(token.expose_secret()));
    engine
        .delete_service(operator, "photos", &origin)
        .await
        .unwrap();
    assert_eq!(
        newest(&test).await.changes[1],
        change("rules", "public /*", "")
    );
    assert!(matches!(
        engine.verify_audit_chain(operator).await.unwrap(),
        ChainReport::Intact { .. }
    ));
}

#[tokio::test]
async fn audit_12_a_grant_change_records_old_and_new_values() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    test.service("photos").await;
    let put = async |scopes: &str, hours: Option<i64>| {
        let end = hours.map(|hours| START + time::Duration::hours(hours));
        let (engine, operator) = (&test.engine, &OPERATOR);
        let scopes = scopes.parse().unwrap();
        engine
            .add_grant(
                operator,
                "ada@example.com",
                "photos",
                scopes,
                end,
                &origin(),
            )
            .await
            .unwrap();
    };
    put("read:email", None).await;
    assert_eq!(
        newest(&test).await.changes,
        [
            change("scopes", "", "read:email"),
            change("origin", "", "explicit"),
        ]
    );
    put("read:email", Some(24)).await;
    let end = "2026-11-22T12:00:00Z";
    assert_eq!(newest(&test).await.changes, [change("expires", "", end)]);
    put("", None).await;
    assert_eq!(
        newest(&test).await.changes,
        [
            change("scopes", "read:email", ""),
            change("expires", end, ""),
        ]
    );
    test.engine
        .remove_grant(&OPERATOR, "ada@example.com", "photos", &origin())
        .await
        .unwrap();
    assert_eq!(
        newest(&test).await.changes,
        [change("origin", "explicit", "")]
    );
}
