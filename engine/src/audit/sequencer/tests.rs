use super::*;
use crate::{
    ChainReport, CheckpointKeys, ExportCheck, RequestOrigin, Settings,
    audit::acted_from::ActedFrom, test_engine::TestEngine, throttle::refusal_log::Reason,
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use latchkey_domain::pagination::ListQuery;
use sea_orm::ConnectionTrait;

static OPERATOR: Operator = Operator;

async fn execute(engine: &Engine, sql: &str) -> u64 {
    let permit = engine.acquire_write_permit().await.unwrap();
    let done = permit.db().execute_unprepared(sql).await.unwrap();
    done.rows_affected()
}

/// Somebody types a wrong code.
async fn refuse(engine: &Engine, reason: &'static str) {
    let origin = RequestOrigin::default();
    let recorded = engine.record_refusal(None, Reason::Code(reason), &origin);
    recorded.await.unwrap();
}

async fn head(engine: &Engine) -> i64 {
    store::head(&engine.read()).await.unwrap().seq
}

async fn unsealed(engine: &Engine) -> (u64, u64) {
    let Unsealed { waiting, rejected } = engine.unsealed_events(&OPERATOR).await.unwrap();
    (waiting, rejected)
}

/// The newest entries, newest first: what was done, and more.
async fn newest<const N: usize>(engine: &Engine) -> [(String, String); N] {
    let query = ListQuery::default();
    let events = engine.list_events(&OPERATOR, &query).await.unwrap().items;
    let mut events = events.into_iter().map(|event| (event.action, event.detail));
    std::array::from_fn(|_| events.next().unwrap())
}

async fn is_intact(engine: &Engine) -> bool {
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    matches!(report, ChainReport::Intact { .. })
}

fn entry(action: &str, detail: &str) -> (String, String) {
    (action.to_owned(), detail.to_owned())
}

#[tokio::test]
async fn a_refusal_does_not_touch_the_chain_and_is_listed_at_once() {
    let test = TestEngine::in_file().await;
    let before = head(&test.engine).await;
    refuse(&test.engine, "first").await;
    refuse(&test.engine, "second").await;
    assert_eq!(head(&test.engine).await, before);
    assert_eq!(unsealed(&test.engine).await, (2, 0));
    assert_eq!(
        newest(&test.engine).await,
        [
            entry("session.refused", "second"),
            entry("session.refused", "first")
        ]
    );
    assert_eq!(unsealed(&test.engine).await, (0, 0));
    assert_eq!(head(&test.engine).await, before + 2);
    assert!(is_intact(&test.engine).await);
}

#[tokio::test]
async fn a_change_of_authority_comes_after_what_was_written_before_it() {
    let test = TestEngine::in_file().await;
    test.users(["ada@example.com"]).await;
    let ada = test.id_of("ada@example.com").await;
    refuse(&test.engine, "before").await;
    let origin = RequestOrigin::default();
    let disabled = test.engine.disable_user(&OPERATOR, ada, &origin).await;
    disabled.unwrap();
    refuse(&test.engine, "after").await;
    let entries: [_; 4] = newest(&test.engine).await;
    let actions = entries.map(|(action, detail)| format!("{action} {detail}"));
    let place = |text| actions.iter().position(|action| action.contains(text));
    let places = [place("after"), place("user.disabled"), place("before")];
    assert!(places.is_sorted() && places[0] == Some(0), "{actions:?}");
    assert!(is_intact(&test.engine).await);
}

#[tokio::test]
async fn must_survive_28_events_of_a_killed_process_are_sealed_by_the_next() {
    let test = TestEngine::in_file().await;
    refuse(&test.engine, "before the end").await;
    // Not closed: the process was killed.
    let next = Engine::open(test.engine.inner.settings.clone())
        .await
        .unwrap();
    assert_eq!(unsealed(&next).await, (1, 0));
    next.seal_events().await.unwrap();
    assert_eq!(unsealed(&next).await, (0, 0));
    assert_eq!(
        newest(&next).await,
        [entry("session.refused", "before the end")]
    );
}

#[tokio::test]
async fn a_process_seals_its_events_before_it_ends() {
    let test = TestEngine::in_file().await;
    refuse(&test.engine, "before the end").await;
    test.engine.close().await;
    let next = Engine::open(test.engine.inner.settings.clone())
        .await
        .unwrap();
    assert_eq!(unsealed(&next).await, (0, 0));
}

#[tokio::test]
async fn audit_13_events_that_a_writer_of_the_database_made_up_are_never_sealed() {
    const COPY: &str = "INSERT INTO audit_unsealed (event_id, time, actor, actor_name, action, target, target_name, \
                        subject, ip, detail, changes, tag) \
                        SELECT {id}, time, actor, actor_name, action, target, target_name, subject, ip, {detail}, changes, tag \
                        FROM audit_unsealed";
    let copy = |id: &str, detail: &str| COPY.replace("{id}", id).replace("{detail}", detail);
    for forgery in [
        copy("event_id", "'nothing happened'"),
        copy("x'01020304050607080910111213141516'", "detail"),
        copy("event_id", "detail"),
        "UPDATE audit_unsealed SET actor_name = 'ada@example.com'".to_owned(),
        "UPDATE audit_unsealed SET changes = '[]'".to_owned(),
    ] {
        let test = TestEngine::in_file().await;
        let before = head(&test.engine).await;
        refuse(&test.engine, "genuine").await;
        assert_eq!(execute(&test.engine, &forgery).await, 1);
        let genuine = i64::from(forgery.starts_with("INSERT"));
        assert_eq!(
            unsealed(&test.engine).await,
            (u64::try_from(genuine).unwrap(), 1),
            "{forgery}"
        );
        test.engine.seal_events().await.unwrap();
        assert_eq!(unsealed(&test.engine).await, (0, 1), "{forgery}");
        assert_eq!(head(&test.engine).await, before + genuine, "{forgery}");
        // It is in nobody's way.
        refuse(&test.engine, "later").await;
        assert_eq!(
            newest(&test.engine).await,
            [entry("session.refused", "later")]
        );
        assert!(is_intact(&test.engine).await, "{forgery}");
    }
}

#[tokio::test]
async fn audit_13_an_event_that_was_sealed_is_not_sealed_again() {
    let test = TestEngine::in_file().await;
    refuse(&test.engine, "once").await;
    let keep = "CREATE TABLE kept AS SELECT * FROM audit_unsealed";
    execute(&test.engine, keep).await;
    test.engine.seal_events().await.unwrap();
    let sealed = head(&test.engine).await;
    execute(
        &test.engine,
        "INSERT INTO audit_unsealed SELECT * FROM kept",
    )
    .await;
    test.engine.seal_events().await.unwrap();
    assert_eq!(unsealed(&test.engine).await, (0, 1));
    assert_eq!(head(&test.engine).await, sealed);
    // Its id cannot be taken from the entry unnoticed.
    assert!(is_intact(&test.engine).await);
    let forget = format!("UPDATE audit_events SET event_id = NULL WHERE seq = {sealed}");
    assert_eq!(execute(&test.engine, &forget).await, 1);
    assert!(!is_intact(&test.engine).await);
}

#[tokio::test]
async fn more_events_than_fit_into_a_batch_are_sealed_in_the_order_of_writing() {
    let test = TestEngine::in_file().await;
    let before = head(&test.engine).await;
    let count = BATCH + 20;
    {
        let permit = test.engine.acquire_write_permit().await.unwrap();
        let records = (0..count).map(|number| EventRecord {
            time: 1,
            actor: String::new(),
            actor_name: String::new(),
            action: "session.refused".to_owned(),
            target: String::new(),
            target_name: String::new(),
            subject: None,
            ip: None,
            detail: number.to_string(),
            changes: None,
            from: ActedFrom::default(),
        });
        write_unsealed(&test.engine, &permit, records.collect())
            .await
            .unwrap();
    }
    test.engine.seal_events().await.unwrap();
    assert_eq!(unsealed(&test.engine).await, (0, 0));
    let entries = store::after(&test.engine.read(), before, 1000).await;
    let details: Vec<_> = (entries.unwrap().into_iter())
        .map(|entry| entry.record.detail)
        .collect();
    let expected: Vec<_> = (0..count).map(|number| number.to_string()).collect();
    assert_eq!(details, expected);
    assert!(is_intact(&test.engine).await);
}

#[tokio::test]
async fn audit_13_an_export_covers_the_ids_of_events() {
    let test = TestEngine::in_file().await;
    refuse(&test.engine, "exported").await;
    let keys = serde_json::json!({ "keys": test.engine.checkpoint_public_keys() }).to_string();
    let mut export = test.engine.export_events(&OPERATOR, 0).await.unwrap();
    let mut lines = Vec::new();
    while let Some(batch) = export.next().await.unwrap() {
        lines.extend(
            batch
                .iter()
                .map(|line| serde_json::to_string(line).unwrap()),
        );
    }
    let check = |lines: &[String]| {
        let mut check = ExportCheck::new(CheckpointKeys::parse(&keys).unwrap(), 0, &[]);
        lines
            .iter()
            .try_for_each(|line| check.read(line))
            .and_then(|()| check.finish().map(drop))
    };
    assert_eq!(check(&lines), Ok(()));
    let place = lines
        .iter()
        .position(|line| line.contains("event_id"))
        .unwrap();
    let mut event: serde_json::Value = serde_json::from_str(&lines[place]).unwrap();
    event.as_object_mut().unwrap().remove("event_id");
    lines[place] = event.to_string();
    assert!(check(&lines).is_err());
}

#[tokio::test]
async fn an_old_master_key_is_needed_until_its_events_are_sealed() {
    let test = TestEngine::in_file().await;
    refuse(&test.engine, "under the first key").await;
    let Settings { data_dir, .. } = &test.engine.inner.settings;
    let file = data_dir.join("master.key");
    let first = std::fs::read_to_string(&file).unwrap();
    let both = format!("{}\n{first}", BASE64_STANDARD_NO_PAD.encode([9; 32]));
    std::fs::write(&file, both).unwrap();
    let next = Engine::open(test.engine.inner.settings.clone())
        .await
        .unwrap();
    let needed = async || {
        let usage = next.master_key_usage(&OPERATOR).await.unwrap();
        usage.lines[1].needed_by.unsealed_events
    };
    assert_eq!(needed().await, 1);
    next.seal_events().await.unwrap();
    assert_eq!(needed().await, 0);
    assert!(is_intact(&next).await);
}
