//! Introspection and revocation: who may know of a token, and who may end it.

use super::{device_grant::Terminal, *};
use latchkey_engine::IntrospectionCaller;

async fn is_active(engine: &Engine, caller: IntrospectionCaller<'_>, token: &str) -> bool {
    let found = engine.introspect_token(caller, token).await.unwrap();
    found.active.is_some()
}

#[tokio::test]
async fn a_token_is_active_to_its_service_and_its_client_alone() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::OneShot).await;
    let wiki = test.service("wiki").await;
    let other = TestClient::add(&test.engine, new_client("Other", "photos", "read")).await;
    let token = client.token(&test.engine).await;
    let (engine, service) = (&test.engine, IntrospectionCaller::Service);
    assert!(is_active(engine, service(&photos), &token).await);
    assert!(
        is_active(
            engine,
            IntrospectionCaller::Client(client.credentials()),
            &token
        )
        .await
    );
    assert!(!is_active(engine, service(&wiki), &token).await);
    assert!(
        !is_active(
            engine,
            IntrospectionCaller::Client(other.credentials()),
            &token
        )
        .await
    );
    for other in ["", "abc", "a.b.c", &token[1..], &photos] {
        assert!(!is_active(engine, service(&photos), other).await);
    }
    let found = engine
        .introspect_token(service(&photos), &token)
        .await
        .unwrap();
    let active = found.active.unwrap();
    assert_eq!(
        (found.caller.as_str(), active.audience.as_str()),
        ("photos", "photos")
    );
    assert_eq!(active.token.subject(), client.id);
    // Looking is not using; once used, it is active no more.
    assert_eq!(
        ask(engine, "photos", &photos, &token).await,
        "token accepted"
    );
    assert!(!is_active(engine, service(&photos), &token).await);
    // Whoever is nobody learns nothing.
    let nobody = engine.introspect_token(service("lk_0"), &token).await;
    assert_eq!(nobody.unwrap_err().to_string(), "invalid_client");
}

#[tokio::test]
async fn a_public_client_cannot_introspect() {
    let terminal = Terminal::new().await;
    let issued = terminal.tokens().await;
    let caller = IntrospectionCaller::Client(terminal.client.credentials());
    let token = issued.access_token.expose_secret();
    let refused = terminal.test.engine.introspect_token(caller, token).await;
    assert_eq!(refused.unwrap_err().to_string(), "invalid_client");
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_no_others() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let other = TestClient::add(&test.engine, new_client("Other", "photos", "read")).await;
    let (token, kept) = (
        client.token(&test.engine).await,
        client.token(&test.engine).await,
    );
    let engine = &test.engine;
    for (client, revoked, expected) in [
        (&other, token.as_str(), "token accepted"),
        (&client, "abc", "token accepted"),
        (&client, &token[..token.len() - 2], "token accepted"),
        (&client, &token, "unknown"),
        (&client, &token, "unknown"),
    ] {
        let revoked = engine.revoke_token(client.credentials(), revoked, &ORIGIN);
        revoked.await.unwrap();
        assert_eq!(ask(engine, "photos", &photos, &token).await, expected);
    }
    assert_eq!(
        ask(engine, "photos", &photos, &kept).await,
        "token accepted"
    );
}

#[tokio::test]
async fn a_program_that_revokes_one_token_of_a_user_ends_all_of_the_family() {
    for revoke_refresh_token in [true, false] {
        let terminal = Terminal::new().await;
        let (issued, other) = (terminal.tokens().await, terminal.tokens().await);
        let token = match revoke_refresh_token {
            true => issued.refresh_token.as_ref().unwrap().expose_secret(),
            false => issued.access_token.expose_secret(),
        };
        let engine = &terminal.test.engine;
        let revoked = engine.revoke_token(terminal.client.credentials(), token, &ORIGIN);
        revoked.await.unwrap();
        assert_eq!(terminal.ask(&issued).await, "unknown");
        assert_eq!(
            terminal.ask(&other).await,
            "token accepted",
            "another approval"
        );
    }
}
