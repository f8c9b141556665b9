//! Signing keys: published before they sign, and for as long as what they signed is checked.

use crate::test_engine::{CLIENT, OPERATOR, START, new_user};
use latchkey_domain::{audit::checkpoint::Problem, identity::user::PasskeyOnly};
use latchkey_engine::{
    CheckpointKeys, Checkpointed, Clock, Engine, Error, KeyPurpose, KeyState, PUBLISHED_BEFORE_USE,
    Rng, Settings,
};
use time::Duration;

pub(crate) async fn open(dir: &tempfile::TempDir, clock: &Clock) -> Engine {
    open_rotating(dir, clock, None).await
}

/// One whose keys for tokens replace themselves.
async fn open_rotating(
    dir: &tempfile::TempDir,
    clock: &Clock,
    key_rotation: Option<Duration>,
) -> Engine {
    let settings = Settings {
        data_dir: dir.path().to_owned(),
        database_url: None,
        redis_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: PasskeyOnly::default(),
        key_rotation,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: latchkey_engine::RiskSettings::off(),
        passkeys: latchkey_engine::PasskeySettings::default(),
        clock: clock.clone(),
        rng: Rng::system().unwrap(),
    };
    Engine::open(settings).await.unwrap()
}

/// The ids of a purpose's keys in a state.
pub(crate) fn ids(engine: &Engine, purpose: KeyPurpose, state: KeyState) -> Vec<String> {
    let keys = engine.list_keys(&OPERATOR).into_iter();
    keys.filter(|key| (key.purpose, key.state) == (purpose, state))
        .map(|key| key.id)
        .collect()
}

/// The `kid`s of a published key set.
pub(crate) fn kids(keys: &[impl serde::Serialize]) -> Vec<String> {
    let keys = serde_json::to_value(keys).unwrap();
    let keys = keys.as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// The `kid`s of the published keys for identity tokens.
fn published(engine: &Engine) -> Vec<String> {
    let others = [KeyPurpose::AccessToken, KeyPurpose::AccessTokenEs256];
    let keys = engine.list_keys(&OPERATOR).into_iter();
    let others: Vec<_> = keys
        .filter(|key| others.contains(&key.purpose))
        .map(|key| key.id)
        .collect();
    let mut published = kids(&engine.token_keys());
    published.retain(|kid| !others.contains(kid));
    published
}

#[tokio::test]
async fn a_rotation_moves_each_key_to_its_next_state_and_publishes_all() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let purpose = KeyPurpose::IdentityToken;
    let of = |state| ids(&engine, purpose, state);
    let (next, current) = (of(KeyState::Next), of(KeyState::Current));
    assert_eq!((next.len(), current.len()), (1, 1));
    assert_eq!(published(&engine), [&next[..], &current[..]].concat());
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
    assert_eq!(
        published(&engine),
        [&next[..], &current[..], &former[..]].concat()
    );
    // Each purpose rotates on its own.
    assert_eq!(
        ids(&engine, KeyPurpose::AuditCheckpoint, KeyState::Current),
        others
    );

    // Tokens end after fifteen minutes at most, and their keys soon after them.
    clock.advance(PUBLISHED_BEFORE_USE);
    let rotated = engine.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    assert_eq!(rotated.unwrap().id, next[0]);
    engine.tidy().await;
    assert_eq!(of(KeyState::Retiring), [&current[..], &former[..]].concat());
    clock.advance(Duration::minutes(16));
    engine.tidy().await;
    engine.tidy().await;
    assert_eq!(of(KeyState::Retiring), current);
    clock.advance(Duration::minutes(10));
    engine.tidy().await;
    engine.tidy().await;
    assert_eq!(of(KeyState::Retiring), [""; 0]);
    assert_eq!(of(KeyState::Current), next);
}

#[tokio::test]
async fn audit_18_a_rotation_at_once_ends_all_former_keys_of_identity_tokens() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let purpose = KeyPurpose::IdentityToken;
    clock.advance(PUBLISHED_BEFORE_USE);
    let rotated = engine.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    rotated.unwrap();
    let former = published(&engine);
    assert_eq!(former.len(), 3, "next, current and retiring");
    let rotated = engine.rotate_key(&OPERATOR, purpose, true, &CLIENT).await;
    let (rotated, now) = (rotated.unwrap(), published(&engine));
    assert_eq!(now.len(), 2, "next and current");
    assert!(now.contains(&rotated.id));
    assert!(now.iter().all(|kid| !former.contains(kid)));
    assert_eq!(published(&open(&dir, &clock).await), now);
}

