//! The setup link of a first start.

use crate::{
    enrolment::{invitation, open},
    passkey::with_passkey,
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{
    access::permission::{Denial, UsersWrite},
    identity::user::Role,
    pagination::ListQuery,
};
use latchkey_engine::{Error, Refusal};

async fn setup_code(test: &TestEngine) -> String {
    let link = test
        .engine
        .setup_code()
        .await
        .unwrap()
        .unwrap()
        .commit()
        .await
        .unwrap();
    link.code.expose_secret().to_owned()
}

#[tokio::test]
async fn the_first_user_becomes_administrator_and_the_setup_link_expires() {
    let test = TestEngine::new().await;
    let code = setup_code(&test).await;
    let handle = test
        .engine
        .begin_setup(&code, "Ada@Example.com", "Ada", &[])
        .await
        .unwrap();
    let kept = [handle.text.expose_secret().to_owned()];
    let handle = Some(kept[0].as_str());
    let pending = test
        .engine
        .pending_setup(&code, &kept)
        .await
        .unwrap()
        .unwrap();
    let signed_in = test
        .engine
        .finish_enrolment(
            handle,
            &test.totp(pending.otpauth_uri.expose_secret()),
            "",
            None,
            &origin(),
        )
        .await
        .unwrap();
    assert_eq!(
        (
            signed_in.current_user.email.as_str(),
            signed_in.current_user.role
        ),
        ("ada@example.com", Role::Admin)
    );
    assert!(!test.engine.is_setup_open(&code).await.unwrap());
    assert!(test.engine.setup_code().await.unwrap().is_none());
    // Administration wants a passkey, which is the next step.
    let current_user = test.current_user(&signed_in).await.unwrap();
    assert_eq!(
        current_user.authorize(UsersWrite, test.engine.now()).err(),
        Some(Denial::NeedsPasskey)
    );
    let (signed_in, _, _) = with_passkey(&test, &signed_in).await;
    let current_user = test.current_user(&signed_in).await.unwrap();
    assert!(
        current_user
            .authorize(UsersWrite, test.engine.now())
            .is_ok()
    );
}

#[tokio::test]
async fn r17_one_of_two_users_racing_for_the_setup_link_wins() {
    let test = TestEngine::new().await;
    let code = setup_code(&test).await;
    let mut racers = Vec::new();
    for email in ["ada@example.com", "mallory@example.com"] {
        let handle = test
            .engine
            .begin_setup(&code, email, "Somebody", &[])
            .await
            .unwrap()
            .text;
        let pending = test
            .engine
            .pending_setup(&code, &[handle.expose_secret().to_owned()])
            .await
            .unwrap()
            .unwrap();
        racers.push((
            handle,
            test.totp(pending.otpauth_uri.expose_secret()),
            pending.secret,
        ));
    }
    assert_ne!(
        racers[0].2.expose_secret(),
        racers[1].2.expose_secret(),
        "each browser has a secret of its own"
    );
    let c = origin();
    let (first, second) = tokio::join!(
        test.engine.finish_enrolment(
            Some(racers[0].0.expose_secret()),
            &racers[0].1,
            "",
            None,
            &c
        ),
        test.engine.finish_enrolment(
            Some(racers[1].0.expose_secret()),
            &racers[1].1,
            "",
            None,
            &c
        ),
    );
    assert_eq!(
        [first.is_ok(), second.is_ok()]
            .iter()
            .filter(|won| **won)
            .count(),
        1
    );
    let users = test
        .engine
        .list_users(&OPERATOR, &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(users.total, 1);
}

#[tokio::test]
async fn r17_a_setup_link_expires_after_thirty_minutes() {
    let test = TestEngine::new().await;
    let code = setup_code(&test).await;
    test.wait(30 * 60 - 1);
    assert!(test.engine.is_setup_open(&code).await.unwrap());
    test.wait(1);
    assert!(!test.engine.is_setup_open(&code).await.unwrap());
    assert!(matches!(
        test.engine.begin_setup(&code, "a@b.c", "A", &[]).await,
        Err(Error::Refused(Refusal::LinkNotValid))
    ));
}

#[tokio::test]
async fn field_2_correcting_a_name_keeps_the_authenticator_app() {
    let test = TestEngine::new().await;
    let code = setup_code(&test).await;
    let mut kept: Vec<String> = Vec::new();
    let mut secrets = Vec::new();
    for email in ["ada@exmaple.com", "ada@example.com"] {
        let handle = test
            .engine
            .begin_setup(&code, email, "Ada", &kept)
            .await
            .unwrap();
        kept.insert(0, handle.text.expose_secret().to_owned());
        let pending = test.engine.pending_setup(&code, &kept).await.unwrap();
        let pending = pending.unwrap();
        assert_eq!(pending.email.as_str(), email);
        secrets.push(pending.secret.expose_secret().to_owned());
    }
    assert_eq!(secrets[0], secrets[1]);
}

#[tokio::test]
async fn r17_setup_and_invitation_codes_are_not_interchangeable() {
    let test = TestEngine::new().await;
    let setup = setup_code(&test).await;
    let invited = invitation(&test, "grace@example.com").await;
    assert!(open(&test, &setup).await.is_none());
    assert!(!test.engine.is_setup_open(&invited).await.unwrap());
}
