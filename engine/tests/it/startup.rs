//! What keeps an engine from opening its data.

use crate::{
    audit::{settings, tamper},
    test_engine::{OPERATOR, new_user, origin},
};
use latchkey_engine::{Engine, Exposure, MasterKeyFault, OpenError};

#[tokio::test]
async fn a_database_of_a_newer_version_is_rejected() {
    let dir = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(dir.path())).await.unwrap());
    tamper(
        dir.path(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_future', 0)",
    )
    .await;
    let refused = Engine::open(settings(dir.path())).await.err().unwrap();
    assert!(
        matches!(&refused, OpenError::DatabaseNewer(step) if step == "m20990101_000001_future"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_master_key_that_others_may_read_is_rejected() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(dir.path())).await.unwrap());
    let key = dir.path().join("master.key");
    assert_eq!(
        std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Engine::open(settings(dir.path())).await.err().unwrap();
    assert!(
        matches!(
            &refused,
            OpenError::MasterKey {
                path,
                fault: MasterKeyFault::Exposed(Exposure::ReadableKey { mode: 0o644 }),
            } if *path == key
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_missing_or_foreign_master_key_is_rejected_beside_existing_data() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(settings(dir.path())).await.unwrap();
    let ada = new_user("ada@example.com");
    engine
        .add_user(&OPERATOR, ada, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    drop(engine);
    let key = dir.path().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    let refused = async || {
        let error = Engine::open(settings(dir.path())).await.err();
        match error.expect("no start") {
            OpenError::MasterKey { fault, .. } => fault,
            other => panic!("{other}"),
        }
    };

    std::fs::remove_file(&key).unwrap();
    assert!(matches!(refused().await, MasterKeyFault::Missing));
    assert!(!key.exists(), "none is made in its place");
    let other = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(other.path())).await.unwrap());
    std::fs::copy(other.path().join("master.key"), &key).unwrap();
    assert!(matches!(refused().await, MasterKeyFault::OfAnotherDatabase));

    std::fs::write(&key, text).unwrap();
    Engine::open(settings(dir.path())).await.unwrap();
}
