//! The audit log: its chain, and what is in it.

mod acting_device;
mod changes;

use crate::test_engine::{OPERATOR, START, TestEngine, cookie, new_user, origin, totp};
use latchkey_domain::{
    access::permission::Operator, audit::event::EventView, audit::filter::EventFilter,
    identity::user::PasskeyOnly, pagination::ListQuery,
};
use latchkey_engine::{ChainReport, Clock, Engine, NewService, Rng, Settings, VerifyDecision};
use sea_orm::{ConnectionTrait, Database};
use std::{path::Path, time::Duration};

pub(crate) fn settings(dir: &Path) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        database_url: None,
        redis_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: PasskeyOnly::default(),
        key_rotation: None,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: latchkey_engine::RiskSettings::off(),
        passkeys: latchkey_engine::PasskeySettings::default(),
        clock: Clock::manual(START),
        rng: Rng::system().unwrap(),
    }
}

pub(crate) async fn tamper(dir: &Path, sql: &str) {
    let db = Database::connect(format!("sqlite://{}", dir.join("latchkey.db").display()))
        .await
        .unwrap();
    db.execute_unprepared(sql).await.unwrap();
}

#[tokio::test]
async fn the_chain_detects_altered_deleted_and_truncated_entries() {
    for (sql, is_intact) in [
        ("SELECT 1", true),
        (
            "UPDATE audit_events SET detail = 'nothing happened' WHERE seq = 2",
            false,
        ),
        (
            "UPDATE audit_events SET time = time + 1 WHERE seq = 1",
            false,
        ),
        ("DELETE FROM audit_events WHERE seq = 2", false),
        (
            "DELETE FROM audit_events WHERE seq = (SELECT max(seq) FROM audit_events)",
            false,
        ),
        (
            "UPDATE audit_events SET subject = NULL WHERE seq = 1",
            false,
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(settings(dir.path())).await.unwrap();
        for email in ["a@example.com", "b@example.com", "c@example.com"] {
            engine
                .add_user(&OPERATOR, new_user(email), &origin())
                .await
                .unwrap()
                .commit()
                .await
                .unwrap();
        }
        tamper(dir.path(), sql).await;
        let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
        assert_eq!(
            matches!(report, ChainReport::Intact { .. }),
            is_intact,
            "{sql}: {report:?}"
        );
    }
}

#[tokio::test]
async fn must_survive_17_another_process_sees_a_revocation_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let (server, command) = (
        Engine::open(settings(dir.path())).await.unwrap(),
        Engine::open(settings(dir.path())).await.unwrap(),
    );
    server.spawn_change_feed();
    let (_, uri) = command
        .add_user_with_totp(&OPERATOR, new_user("ada@example.com"), &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = totp(uri.expose_secret(), START);
    let ada = server
        .register_device("ada@example.com", &code, "", None, &origin())
        .await
        .unwrap();
    let (_, token) = command
        .add_service(
            &OPERATOR,
            "photos",
            latchkey_engine::NewService::default(),
            &origin(),
        )
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    command
        .add_grant(
            &OPERATOR,
            "ada@example.com",
            "photos",
            latchkey_domain::access::access_grant::Scopes::NONE,
            None,
            &origin(),
        )
        .await
        .unwrap();
    let ask = async || {
        server
            .verify("photos", Some(token.expose_secret()), Some(cookie(&ada)))
            .await
    };
    within_a_second(async || matches!(ask().await, VerifyDecision::Granted(_))).await;
    command
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    within_a_second(async || matches!(ask().await, VerifyDecision::Unauthenticated)).await;
}

pub(crate) async fn within_a_second(is_so: impl AsyncFn() -> bool) {
    let poll = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let result = tokio::time::timeout(Duration::from_secs(1), poll).await;
    assert!(result.is_ok(), "not within a second");
}

#[tokio::test]
async fn every_event_is_logged_without_secrets() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let token = test.service("photos").await;
    let _ = test.register("ada@example.com", "000000").await;
    let events = test
        .engine
        .list_events(&OPERATOR, &ListQuery::default())
        .await
        .unwrap();
    let actions: Vec<_> = events
        .items
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "session.refused",
            "service.added",
            "device.registered",
            "totp.provisioned",
            "user.added"
        ]
    );
    let text = format!("{events:?}");
    assert!(!text.contains(&token) && !text.contains(cookie(&ada)) && !text.contains("000000"));
    assert_eq!(
        test.engine
            .my_events(
                &ada.current_user,
                &EventFilter::default(),
                &ListQuery::default()
            )
            .await
            .unwrap()
            .total,
        4
    );
}

async fn newest(test: &TestEngine) -> EventView {
    let events = test
        .engine
        .list_events(&OPERATOR, &ListQuery::default())
        .await
        .unwrap();
    events.items[0].clone()
}

#[tokio::test]
async fn audit_12_changed_fields_are_covered_by_the_chain_and_older_entries_still_verify() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(settings(dir.path())).await.unwrap();
    let operator = Operator;
    let ada = new_user("ada@example.com");
    let (ada, _) = engine
        .add_user(&operator, ada, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    engine
        .invite_user(&operator, ada.id, false, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let photos = NewService::default();
    engine
        .add_service(&operator, "photos", photos, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    for (sql, is_intact) in [
        // Nothing changed with an invitation, as in entries from before there was the column.
        ("UPDATE audit_events SET changes = '' WHERE seq = 2", true),
        (
            "UPDATE audit_events SET changes = replace(changes, 'true', 'false') WHERE seq = 3",
            false,
        ),
        (
            "UPDATE audit_events SET changes = NULL WHERE seq = 3",
            false,
        ),
    ] {
        tamper(dir.path(), sql).await;
        let report = engine.verify_audit_chain(&operator).await.unwrap();
        assert_eq!(
            matches!(report, ChainReport::Intact { .. }),
            is_intact,
            "{sql}: {report:?}"
        );
    }
}
