mod administrator;

use crate::{
    passkey::ada,
    test_engine::{OPERATOR, TestEngine, cookie, new_user, origin},
};
use latchkey_domain::{
    access::access_grant::Scope,
    access::permission::Operator,
    access::service::{Policy, Requirement},
    identity::user::Role,
};
use latchkey_engine::{Granted, NewService, SignedIn, VerifyDecision};
use std::collections::BTreeMap;

pub(crate) fn word(response: &VerifyDecision) -> &'static str {
    match response {
        VerifyDecision::Unauthenticated => "unknown",
        VerifyDecision::ServiceNotFound => "service not found",
        VerifyDecision::NoAccess => "no access",
        VerifyDecision::StepUp => "step up",
        VerifyDecision::TokenTooOld { .. } => "token too old",
        VerifyDecision::NonceRequired => "nonce required",
        VerifyDecision::Granted(_) => "granted",
        VerifyDecision::TokenAccepted(_) => "token accepted",
        VerifyDecision::Unavailable => "unavailable",
    }
}

/// The decision for the device of a sign-in.
pub(crate) async fn ask(
    test: &TestEngine,
    service: &str,
    token: &str,
    who: &SignedIn,
) -> &'static str {
    let response = test.engine.verify(service, Some(token), Some(cookie(who)));
    word(&response.await)
}

/// What a service learns about a user with access.
async fn granted(test: &TestEngine, service: &str, token: &str, who: &SignedIn) -> Granted {
    let response = test.engine.verify(service, Some(token), Some(cookie(who)));
    match response.await {
        VerifyDecision::Granted(granted) => granted,
        refused => panic!("{service}: {}", word(&refused)),
    }
}

#[tokio::test]
async fn verify_decides_by_service_token_and_device() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let (photos, wiki) = (test.service("photos").await, test.service("wiki").await);
    test.grant("ada@example.com", "photos", "read:email").await;
    let good = Some(cookie(&ada));
    for (service, token, device, expected) in [
        ("photos", Some(photos.as_str()), good, "granted"),
        ("photos", None, good, "unknown"),
        ("photos", Some("lk_0000"), good, "unknown"),
        ("photos", Some(photos.as_str()), None, "unknown"),
        ("photos", Some(photos.as_str()), Some("garbage"), "unknown"),
        ("photos", Some(wiki.as_str()), good, "service not found"),
        ("nowhere", Some(photos.as_str()), good, "service not found"),
        ("nowhere", Some(photos.as_str()), None, "unknown"),
        ("wiki", Some(wiki.as_str()), good, "no access"),
    ] {
        let response = test.engine.verify(service, token, device).await;
        assert_eq!(
            word(&response),
            expected,
            "{service} {token:?} {}",
            device.is_some()
        );
    }
}

#[tokio::test]
async fn a_service_learns_what_its_scopes_allow_under_its_own_subject() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let (photos, wiki) = (test.service("photos").await, test.service("wiki").await);
    test.grant("ada@example.com", "photos", "read:email").await;
    test.grant("ada@example.com", "wiki", "").await;
    let at_photos = granted(&test, "photos", &photos, &ada).await;
    let at_wiki = granted(&test, "wiki", &wiki, &ada).await;
    assert_eq!(at_photos.email(), Some("ada@example.com"));
    assert!(
        at_photos.username().is_none()
            && at_photos.role().is_none()
            && !at_photos.scopes.contains(Scope::UserRole)
    );
    assert!(at_wiki.email().is_none());
    assert_ne!(at_photos.subject, at_wiki.subject);
    assert_eq!(at_photos.auth_methods, ["otp"]);
    // The subject stays when the grant changes.
    test.grant("ada@example.com", "photos", "read:username")
        .await;
    let again = granted(&test, "photos", &photos, &ada).await;
    assert_eq!(again.subject, at_photos.subject);
    assert!(again.email().is_none() && again.username().is_some());
}

#[tokio::test]
async fn a_service_learns_how_the_user_authenticated() {
    let test = TestEngine::new().await;
    let photos = test.service("photos").await;
    let (ada, _, _) = ada(&test).await;
    test.grant("ada@example.com", "photos", "").await;
    // The software authenticator does not synchronise its passkeys.
    let by_passkey = granted(&test, "photos", &photos, &ada).await;
    assert_eq!(by_passkey.auth_methods, ["hwk", "user"]);
    let diagnostic = (test.engine)
        .create_diagnostic_device(&OPERATOR, "ada@example.com", &origin())
        .await
        .unwrap();
    let cookie = diagnostic.cookie.value.expose_secret();
    let response = test.engine.verify("photos", Some(&photos), Some(cookie));
    let VerifyDecision::Granted(granted) = response.await else {
        panic!("a diagnostic device has access to services")
    };
    assert!(granted.auth_methods.is_empty());
}

