//! A token ends with what it rests on.

use super::*;
use crate::audit::{settings, within_a_second};
use latchkey_engine::KeyPurpose;
use time::Duration;

/// A token that was accepted a moment ago, and what takes it away.
async fn ends_with(what: &str, end: impl AsyncFn(&TestEngine, &TestClient)) {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let token = client.token(&test.engine).await;
    let before = ask(&test.engine, "photos", &photos, &token).await;
    assert_eq!(before, "token accepted", "{what}");
    end(&test, &client).await;
    let after = ask(&test.engine, "photos", &photos, &token).await;
    assert_eq!(after, "unknown", "{what}");
}

#[tokio::test]
async fn r15_must_survive_17_a_token_ends_with_client_secret_scope_and_key() {
    ends_with("the client is deleted", async |test, client| {
        let deleted = test.engine.delete_client(&OPERATOR, &client.id, &ORIGIN);
        deleted.await.unwrap();
    })
    .await;
    ends_with("the secret is replaced at once", async |test, client| {
        let rotated =
            test.engine
                .rotate_client_secret(&OPERATOR, &client.id, Duration::ZERO, &ORIGIN);
        rotated.await.unwrap().commit().await.unwrap();
    })
    .await;
    ends_with("the replaced secret has ended", async |test, client| {
        let rotated =
            test.engine
                .rotate_client_secret(&OPERATOR, &client.id, Duration::MINUTE, &ORIGIN);
        rotated.await.unwrap().commit().await.unwrap();
        test.wait(60);
    })
    .await;
    ends_with("the service knows the scope no more", async |test, _| {
        let changed = test.engine.change_access_tokens(
            &OPERATOR,
            "photos",
            NewAccessTokens::new("read", TokenUse::Reusable),
            &ORIGIN,
        );
        changed.await.unwrap();
    })
    .await;
    ends_with("the signing key is in the wrong hands", async |test, _| {
        let rotated = test
            .engine
            .rotate_key(&OPERATOR, KeyPurpose::AccessToken, true, &ORIGIN);
        rotated.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_token_outlives_a_rotation_of_the_key_or_the_secret_that_is_not_at_once() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    test.wait(600);
    let token = client.token(&test.engine).await;
    let rotated = test
        .engine
        .rotate_key(&OPERATOR, KeyPurpose::AccessToken, false, &ORIGIN);
    rotated.await.unwrap();
    let rotated = test
        .engine
        .rotate_client_secret(&OPERATOR, &client.id, Duration::HOUR, &ORIGIN);
    let (_, secret) = rotated.await.unwrap().commit().await.unwrap();
    let rotated = TestClient {
        secret: secret.expose_secret().to_owned(),
        ..client.clone()
    };
    for token in [
        token,
        client.token(&test.engine).await,
        rotated.token(&test.engine).await,
    ] {
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "token accepted"
        );
    }
    test.wait(3600);
    assert!(matches!(
        client.ask(&test.engine, TokenParameters::default()).await,
        Err(TokenError::InvalidClient)
    ));
}

#[tokio::test]
async fn a_deleted_service_takes_its_tokens_along() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let token = client.token(&test.engine).await;
    test.engine
        .delete_service(&OPERATOR, "photos", &ORIGIN)
        .await
        .unwrap();
    assert_eq!(
        ask(&test.engine, "photos", &photos, &token).await,
        "unknown"
    );
    let again = test.service("photos").await;
    // The same name, another service.
    assert_eq!(ask(&test.engine, "photos", &again, &token).await, "unknown");
    let refused = client
        .ask(&test.engine, TokenParameters::default())
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "invalid_target");
}

#[tokio::test]
async fn a_revoked_token_stays_revoked_until_it_has_expired() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let token = client.token(&test.engine).await;
    let revoke = async |token: &str| {
        let revoked = (test.engine).revoke_token(client.credentials(), token, &ORIGIN);
        revoked.await.unwrap();
    };
    revoke(&token).await;
    for seconds in [0, 115, 5, 4, 1] {
        test.wait(seconds);
        test.engine.tidy().await;
        // Another one is revoked, so all are read again.
        revoke(&client.token(&test.engine).await).await;
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "unknown"
        );
    }
}

#[tokio::test]
async fn must_survive_17_another_process_denies_a_revoked_token_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let (server, other) = (
        Engine::open(settings(dir.path())).await.unwrap(),
        Engine::open(settings(dir.path())).await.unwrap(),
    );
    server.spawn_change_feed();
    let new = latchkey_engine::NewService::default();
    let service = other.add_service(&OPERATOR, "photos", new, &ORIGIN).await;
    let (_, service) = service.unwrap().commit().await.unwrap();
    let client = TestClient::add(&other, new_client("Backup", "photos", "")).await;
    let (kept, revoked) = (client.token(&other).await, client.token(&other).await);
    let is_accepted = async |token: &str| {
        ask(&server, "photos", service.expose_secret(), token).await == "token accepted"
    };
    within_a_second(async || is_accepted(&kept).await && is_accepted(&revoked).await).await;
    let done = other.revoke_token(client.credentials(), &revoked, &ORIGIN);
    done.await.unwrap();
    within_a_second(async || !is_accepted(&revoked).await).await;
    assert!(is_accepted(&kept).await);
    let deleted = other.delete_client(&OPERATOR, &client.id, &ORIGIN);
    deleted.await.unwrap();
    within_a_second(async || !is_accepted(&kept).await).await;
}
