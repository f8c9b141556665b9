//! Sessions: which there are, who ends them, and what ends with them.

use crate::{
    passkey::{change, with_passkey},
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_engine::{Engine, Error, Noun, SessionView, SignedIn};

async fn of(engine: &Engine, signed_in: &SignedIn) -> Vec<SessionView> {
    engine.my_sessions(&signed_in.current_user).await.unwrap()
}

/// Ada on a phone and on a laptop, each with a session.
async fn two(test: &TestEngine) -> (SignedIn, SignedIn) {
    let (_, uri) = test.provisioned("ada@example.com").await;
    let phone = test.sign_in("ada@example.com", &uri).await;
    test.wait(30);
    let laptop = test.sign_in("ada@example.com", &uri).await;
    test.session(&phone).await;
    test.session(&laptop).await;
    (phone, laptop)
}

#[tokio::test]
async fn a_user_sees_their_sessions_and_no_others() {
    let test = TestEngine::new().await;
    let (phone, laptop) = two(&test).await;
    let eve = test.registered("eve@example.com").await;
    test.session(&eve).await;
    let mut found: Vec<_> = of(&test.engine, &phone).await;
    found.sort_by_key(|session| session.started_at);
    let devices: Vec<_> = found.iter().map(|session| session.device_id).collect();
    assert_eq!(
        devices,
        [phone.current_user.device_id, laptop.current_user.device_id]
    );
    assert_eq!(found[1].started_at, test.engine.now());
    assert!(found.iter().all(|session| session.ip.is_some()));
    let eves = test
        .engine
        .sessions_of(&OPERATOR, eve.current_user.user_id)
        .await;
    assert_eq!(eves.unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_ends_another_session_of_theirs_and_the_device_is_signed_out() {
    let test = TestEngine::new().await;
    let (phone, laptop) = two(&test).await;
    let eve = test.registered("eve@example.com").await;
    test.session(&eve).await;
    let proof = change(&test, &laptop).await;
    let theirs = eve.current_user.device_id;
    let refused = test.engine.end_my_session(&proof, theirs, &origin()).await;
    assert!(
        matches!(refused, Err(Error::NotFound(Noun::Device))),
        "{refused:?}"
    );
    assert!(test.knows(&eve).await);
    let mine = phone.current_user.device_id;
    test.engine
        .end_my_session(&proof, mine, &origin())
        .await
        .unwrap();
    assert!(!test.knows(&phone).await);
    assert!(test.knows(&laptop).await);
    assert_eq!(of(&test.engine, &laptop).await.len(), 1);
    let again = test.engine.end_my_session(&proof, mine, &origin()).await;
    assert!(
        matches!(again, Err(Error::NotFound(Noun::Device))),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_user_signs_out_everywhere_else() {
    let test = TestEngine::new().await;
    let (phone, laptop) = two(&test).await;
    let proof = change(&test, &laptop).await;
    let ended = test.engine.end_my_other_sessions(&proof, &origin()).await;
    assert_eq!(ended.unwrap(), 1);
    assert!(!test.knows(&phone).await && test.knows(&laptop).await);
}

#[tokio::test]
async fn must_survive_15_a_changed_factor_ends_the_other_sessions_and_keeps_the_devices() {
    let test = TestEngine::new().await;
    let (phone, laptop) = two(&test).await;
    let live = async |signed_in: &SignedIn| {
        let sessions = of(&test.engine, signed_in).await;
        let device = signed_in.current_user.device_id;
        sessions.iter().any(|session| session.device_id == device)
    };
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    assert!(!live(&phone).await, "a passkey was added");
    assert!(test.knows(&phone).await, "the device is still theirs");
    test.session(&phone).await;
    assert!(live(&phone).await);
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    assert!(!live(&phone).await);
    test.session(&phone).await;
    test.session(&laptop).await;
    let proof = change(&test, &laptop).await;
    let passkeys = test.engine.my_passkeys(&laptop.current_user).await.unwrap();
    let origin = origin();
    let removed = (test.engine).remove_passkey(&proof, passkeys[0].id, &origin);
    removed.await.unwrap();
    assert!(!live(&phone).await, "a passkey was removed");
    test.session(&phone).await;
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    test.session(&phone).await;
    let proof = change(&test, &laptop).await;
    test.engine.remove_totp(&proof, &origin).await.unwrap();
    assert!(!live(&phone).await, "the authenticator app was removed");
}

#[tokio::test]
async fn must_survive_15_a_passkey_that_somebody_else_removes_ends_the_sessions_of_its_user() {
    let test = TestEngine::new().await;
    let (phone, laptop) = two(&test).await;
    let user = phone.current_user.user_id;
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    let sessions = async || of(&test.engine, &laptop).await.len();
    for signed_in in [&phone, &laptop] {
        test.session(signed_in).await;
    }
    let passkeys = test.engine.my_passkeys(&laptop.current_user).await.unwrap();
    assert_eq!((passkeys.len(), sessions().await), (2, 2));
    let origin = origin();
    let removed = (test.engine).remove_any_passkey(&OPERATOR, passkeys[0].id, &origin);
    removed.await.unwrap();
    assert_eq!(sessions().await, 0, "the operator removed one");

    for signed_in in [&phone, &laptop] {
        test.session(signed_in).await;
    }
    let id = laptop.current_user.device_id;
    let revoked = (test.engine).revoke_device(&OPERATOR, id, &[], &origin);
    assert_eq!(revoked.await.unwrap().passkeys.len(), 1);
    let left = test.engine.sessions_of(&OPERATOR, user).await.unwrap();
    assert!(left.is_empty(), "it went with its device");
}
