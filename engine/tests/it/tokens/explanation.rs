//! Why a token is not accepted, as the operator is told.

use super::{device_grant::Terminal, *};
use latchkey_engine::{TokenExplanation, TokenFault};
use latchkey_jose::TokenError as Wrong;

async fn explain(engine: &Engine, token: &str) -> TokenExplanation {
    engine.explain_token(&OPERATOR, token).await.unwrap()
}

async fn fault(engine: &Engine, token: &str) -> Option<TokenFault> {
    explain(engine, token).await.fault
}

#[tokio::test]
async fn the_operator_learns_why_a_token_of_a_client_is_not_accepted() {
    let test = TestEngine::new().await;
    let (service, client) = photos(&test, TokenUse::OneShot).await;
    let engine = &test.engine;
    let token = client.token(engine).await;
    let explained = explain(engine, &token).await;
    assert_eq!(explained.fault, None);
    assert_eq!(explained.claims.unwrap()["aud"], "photos");
    // Asking does not use it up.
    assert_eq!(
        ask(engine, "photos", &service, &token).await,
        "token accepted"
    );
    assert_eq!(fault(engine, &token).await, Some(TokenFault::Used));

    for (text, wrong) in [
        ("", Wrong::Malformed),
        ("a.b", Wrong::Malformed),
        (&token[..token.len() - 2], Wrong::Signature),
    ] {
        let explained = explain(engine, text).await;
        assert_eq!(explained.claims, None);
        assert_eq!(explained.fault, Some(TokenFault::Invalid(wrong)), "{text}");
    }
    let other = TestEngine::with(|settings| settings.rng = latchkey_engine::Rng::seeded(8)).await;
    let foreign = Some(TokenFault::Invalid(Wrong::KeyId));
    assert_eq!(fault(&other.engine, &token).await, foreign);

    let token = client.token(engine).await;
    let revoked = engine.revoke_token(client.credentials(), &token, &ORIGIN);
    revoked.await.unwrap();
    assert_eq!(fault(engine, &token).await, Some(TokenFault::Revoked));
    let token = client.token(engine).await;
    let rotated = engine.rotate_client_secret(&OPERATOR, "Backup", time::Duration::ZERO, &ORIGIN);
    rotated.await.unwrap().commit().await.unwrap();
    assert_eq!(fault(engine, &token).await, Some(TokenFault::Client));
    test.wait(200);
    let expired = Some(TokenFault::Invalid(Wrong::Expired));
    let explained = explain(engine, &token).await;
    assert!(explained.fault == expired && explained.claims.is_some());
    test.wait(-200);
    engine
        .delete_client(&OPERATOR, "Backup", &ORIGIN)
        .await
        .unwrap();
    assert_eq!(fault(engine, &token).await, Some(TokenFault::NoClient));
    engine
        .delete_service(&OPERATOR, "photos", &ORIGIN)
        .await
        .unwrap();
    assert_eq!(fault(engine, &token).await, Some(TokenFault::NoService));
}

#[tokio::test]
async fn the_operator_learns_why_a_token_for_a_user_is_not_accepted() {
    let terminal = Terminal::new().await;
    let engine = &terminal.test.engine;
    let issued = terminal.tokens().await;
    let token = issued.access_token.expose_secret();
    assert_eq!(fault(engine, token).await, None);
    let removed = engine.remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
    removed.await.unwrap();
    assert_eq!(fault(engine, token).await, Some(TokenFault::User));
    terminal.test.grant("ada@example.com", "photos", "").await;
    let user = terminal.ada.current_user.user_id;
    terminal.test.disable(user).await;
    assert_eq!(fault(engine, token).await, Some(TokenFault::FamilyEnded));
}
