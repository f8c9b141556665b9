//! What ends a passkey, and what a passkey ends.

use crate::{
    passkey::{ada, sign_in, used, with_passkey},
    test_engine::{CLIENT, OPERATOR, TestEngine, origin},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{access::permission::Denial, request::host::Host};
use latchkey_engine::{Error, ForwardDecision, OriginalRequest, Refusal, Requester, SignedIn};

#[tokio::test]
async fn must_survive_17_revoking_a_device_ends_its_passkeys_and_signing_out_keeps_them() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    test.engine
        .sign_out(&first.current_user, &origin())
        .await
        .unwrap();
    assert!(!test.knows(&first).await);
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let second = sign_in(&test, &handle, &response).await.unwrap();
    // The passkey moved to the device on which it is used now; revoking that one ends it.
    test.revoke(second.current_user.device_id).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    assert!(sign_in(&test, &handle, &response).await.is_err());
}

#[tokio::test]
async fn r8_the_passkey_of_a_disabled_user_is_rejected() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    test.disable(first.current_user.user_id).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let refused = sign_in(&test, &handle, &response).await;
    assert!(matches!(
        refused,
        Err(Error::Refused(Refusal::PasskeyNotAccepted))
    ));
}

#[tokio::test]
async fn audit_6_a_new_passkey_ends_copied_cookies_and_earlier_sessions() {
    let test = TestEngine::new().await;
    let before = test.registered("ada@example.com").await;
    let session = test.session(&before).await;
    let (after, _, _) = with_passkey(&test, &before).await;
    assert!(!test.knows(&before).await, "the copied cookie is dead");
    assert!(test.knows(&after).await);
    assert_eq!(after.current_user.device_id, before.current_user.device_id);
    let old_session = test
        .engine
        .authenticate(Some(crate::test_engine::cookie(&after)), Some(session))
        .await
        .unwrap()
        .current_user
        .unwrap();
    let stale = old_session.may_manage_self(test.engine.now()).unwrap();
    let refused = test
        .engine
        .rename_device(&stale, after.current_user.device_id, "Mine", &origin())
        .await;
    assert!(matches!(refused, Err(Error::Denied(Denial::SignIn))));
}

#[tokio::test]
async fn audit_6_renewing_a_replaced_cookie_does_not_overwrite_the_new_one() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    test.wait(2 * 86_400);
    let renewed = async |signed_in: &SignedIn| {
        let cookie = Some(crate::test_engine::cookie(signed_in));
        test.engine.authenticate(cookie, None).await.unwrap()
    };
    assert!(renewed(&first).await.renewed.is_some());
    let second = test
        .register_on(
            "ada@example.com",
            &test.totp(&uri),
            Some((&first.current_user).into()),
        )
        .await
        .unwrap();
    let old = renewed(&first).await;
    assert!(old.current_user.is_none() && old.renewed.is_none());
    assert!(renewed(&second).await.current_user.is_some());
}

#[tokio::test]
async fn removing_a_passkey_revokes_the_freshness_it_gave() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (both, _, _) = with_passkey(&test, &first).await;
    let before = both.current_user.passkey_verified_at;
    test.wait(30 * 86_400);
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let browser = Some((&both.current_user).into());
    let fresh = test
        .engine
        .finish_passkey_login(Some(&handle), &response, browser, &origin())
        .await
        .unwrap();
    let passkeys = test.engine.my_passkeys(&fresh.current_user).await.unwrap();
    let used_now = passkeys
        .iter()
        .find(|passkey| passkey.last_used_at.is_some())
        .unwrap();
    test.engine
        .remove_any_passkey(&OPERATOR, used_now.id, &origin())
        .await
        .unwrap();
    let current_user = test.current_user(&fresh).await.unwrap();
    assert_eq!(current_user.passkey_verified_at, before);
    assert_eq!(
        current_user.may_manage_self(test.engine.now()).err(),
        Some(Denial::StepUp)
    );
}

#[tokio::test]
async fn audit_22_services_are_not_told_of_a_passkey_that_was_removed() {
    let test = TestEngine::new().await;
    test.service("photos").await;
    let (first, credential, mut authenticator) = ada(&test).await;
    test.grant("ada@example.com", "photos", "").await;
    test.wait(60);
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    let second = sign_in(&test, &handle, &response).await.unwrap();
    with_passkey(&test, &first).await;
    let told = async || {
        let request = OriginalRequest {
            method: "GET",
            is_https: true,
            host: &Host::parse("photos.example.com").unwrap(),
            target: "/",
        };
        let caller = Some(crate::test_engine::cookie(&second)).into();
        let decision = test
            .engine
            .forward_auth(Requester::Trusted, request, &caller);
        let ForwardDecision::Granted(authorized) = decision.await else {
            panic!("access");
        };
        let claims = authorized.assertion.split('.').nth(1).unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["assurance"], authorized.granted.assurance.as_str());
        (claims["assurance"].clone(), claims["amr"].clone())
    };
    assert_eq!(told().await, ("passkey".into(), ["hwk", "user"].into()));
    let passkeys = test.engine.my_passkeys(&second.current_user).await.unwrap();
    let used_now = passkeys.iter().max_by_key(|passkey| passkey.last_used_at);
    let id = used_now.unwrap().id;
    let removed = test.engine.remove_any_passkey(&OPERATOR, id, &CLIENT);
    removed.await.unwrap();
    assert!(test.knows(&second).await);
    // At once, although an identity token of the same authentication is still valid.
    let nothing = serde_json::Value::Array(Vec::new());
    assert_eq!(told().await, ("registered".into(), nothing));
}

#[tokio::test]
async fn must_survive_29_a_clock_set_back_does_not_revive_a_used_challenge() {
    let test = TestEngine::new().await;
    let (first, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &first, &credential, &mut authenticator).await;
    sign_in(&test, &handle, &response).await.unwrap();
    test.wait(5 * 60);
    test.engine.tidy().await;
    test.wait(-5 * 60);
    assert!(matches!(
        sign_in(&test, &handle, &response).await,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
}
