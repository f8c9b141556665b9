//! Clients, and what they do for users.

use super::Log;
use crate::{
    passkey::change,
    test_engine::{OPERATOR, TestEngine, cookie, origin},
    tokens::{TestClient, new_client},
};
use latchkey_domain::tokens::client::ClientKind;
use latchkey_engine::{NewClient, SignedIn, TokenParameters};

/// Programs come and go. Returns a user of theirs.
pub(super) async fn come_and_go(log: &mut Log<'_>, test: &TestEngine) -> SignedIn {
    let (engine, origin) = (&test.engine, &origin());
    let client = engine
        .add_client(&OPERATOR, new_client("Backup", "photos", "read"), origin)
        .await
        .unwrap();
    let (client, _) = client.commit().await.unwrap();
    log.says("add_client").await;
    engine
        .rotate_client_secret(&OPERATOR, "Backup", time::Duration::HOUR, origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("rotate_client_secret").await;
    let hopper = test.registered("hopper@example.com").await;
    let (hopper, ..) = crate::passkey::with_passkey(test, &hopper).await;
    log.news().await;
    test.grant("hopper@example.com", "photos", "").await;
    engine
        .seed_token_family(&OPERATOR, client.id, cookie(&hopper))
        .await
        .unwrap();
    log.says("seed_token_family").await;
    let terminal = NewClient {
        kind: ClientKind::Public,
        ..new_client("Terminal", "photos", "read")
    };
    let terminal = TestClient::add(engine, terminal).await;
    let proof = change(test, &hopper).await;
    for (is_approved, method) in [
        (true, "approve_authorization"),
        (false, "deny_authorization"),
    ] {
        let parameters = TokenParameters::default();
        let begun = engine
            .begin_device_authorization(terminal.credentials(), parameters, origin)
            .await
            .unwrap();
        log.news().await;
        let code = &begun.user_code;
        let decided = match is_approved {
            true => engine.approve_authorization(&proof, code, origin).await,
            false => engine.deny_authorization(&proof, code, origin).await,
        };
        decided.unwrap();
        log.says(method).await;
    }
    revoke_programs(log, test, &terminal, &hopper).await;
    engine
        .delete_client(&OPERATOR, "Backup", origin)
        .await
        .unwrap();
    log.says("delete_client").await;
    hopper
}

/// What users end of their programs, and administrators of others'.
async fn revoke_programs(
    log: &mut Log<'_>,
    test: &TestEngine,
    terminal: &TestClient,
    hopper: &SignedIn,
) {
    let (engine, origin) = (&test.engine, &origin());
    for method in ["revoke_my_token_family", "revoke_token_family"] {
        let proof = change(test, hopper).await;
        let parameters = TokenParameters::default();
        let begun = engine.begin_device_authorization(terminal.credentials(), parameters, origin);
        let begun = begun.await.unwrap();
        let approved = engine.approve_authorization(&proof, &begun.user_code, origin);
        approved.await.unwrap();
        let parameters = TokenParameters {
            grant_type: Some("urn:ietf:params:oauth:grant-type:device_code"),
            device_code: Some(begun.device_code.expose_secret()),
            ..TokenParameters::default()
        };
        let issued = engine.issue_token(terminal.credentials(), parameters, origin);
        issued.await.unwrap();
        let families = engine
            .my_token_families(&hopper.current_user)
            .await
            .unwrap();
        log.news().await;
        let family = families[0].id;
        let revoked = match method {
            "revoke_token_family" => engine.revoke_token_family(&OPERATOR, family, origin).await,
            _ => engine.revoke_my_token_family(&proof, family, origin).await,
        };
        revoked.unwrap();
        log.says(method).await;
    }
}
