//! Services, grants and keys.

use super::Log;
use crate::test_engine::{OPERATOR, TestEngine, origin};
use latchkey_domain::{
    access::{access_grant::Scopes, service::RiskPolicy},
    tokens::policy::TokenUse,
};
use latchkey_engine::{KeyPurpose, NewAccessTokens, NewService, SignedIn};

/// Adds the service `photos`, for which Ada has a grant then.
pub(super) async fn add(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let new = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    engine
        .add_service(&OPERATOR, "photos", new("photos.example.com"), origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("add_service").await;
    engine
        .change_service(&OPERATOR, "photos", new("pictures.example.com"), origin)
        .await
        .unwrap();
    log.says("change_service").await;
    engine
        .rotate_service_token(&OPERATOR, "photos", time::Duration::HOUR, origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("rotate_service_token").await;
    engine
        .rotate_key(&OPERATOR, KeyPurpose::IdentityToken, true, origin)
        .await
        .unwrap();
    log.says("rotate_key").await;
    let scopes: Scopes = "read:email".parse().unwrap();
    engine
        .add_grant(&OPERATOR, "ada@example.com", "photos", scopes, None, origin)
        .await
        .unwrap();
    log.says("add_grant").await;
    let reusable = TokenUse::Reusable;
    engine
        .change_access_tokens(
            &OPERATOR,
            "photos",
            NewAccessTokens::new("read", reusable),
            origin,
        )
        .await
        .unwrap();
    log.says("change_access_tokens").await;
    let risk = RiskPolicy {
        tells_level: true,
        ..RiskPolicy::default()
    };
    engine
        .change_risk_policy(&OPERATOR, "photos", risk, origin)
        .await
        .unwrap();
    log.says("change_risk_policy").await;
}

pub(super) async fn manage_over_the_api(log: &mut Log<'_>, test: &TestEngine, hopper: &SignedIn) {
    let (engine, origin) = (&test.engine, &origin());
    let (email, scopes) = ("hopper@example.com", Scopes::NONE);
    let grant = engine.add_grant(&OPERATOR, email, "photos", scopes, None, origin);
    let grant = grant.await.unwrap().id;
    log.news().await;
    let removed = engine.remove_grant_by_id(&OPERATOR, grant, origin);
    removed.await.unwrap();
    log.says("remove_grant_by_id").await;
    let device = hopper.current_user.device_id;
    engine.end_session(&OPERATOR, device, origin).await.unwrap();
    log.says("end_session").await;
}

pub(super) async fn remove(log: &mut Log<'_>, test: &TestEngine, hopper: &SignedIn) {
    let (engine, origin) = (&test.engine, &origin());
    engine
        .remove_grant(&OPERATOR, "ada@example.com", "photos", origin)
        .await
        .unwrap();
    log.says("remove_grant").await;
    manage_over_the_api(log, test, hopper).await;
    engine
        .delete_service(&OPERATOR, "photos", origin)
        .await
        .unwrap();
    log.says("delete_service").await;
}