#[tokio::test]
async fn must_survive_17_a_revocation_counts_from_the_next_request() {
    let test = TestEngine::new().await;
    for ending in [
        "revoke",
        "disable",
        "ungrant",
        "delete",
        "sign out",
        "delete service",
        "rotate",
    ] {
        let service = &ending.replace(' ', "-");
        let email = format!("{service}@example.com");
        let token = test.service(service).await;
        let who = test.registered(&email).await;
        test.grant(&email, service, "").await;
        assert_eq!(ask(&test, service, &token, &who).await, "granted");
        let (engine, operator, c) = (&test.engine, &OPERATOR, origin());
        let expected = match ending {
            "revoke" => engine
                .revoke_device(operator, who.current_user.device_id, &[], &c)
                .await
                .map(|_| "unknown"),
            "disable" => engine
                .disable_user(operator, who.current_user.user_id, &c)
                .await
                .map(|_| "unknown"),
            "ungrant" => engine
                .remove_grant(operator, &email, service, &c)
                .await
                .map(|()| "no access"),
            "delete" => engine
                .delete_user(operator, who.current_user.user_id, &c)
                .await
                .map(|()| "unknown"),
            "sign out" => engine
                .sign_out(&who.current_user, &c)
                .await
                .map(|_| "unknown"),
            "rotate" => {
                let rotated = engine
                    .rotate_service_token(operator, service, time::Duration::ZERO, &c)
                    .await;
                rotated.unwrap().commit().await.map(|_| "unknown")
            }
            _ => engine
                .delete_service(operator, service, &c)
                .await
                .map(|()| "unknown"),
        };
        assert_eq!(
            ask(&test, service, &token, &who).await,
            expected.unwrap(),
            "{ending}"
        );
    }
}

#[tokio::test]
async fn a_rotated_token_is_accepted_for_the_chosen_overlap() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let old = test.service("photos").await;
    test.grant("ada@example.com", "photos", "").await;
    let new = test
        .engine
        .rotate_service_token(&OPERATOR, "photos", time::Duration::HOUR, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let ask = async |token: &str| ask(&test, "photos", token, &ada).await;
    assert_eq!(
        (ask(&old).await, ask(new.expose_secret()).await),
        ("granted", "granted")
    );
    test.wait(60 * 60);
    assert_eq!(
        (ask(&old).await, ask(new.expose_secret()).await),
        ("unknown", "granted")
    );
}

#[tokio::test]
async fn a_service_that_requires_a_passkey_asks_for_step_up() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let token = test.service("photos").await;
    test.grant("ada@example.com", "photos", "").await;
    let policy = Policy {
        requirement: Requirement::Passkey {
            max_age_seconds: 600,
        },
        admins_enter: true,
    };
    let new = NewService {
        hosts: String::new(),
        policy,
        rules: String::new(),
    };
    test.engine
        .change_service(&OPERATOR, "photos", new, &origin())
        .await
        .unwrap();
    assert_eq!(ask(&test, "photos", &token, &ada).await, "step up");
}

#[tokio::test]
async fn must_survive_16_the_cookie_of_another_device_and_an_expired_one_are_refused() {
    let test = TestEngine::new().await;
    let (ada, eve) = (
        test.registered("ada@example.com").await,
        test.registered("eve@example.com").await,
    );
    let token = test.service("photos").await;
    test.grant("ada@example.com", "photos", "").await;
    assert_eq!(ask(&test, "photos", &token, &eve).await, "no access");
    test.wait(90 * 24 * 60 * 60);
    assert_eq!(ask(&test, "photos", &token, &ada).await, "unknown");
}

#[tokio::test]
async fn last_seen_is_noted_every_ten_seconds_and_written_in_batches() {
    let test = TestEngine::new().await;
    let photos = test.service("photos").await;
    // More than one batch.
    let users: Vec<_> = (0..20)
        .map(|number| new_user(&format!("person-{number}@example.com")))
        .collect();
    let cookies = test
        .engine
        .seed_users(&OPERATOR, &users, 30, &["photos".to_owned()])
        .await
        .unwrap();
    let added = test.engine.now();
    let seen = async || {
        let mut seen = BTreeMap::new();
        for user in &users {
            let operator = Operator;
            let user = test.engine.user_by_email(&operator, &user.email).await;
            for device in test
                .engine
                .devices_of(&operator, user.unwrap().id)
                .await
                .unwrap()
            {
                *seen.entry(device.last_seen_at).or_insert(0) += 1;
            }
        }
        seen
    };
    let use_all = async || {
        for cookie in &cookies {
            let cookie = cookie.value.expose_secret();
            let response = test
                .engine
                .verify("photos", Some(&photos), Some(cookie))
                .await;
            assert_eq!(word(&response), "granted");
        }
    };

    test.wait(9);
    use_all().await;
    test.engine.flush().await;
    assert_eq!(seen().await, BTreeMap::from([(added, 600)]), "too soon");
    test.wait(1);
    let used = test.engine.now();
    use_all().await;
    assert_eq!(
        seen().await,
        BTreeMap::from([(added, 600)]),
        "not in the way of an answer"
    );
    test.engine.flush().await;
    assert_eq!(
        seen().await,
        BTreeMap::from([(used, 600)]),
        "at the end at the latest"
    );
}
