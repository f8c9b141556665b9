//! What the store promises, whatever its backend.

use super::{
    purpose::ValuePurpose,
    session::{SessionError, SessionRow},
    store::EphemeralStore,
};
use crate::{Engine, KnownBrowser, test_engine::TestEngine};
use latchkey_domain::id::DeviceId;
use std::time::Duration;
use time::Duration as Span;

const DIGEST: [u8; 32] = [7; 32];

fn store(engine: &Engine) -> &EphemeralStore {
    &engine.inner.ephemeral
}

async fn put(engine: &Engine, purpose: ValuePurpose, value: &[u8]) {
    let expires_at = engine.now() + Span::MINUTE;
    let permit = engine.acquire_write_permit().await.unwrap();
    let put = store(engine).put(permit.db(), purpose, DIGEST, value.to_vec(), expires_at);
    put.await.unwrap();
}

async fn take(engine: &Engine, purpose: ValuePurpose) -> Option<Vec<u8>> {
    let permit = engine.acquire_write_permit().await.unwrap();
    let taken = store(engine).take(permit.db(), purpose, DIGEST, engine.now());
    taken.await.unwrap()
}

async fn peek(engine: &Engine, purpose: ValuePurpose) -> Option<Vec<u8>> {
    let seen = store(engine).peek(engine.db(), purpose, DIGEST, engine.now());
    seen.await.unwrap()
}

#[tokio::test]
async fn a_value_is_found_for_its_own_purpose_alone() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    put(engine, ValuePurpose::SavedForm, b"typed").await;
    for other in [
        ValuePurpose::Ceremony,
        ValuePurpose::SavedTarget,
        ValuePurpose::UsedChallenge,
    ] {
        assert_eq!(peek(engine, other).await, None, "{other:?}");
        assert_eq!(take(engine, other).await, None, "{other:?}");
    }
    // Asking for another purpose has not used it up.
    let form = ValuePurpose::SavedForm;
    assert_eq!(peek(engine, form).await.as_deref(), Some(&b"typed"[..]));
    put(engine, form, b"again").await;
    assert_eq!(take(engine, form).await.as_deref(), Some(&b"again"[..]));
    assert_eq!(take(engine, form).await, None);
}

#[tokio::test]
async fn a_value_ends_and_is_deleted() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    put(engine, ValuePurpose::Ceremony, b"state").await;
    test.clock.advance(Span::MINUTE);
    assert_eq!(peek(engine, ValuePurpose::Ceremony).await, None);
    assert_eq!(take(engine, ValuePurpose::Ceremony).await, None);
    let count = || async { super::sql::value::count(engine.db()).await.unwrap() };
    assert_eq!(count().await, 1);
    engine.tidy().await;
    assert_eq!(count().await, 0);
}

/// Two engines on one database, so that not the write permit but the statement decides.
async fn two_processes() -> (TestEngine, Engine) {
    let test = TestEngine::in_file().await;
    let other = Engine::open(test.engine.inner.settings.clone()).await;
    (test, other.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r26_of_many_at_once_one_takes_a_value_and_one_marks_a_use() {
    let (test, other) = two_processes().await;
    let engines = [test.engine.clone(), other];
    put(&engines[0], ValuePurpose::Ceremony, b"state").await;
    let takes: Vec<_> = (0..40)
        .map(|number| {
            let engine = engines[number % 2].clone();
            tokio::spawn(async move {
                let taken = take(&engine, ValuePurpose::Ceremony).await.is_some();
                let until = engine.now() + Span::MINUTE;
                let permit = engine.acquire_write_permit().await.unwrap();
                let marked = store(&engine).mark_once(
                    permit.db(),
                    ValuePurpose::UsedChallenge,
                    [8; 32],
                    until,
                );
                (taken, marked.await.unwrap())
            })
        })
        .collect();
    let (mut taken, mut marked) = (0, 0);
    for take in takes {
        let (is_taken, is_first) = take.await.unwrap();
        taken += u32::from(is_taken);
        marked += u32::from(is_first);
    }
    assert_eq!((taken, marked), (1, 1));
}

async fn browser(test: &TestEngine) -> KnownBrowser {
    let [cookie] = test.users(["ada@example.com"]).await;
    let found = test.engine.authenticate(Some(&cookie), None).await.unwrap();
    found.browser.unwrap()
}

fn session(engine: &Engine, device: DeviceId) -> SessionRow {
    SessionRow {
        device_id: Some(device),
        data: b"contents".to_vec(),
        expires_at: engine.now() + Span::DAY,
    }
}

#[tokio::test]
async fn a_session_is_not_begun_under_a_taken_id_nor_after_the_end_of_its_device() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let device = browser(&test).await.device;
    let new = || session(engine, device);
    engine.create_session(b"one", new()).await.unwrap();
    let taken = engine.create_session(b"one", new()).await;
    assert!(matches!(taken, Err(SessionError::IdTaken)), "{taken:?}");
    let found = engine.load_session(b"one").await.unwrap().unwrap();
    assert_eq!(
        (found.row.device_id, &found.row.data[..]),
        (Some(device), &b"contents"[..])
    );

    let operator = latchkey_domain::access::permission::Operator;
    let nobody = crate::RequestOrigin::default();
    let revoked = engine.revoke_device(&operator, device, &[], &nobody);
    revoked.await.unwrap();
    assert!(engine.load_session(b"one").await.unwrap().is_none());
    for ended in [
        engine.create_session(b"two", new()).await,
        engine.save_session(b"one", new()).await,
    ] {
        assert!(matches!(ended, Err(SessionError::Ended)), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_session_is_left_of_a_device_that_another_process_revokes_meanwhile() {
    let (test, other) = two_processes().await;
    let device = browser(&test).await.device;
    let (engine, new) = (test.engine.clone(), session(&test.engine, device));
    let begins = tokio::spawn(async move {
        for number in 0..200_u32 {
            let _ = engine
                .create_session(&number.to_be_bytes(), new.clone())
                .await;
        }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let operator = latchkey_domain::access::permission::Operator;
    let nobody = crate::RequestOrigin::default();
    let revoked = other.revoke_device(&operator, device, &[], &nobody);
    revoked.await.unwrap();
    begins.await.unwrap();
    let left = store(&other).count_sessions(other.db(), other.now());
    assert_eq!(left.await.unwrap(), 0);
}
