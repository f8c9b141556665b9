use super::*;
use crate::{test_engine::TestEngine, test_log::ErrorLog};

#[tokio::test]
async fn a_value_that_was_replaced_meanwhile_stays() {
    let test = TestEngine::new().await;
    test.users(["ada@example.com"]).await;
    let engine = &test.engine;
    let subject = || async {
        let mut all = access::store::access_grant::all(&engine.read())
            .await
            .unwrap();
        let row = all.pop().unwrap();
        (row.id.uuid(), row.subject_sealed)
    };
    let (id, current) = subject().await;
    let replace = |before: &[u8]| {
        let values = vec![Resealed {
            id,
            before: before.to_vec(),
            after: b"again".to_vec(),
        }];
        async move { engine.replace(&subjects(), values).await.unwrap() }
    };
    assert_eq!(replace(b"read before").await, 0);
    assert_eq!(subject().await.1, current);
    assert_eq!(replace(&current).await, 1);
    assert_eq!(subject().await.1, b"again");
}

#[tokio::test]
async fn a_value_that_does_not_open_is_logged_once() {
    let test = TestEngine::in_file().await;
    test.users(["ada@example.com"]).await;
    let settings = test.engine.inner.settings.clone();
    let damage = "UPDATE grants SET subject_sealed = CAST(substr(subject_sealed, 1, length(subject_sealed) - 1) || x'00' AS BLOB)";
    test.engine.db().execute_unprepared(damage).await.unwrap();
    test.engine.close().await;
    let key_file = settings.key_file();
    let old = std::fs::read_to_string(&key_file).unwrap();
    let new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0";
    std::fs::write(&key_file, format!("{new}\n{old}")).unwrap();
    let engine = Engine::open(settings).await.unwrap();
    let (log, _listening) = ErrorLog::listen();
    for _ in 0..3 {
        engine.reseal().await.unwrap();
        engine.inner.reseal.lock().unwrap().pause_until = None;
    }
    assert_eq!(log.count("a sealed value was changed"), 1);
}

#[tokio::test]
async fn audit_53_templates_of_typing_are_sealed_again_for_their_user_and_field() {
    use latchkey_domain::risk::behaviour::report::Field;
    let test = TestEngine::in_file().await;
    let user = UserId::from_uuid(Uuid::from_u128(7));
    let engine = &test.engine;
    let (keys, rng) = (&engine.inner.keys, &engine.inner.settings.rng);
    for field in [Field::Email, Field::Touch] {
        let aad = risk::behaviour::aad(user, field.as_str());
        let sealed = seal::seal(keys, rng, &aad, b"times").unwrap();
        let row = risk::store::behaviour_template::Model::of(user, field, sealed);
        let value = (behaviour_templates().value)(row);
        assert!(engine.sealed_again(&value.aad, &value.sealed).is_ok());
    }
}
