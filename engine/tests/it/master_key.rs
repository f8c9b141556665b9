//! Rotating the master key: nothing that it protected is lost, and the old line can be taken out in the end.

mod stored_keys;

use crate::{
    installation::{Ada, Installation, NEW, OLD, register},
    test_engine::{CLIENT, OPERATOR, new_user},
};
use latchkey_engine::{
    ChainReport, Checkpointed, Engine, KeyPurpose, KeyState, KeyUse, MasterKeyFault, NewService,
};
use time::Duration;

async fn is_intact(engine: &Engine) -> bool {
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    matches!(report, ChainReport::Intact { .. })
}

/// What needs the second line of the file.
async fn needs_old(engine: &Engine) -> KeyUse {
    let usage = engine.master_key_usage(&OPERATOR).await.unwrap();
    assert_eq!(usage.unreadable, KeyUse::default());
    assert_eq!((usage.lines.len(), usage.lines[1].line), (2, 2));
    usage.lines[1].needed_by
}

async fn renewed(engine: &Engine, cookie: &str) -> Option<String> {
    let found = engine.authenticate(Some(cookie), None).await.unwrap();
    assert!(found.current_user.is_some());
    found
        .renewed
        .map(|cookie| cookie.value.expose_secret().to_owned())
}

#[tokio::test]
async fn a_rotated_master_key_is_taken_out_and_everything_works_on() {
    let installation = Installation::new();
    let engine = installation.open().await;
    let ada = Ada::new(&engine).await;
    let subject = ada.subject(&engine, &ada.cookie()).await;
    let Checkpointed::Made(checkpoint) = engine.checkpoint(&OPERATOR, None).await.unwrap() else {
        panic!("a checkpoint");
    };
    let tokens_before = engine.token_keys();
    engine.close().await;

    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    let device_cookie = KeyUse {
        device_cookies: 1,
        ..KeyUse::default()
    };
    let all = KeyUse {
        totp_secrets: 1,
        subjects: 1,
        newest_entry: true,
        ..device_cookie
    };
    assert_eq!(needs_old(&engine).await, all);
    engine.tidy().await;
    assert_eq!(needs_old(&engine).await, device_cookie);
    // The cookie is replaced; only when the new one comes back does the browser have it.
    let cookie = renewed(&engine, &ada.cookie()).await.unwrap();
    assert_ne!(cookie, ada.cookie());
    assert_eq!(needs_old(&engine).await.device_cookies, 1);
    assert!(ada.is_granted(&engine, &ada.cookie()).await);
    assert_eq!(renewed(&engine, &cookie).await, None);
    assert!(needs_old(&engine).await.is_none());
    engine.close().await;

    installation.master_keys(&[NEW]);
    let engine = installation.open().await;
    assert_eq!(ada.subject(&engine, &cookie).await, subject);
    assert!(
        !ada.is_granted(&engine, &ada.cookie()).await,
        "of the old key"
    );
    installation.clock.advance(Duration::seconds(90));
    register(&engine, &ada.uri).await.unwrap();
    assert!(is_intact(&engine).await);
    let checkpoints = engine.checkpoint_keys().read(&checkpoint.text);
    let (_, comparison) = engine
        .verify_audit_log(&OPERATOR, &checkpoints)
        .await
        .unwrap();
    assert_eq!((comparison.fit, comparison.faults.len()), (1, 0));
    assert_eq!(engine.token_keys(), tokens_before);
    engine.close().await;

    // And once more, to a third one: the keys of the first are still there.
    let third = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM";
    installation.master_keys(&[third, NEW]);
    let engine = installation.open().await;
    engine.tidy().await;
    engine.close().await;
    installation.master_keys(&[third]);
    let engine = installation.open().await;
    assert!(is_intact(&engine).await);
    installation.clock.advance(Duration::seconds(90));
    register(&engine, &ada.uri).await.unwrap();
}

#[tokio::test]
async fn a_master_key_that_is_taken_out_too_early_is_told_with_what_it_takes_along() {
    let installation = Installation::new();
    let engine = installation.open().await;
    let ada = Ada::new(&engine).await;
    engine.close().await;
    installation.master_keys(&[NEW, OLD]);
    installation.open().await.close().await;

    installation.master_keys(&[NEW]);
    let engine = installation.open().await;
    let usage = engine.master_key_usage(&OPERATOR).await.unwrap();
    let lost = KeyUse {
        totp_secrets: 1,
        subjects: 1,
        device_cookies: 1,
        ..KeyUse::default()
    };
    assert_eq!(usage.unreadable, lost);
    installation.clock.advance(Duration::seconds(90));
    register(&engine, &ada.uri).await.unwrap_err();
    // The audit log still verifies: the key that checks it was stored when the new line came.
    assert!(is_intact(&engine).await);
    engine.close().await;

    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    engine.tidy().await;
    installation.clock.advance(Duration::seconds(90));
    register(&engine, &ada.uri).await.unwrap();
}

#[tokio::test]
async fn a_master_key_that_is_replaced_without_overlap_does_not_start() {
    let installation = Installation::new();
    let engine = installation.open().await;
    Ada::new(&engine).await;
    engine.close().await;
    installation.master_keys(&[NEW]);
    let refused = installation.try_open().await.err().unwrap();
    assert!(
        matches!(refused, MasterKeyFault::OfAnotherDatabase),
        "{refused}"
    );
}

#[tokio::test]
async fn resealing_goes_on_where_it_was_stopped_beside_others_and_leaves_out_what_was_changed() {
    const USERS: usize = 1300;
    let installation = Installation::new();
    let engine = installation.open().await;
    let service = engine.add_service(&OPERATOR, "photos", NewService::default(), &CLIENT);
    service.await.unwrap().commit().await.unwrap();
    let users: Vec<_> = (0..USERS)
        .map(|number| new_user(&format!("user{number}@example.com")))
        .collect();
    let services = ["photos".to_owned()];
    let seeded = engine.seed_users(&OPERATOR, &users, 0, &services);
    seeded.await.unwrap();
    engine.close().await;
    installation
        .sql("UPDATE grants SET subject_sealed = CAST(substr(subject_sealed, 1, length(subject_sealed) - 1) || x'00' AS BLOB) WHERE id = (SELECT min(id) FROM grants)")
        .await;

    installation.master_keys(&[NEW, OLD]);
    let engine = installation.open().await;
    assert_eq!(needs_old(&engine).await.subjects, 1300);
    engine.tidy().await;
    // One value of the batch was changed.
    assert_eq!(needs_old(&engine).await.subjects, 1300 - 499);
    engine.close().await;

    // Stopped in the middle; two processes go on.
    let (one, other) = (installation.open().await, installation.open().await);
    tokio::join!(one.tidy(), other.tidy());
    assert!(needs_old(&one).await.subjects > 1);
    tokio::join!(one.tidy(), other.tidy());
    let subject = KeyUse {
        subjects: 1,
        ..KeyUse::default()
    };
    assert_eq!(needs_old(&one).await, subject);
    assert!(is_intact(&one).await);
}
