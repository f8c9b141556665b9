//! Which master key files a database opens with: with those of another installation it must not even be written.

use crate::{
    installation::{Ada, Installation, NEW, OLD, register},
    test_engine::{CLIENT, OPERATOR, new_user},
};
use latchkey_engine::{ChainReport, Checkpointed, Engine, KeyTextError, MasterKeyFault, OpenError};
use time::Duration;

/// An installation of a version that derived all keys: it has entries, and no table of keys.
async fn upgraded() -> (Installation, Ada) {
    let installation = Installation::new();
    let engine = installation.open().await;
    let ada = Ada::new(&engine).await;
    engine.close().await;
    installation.sql("DELETE FROM keys").await;
    (installation, ada)
}

async fn refuses(installation: &Installation, lines: &[&str]) {
    installation.master_keys(lines);
    let refused = installation.try_open().await.err().unwrap();
    assert!(
        matches!(refused, MasterKeyFault::OfAnotherDatabase),
        "{refused}"
    );
    let keys = installation.sql("SELECT id FROM keys").await;
    assert!(keys.is_empty(), "{} keys were stored", keys.len());
}

/// The key that checks the entries of [`OLD`].
async fn last_entry_of_old(installation: &Installation) -> Option<i64> {
    let rows = installation
        .sql("SELECT last_entry FROM keys WHERE id = 'audit_chain:5f9f28b8'")
        .await;
    rows[0].try_get_by_index(0).unwrap()
}

async fn add_user(engine: &Engine, email: &str) {
    let added = engine.add_user_with_totp(&OPERATOR, new_user(email), &CLIENT);
    added.await.unwrap().commit().await.unwrap();
}

async fn is_intact(engine: &Engine) -> bool {
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    matches!(report, ChainReport::Intact { .. })
}

#[tokio::test]
async fn audit_16_a_wrong_master_key_at_the_first_start_after_an_upgrade_writes_nothing() {
    let (installation, ada) = upgraded().await;
    refuses(&installation, &[NEW]).await;
    installation.master_keys(&[OLD]);
    let engine = installation.open().await;
    assert!(ada.is_granted(&engine, &ada.cookie()).await);
    assert!(is_intact(&engine).await);
}

#[tokio::test]
async fn audit_16_a_rotation_with_the_upgrade_keeps_old_checkpoints_verifiable() {
    let (installation, ada) = upgraded().await;
    // As the earlier version signed it, with the key that it derived.
    let engine = installation.open().await;
    let made = engine.checkpoint(&OPERATOR, None).await.unwrap();
    let Checkpointed::Made(made) = made else {
        panic!("a checkpoint");
    };
    engine.close().await;
    installation.sql("DELETE FROM keys").await;

    refuses(&installation, &[NEW]).await;
    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    assert!(ada.is_granted(&engine, &ada.cookie()).await);
    let opened = engine.checkpoint_keys().open(&made.text);
    assert_eq!(opened, Ok(made.checkpoint));
    assert!(is_intact(&engine).await);
    engine.tidy().await;
    engine.close().await;
    installation.master_keys(&[NEW]);
    let engine = installation.open().await;
    assert!(engine.checkpoint_keys().open(&made.text).is_ok());
    assert!(is_intact(&engine).await);
    installation.clock.advance(Duration::seconds(90));
    register(&engine, &ada.uri).await.unwrap();
}

#[tokio::test]
async fn audit_16_an_older_schema_is_not_backed_up_with_another_master_key() {
    let (installation, _) = upgraded().await;
    installation.master_keys(&[NEW]);
    let opened = Engine::open_to_back_up(installation.settings()).await;
    let refused = opened.err().unwrap();
    assert!(
        matches!(
            &refused,
            OpenError::MasterKey {
                fault: MasterKeyFault::OfAnotherDatabase,
                ..
            }
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn audit_17_a_process_with_an_old_line_does_not_move_its_last_entry_on() {
    let installation = Installation::new();
    let engine = installation.open().await;
    add_user(&engine, "ada@example.com").await;
    engine.close().await;
    installation.master_keys(&[NEW, OLD]);
    let not_restarted = installation.open().await;
    assert_eq!(last_entry_of_old(&installation).await, None);
    installation.master_keys(&[NEW]);
    let engine = installation.open().await;
    let last = last_entry_of_old(&installation).await;
    assert!(last.is_some());
    add_user(&engine, "grace@example.com").await;

    not_restarted.tidy().await;
    engine.tidy().await;
    assert_eq!(last_entry_of_old(&installation).await, last);
    assert!(is_intact(&engine).await && is_intact(&not_restarted).await);
    engine.close().await;
    not_restarted.close().await;

    // On top again it writes again, up to the next time that it is taken out.
    installation.master_keys(&[OLD, NEW]);
    let engine = installation.open().await;
    assert_eq!(last_entry_of_old(&installation).await, None);
    add_user(&engine, "eve@example.com").await;
    engine.close().await;
    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    add_user(&engine, "bob@example.com").await;
    engine.tidy().await;
    engine.close().await;
    installation.master_keys(&[NEW]);
    let engine = installation.open().await;
    assert!(is_intact(&engine).await);
    assert!(last_entry_of_old(&installation).await > last);
}

#[tokio::test]
async fn a_key_that_is_repeated_in_the_file_is_refused_with_its_line() {
    let installation = Installation::new();
    installation.master_keys(&["# one and the same", OLD, NEW, OLD]);
    let refused = installation.try_open().await.err().unwrap();
    let repeated = KeyTextError::Repeated { line: 4, first: 2 };
    assert!(
        matches!(refused, MasterKeyFault::Malformed(found) if found == repeated),
        "{refused}"
    );
}