#[tokio::test]
async fn audit_18_a_rotated_key_signs_no_checkpoints_of_later_entries() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let purpose = KeyPurpose::AuditCheckpoint;
    let rotate = || async {
        let rotated = engine.rotate_key(&OPERATOR, purpose, true, &CLIENT).await;
        rotated.unwrap()
    };
    rotate().await;
    // A copy of the database, with which somebody goes on.
    let stolen = tempfile::tempdir().unwrap();
    engine.close().await;
    for file in ["latchkey.db", "master.key"] {
        std::fs::copy(dir.path().join(file), stolen.path().join(file)).unwrap();
    }
    let (engine, thief) = (open(&dir, &clock).await, open(&stolen, &clock).await);
    let checkpoint = async |engine: &Engine| match engine.checkpoint(&OPERATOR, None).await {
        Ok(Checkpointed::Made(made)) => made,
        other => panic!("{other:?}"),
    };
    let before = checkpoint(&thief).await;
    let added = thief.add_user_with_totp(&OPERATOR, new_user("eve@example.com"), &CLIENT);
    added.await.unwrap().commit().await.unwrap();
    let later = checkpoint(&thief).await;
    assert!(engine.checkpoint_keys().open(&later.text).is_ok());
    let next = ids(&engine, purpose, KeyState::Next);

    let rotated = engine.rotate_key(&OPERATOR, purpose, true, &CLIENT).await;
    assert_ne!(rotated.unwrap().id, next[0]);
    let own = checkpoint(&engine).await;
    let public = serde_json::json!({ "keys": engine.checkpoint_public_keys() }).to_string();
    let public = CheckpointKeys::parse(&public).unwrap();
    for keys in [engine.checkpoint_keys(), public] {
        assert!(keys.open(&before.text).is_ok());
        assert!(keys.open(&own.text).is_ok());
        assert_eq!(keys.open(&later.text), Err(Problem::RetiredKey));
    }
    // The next key of the copy is not published any more.
    let thief_rotated = thief.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    assert!(thief_rotated.is_err(), "it is too new");
    clock.advance(PUBLISHED_BEFORE_USE);
    let thief_rotated = thief.rotate_key(&OPERATOR, purpose, false, &CLIENT).await;
    assert_eq!(thief_rotated.unwrap().id, next[0]);
    let forged = checkpoint(&thief).await;
    let opened = engine.checkpoint_keys().open(&forged.text);
    assert_eq!(opened, Err(Problem::UnknownKey));
}

#[tokio::test]
async fn audit_18_a_process_that_has_not_heard_of_a_rotation_signs_checkpoints_with_the_new_key() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let (engine, other) = (open(&dir, &clock).await, open(&dir, &clock).await);
    let purpose = KeyPurpose::AuditCheckpoint;
    let rotated = engine.rotate_key(&OPERATOR, purpose, true, &CLIENT).await;
    rotated.unwrap();
    let made = other.checkpoint(&OPERATOR, None).await.unwrap();
    let Checkpointed::Made(made) = made else {
        panic!("a checkpoint");
    };
    let opened = engine.checkpoint_keys().open(&made.text);
    assert_eq!(opened, Ok(made.checkpoint));
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

#[tokio::test]
async fn audit_57_keys_for_tokens_replace_themselves_once_for_all_processes() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let rotation = Some(Duration::days(90));
    let first = open_rotating(&dir, &clock, rotation).await;
    let second = open_rotating(&dir, &clock, rotation).await;
    let purposes = [
        KeyPurpose::IdentityToken,
        KeyPurpose::AccessToken,
        KeyPurpose::AccessTokenEs256,
    ];
    let all = |engine: &Engine, state| purposes.map(|purpose| ids(engine, purpose, state));
    let (next, current) = (all(&first, KeyState::Next), all(&first, KeyState::Current));
    let checkpoints = ids(&first, KeyPurpose::AuditCheckpoint, KeyState::Current);
    clock.advance(Duration::days(90) - Duration::SECOND);
    tokio::join!(first.tidy(), second.tidy());
    assert_eq!(all(&first, KeyState::Current), current);
    clock.advance(Duration::SECOND);
    tokio::join!(first.tidy(), second.tidy());
    // A process that was not the first reads the keys in its next round.
    tokio::join!(first.tidy(), second.tidy());
    for engine in [&first, &second] {
        assert_eq!(all(engine, KeyState::Current), next);
        assert_eq!(all(engine, KeyState::Retiring), current);
        assert_eq!(all(engine, KeyState::Next), all(&first, KeyState::Next));
        // Whoever keeps these elsewhere would have to be told.
        let kept = ids(engine, KeyPurpose::AuditCheckpoint, KeyState::Current);
        assert_eq!(kept, checkpoints);
    }
    let query = latchkey_domain::pagination::ListQuery::default();
    let mut events = first.list_events(&OPERATOR, &query).await.unwrap().items;
    events.retain(|event| event.action == "key.rotated");
    assert_eq!(events.len(), purposes.len());
    for event in &events {
        assert_eq!(event.actor, "system", "{event:?}");
    }
    // The next ninety days begin with the rotation.
    clock.advance(Duration::days(89));
    first.tidy().await;
    assert_eq!(all(&first, KeyState::Current), next);
}

#[tokio::test]
async fn keys_stay_until_somebody_rotates_them_if_the_setting_says_so() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::manual(START));
    let engine = open(&dir, &clock).await;
    let current = ids(&engine, KeyPurpose::AccessToken, KeyState::Current);
    clock.advance(Duration::days(4000));
    engine.tidy().await;
    assert_eq!(
        ids(&engine, KeyPurpose::AccessToken, KeyState::Current),
        current
    );
}
