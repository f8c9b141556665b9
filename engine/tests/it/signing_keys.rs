//! Signing keys: published before they sign, and for as long as what they signed is checked.

use crate::test_engine::{CLIENT, START};
use latchkey_domain::{access::permission::Administrator, identity::user::PasskeyOnly};
use latchkey_engine::{
    Checkpointed, Clock, Engine, Error, KeyPurpose, KeyState, PUBLISHED_BEFORE_USE, Rng, Settings,
};
use time::Duration;

static OPERATOR: Administrator = Administrator::operator();

async fn open(dir: &tempfile::TempDir, clock: &Clock) -> Engine {
    let settings = Settings {
        data_dir: dir.path().to_owned(),
        database_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: PasskeyOnly::default(),
        clock: clock.clone(),
        rng: Rng::system().unwrap(),
    };
    Engine::open(settings).await.unwrap()
}

/// The ids of a purpose's keys in a state.
fn ids(engine: &Engine, purpose: KeyPurpose, state: KeyState) -> Vec<String> {
    let keys = engine.list_keys(&OPERATOR).into_iter();
    keys.filter(|key| (key.purpose, key.state) == (purpose, state))
        .map(|key| key.id)
        .collect()
}

/// The `kid`s of a published key set.
fn kids(keys: &[latchkey_engine::PublicKey]) -> Vec<String> {
    let keys = serde_json::to_value(keys).unwrap();
    let keys = keys.as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_rotation_moves_each_key_to_its_next_state_and_publishes_all() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let purpose = KeyPurpose::IdentityToken;
    let of = |state| ids(&engine, purpose, state);
    let (next, current) = (of(KeyState::Next), of(KeyState::Current));
    assert_eq!((next.len(), current.len()), (1, 1));
    assert_eq!(
        kids(&engine.assertion_keys()),
        [&next[..], &current[..]].concat()
    );
    let others = ids(&engine, KeyPurpose::AuditCheckpoint, KeyState::Current);

    // Services that keep the key set do not know a key that was made just now.
    let refused = engine.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    assert!(matches!(refused, Err(Error::Conflict { .. })));
    clock.advance(PUBLISHED_BEFORE_USE);
    let rotated = engine.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    assert_eq!(rotated.unwrap().id, next[0]);
    let former = current;
    let (next, current) = (of(KeyState::Next), of(KeyState::Current));
    assert_eq!(of(KeyState::Retiring), former);
    let published = [&next[..], &current[..], &former[..]].concat();
    assert_eq!(kids(&engine.assertion_keys()), published);
    // Each purpose rotates on its own.
    assert_eq!(
        ids(&engine, KeyPurpose::AuditCheckpoint, KeyState::Current),
        others
    );

    // In an emergency nobody waits.
    engine
        .rotate_key(&OPERATOR, purpose, true, &CLIENT)
        .await
        .unwrap();
    assert_eq!(of(KeyState::Current), next);

    // Tokens end after a minute, and their keys are published for a day.
    engine.tidy().await;
    assert_eq!(of(KeyState::Retiring).len(), 2);
    clock.advance(Duration::DAY + Duration::SECOND);
    engine.tidy().await;
    engine.tidy().await;
    assert_eq!(of(KeyState::Retiring), [""; 0]);
    assert_eq!(of(KeyState::Current), next);
}

#[tokio::test]
async fn another_process_follows_a_rotation_and_a_new_start_finds_the_same_keys() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let (engine, other) = (open(&dir, &clock).await, open(&dir, &clock).await);
    assert_eq!(engine.list_keys(&OPERATOR), other.list_keys(&OPERATOR));
    let purpose = KeyPurpose::AuditCheckpoint;
    engine
        .rotate_key(&OPERATOR, purpose, true, &CLIENT)
        .await
        .unwrap();
    assert_ne!(engine.list_keys(&OPERATOR), other.list_keys(&OPERATOR));
    other.tidy().await;
    assert_eq!(engine.list_keys(&OPERATOR), other.list_keys(&OPERATOR));
    assert_eq!(
        engine.list_keys(&OPERATOR),
        open(&dir, &clock).await.list_keys(&OPERATOR)
    );
}

#[tokio::test]
async fn audit_13_a_checkpoint_is_good_after_its_key_was_rotated_for_years() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let purpose = KeyPurpose::AuditCheckpoint;
    let Checkpointed::Made(before) = engine.checkpoint(&OPERATOR, None).await.unwrap() else {
        panic!("a checkpoint");
    };
    engine
        .rotate_key(&OPERATOR, purpose, true, &CLIENT)
        .await
        .unwrap();
    let Checkpointed::Made(after) = engine.checkpoint(&OPERATOR, None).await.unwrap() else {
        panic!("a checkpoint");
    };
    clock.advance(Duration::days(2000));
    engine.tidy().await;
    let engine = open(&dir, &clock).await;
    for made in [before, after] {
        assert_eq!(
            engine.checkpoint_keys().open(&made.text),
            Ok(made.checkpoint)
        );
    }
}
