use super::*;
use crate::test_engine::TestEngine;
use latchkey_domain::audit::filter::FilterField;

/// How SQLite finds the entries of a filter.
async fn plan(test: &TestEngine, fields: &[(FilterField, &str)]) -> String {
    let filter = EventFilter::parse(|field| {
        let found = fields.iter().find(|(name, _)| *name == field);
        found
            .map(|(_, text)| (*text).to_owned())
            .unwrap_or_default()
    });
    let db = test.engine.read();
    let selection = Selection::of(&db, None, &filter.unwrap()).await.unwrap();
    let connection = db.connection();
    let mut statement = selection.select().build(connection.get_database_backend());
    statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
    let rows: Vec<_> = connection.query_all_raw(statement).await.unwrap();
    let detail = rows
        .iter()
        .map(|row| row.try_get::<String>("", "detail").unwrap());
    detail.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn filters_use_indices() {
    let test = TestEngine::in_file().await;
    let id = "01937f4e-0000-7000-8000-000000000000";
    for (fields, indices) in [
        (&[(FilterField::User, id)][..], &["subject", "actor"][..]),
        (&[(FilterField::Device, id)], &["target", "device"]),
        (&[(FilterField::Service, "photos")], &["action"]),
        (&[(FilterField::Outcome, "refused")], &["action"]),
        (&[(FilterField::Network, "192.0.2.7")], &["ip"]),
        (&[(FilterField::Network, "192.0.2.0/22")], &["ip"]),
        (&[(FilterField::Network, "2001:db8::/48")], &["ip"]),
        (&[(FilterField::Since, "2026-11-21")], &["time"]),
    ] {
        let plan = plan(&test, fields).await;
        for index in indices {
            assert!(
                plan.contains(&format!("ix_audit_events_{index} ")),
                "{fields:?}: {plan}"
            );
        }
        assert!(!plan.contains("SCAN"), "{fields:?}: {plan}");
    }
}
