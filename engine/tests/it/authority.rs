//! A proof is a snapshot: what ended after it was made must not be changed with it.

use crate::{
    passkey::{change, with_passkey},
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{
    access::permission::{Denial, RolesWrite, UsersWrite},
    id::UserId,
    identity::user::Role,
};
use latchkey_engine::{Error, SessionError, SignedIn};

async fn promote(test: &TestEngine, id: UserId) {
    test.set_role(id, Role::Admin).await;
}

/// Ada, who administers on a device with a passkey. Eve could too, so that Ada is not the last one.
async fn administrator(test: &TestEngine) -> SignedIn {
    let eve = test.registered("eve@example.com").await;
    promote(test, eve.current_user.user_id).await;
    promoted(test, "ada@example.com").await
}

/// An administrator on a device with a passkey.
pub(crate) async fn promoted(test: &TestEngine, email: &str) -> SignedIn {
    let (id, uri) = test.provisioned(email).await;
    promote(test, id).await;
    let signed_in = test.sign_in(email, &uri).await;
    with_passkey(test, &signed_in).await.0
}

/// What can happen to an administrator between her proof and her write permit.
const ENDS: [&str; 7] = [
    "nothing",
    "device revoked",
    "signed out",
    "role lost",
    "account disabled",
    "passkey removed",
    "proof too old",
];

async fn happens(test: &TestEngine, what: &str, ada: &SignedIn) {
    let (engine, current_user, origin) = (&test.engine, &ada.current_user, origin());
    let (user, device) = (current_user.user_id, current_user.device_id);
    match what {
        "device revoked" => {
            let revoked = engine.revoke_device(&OPERATOR, device, &[], &origin);
            revoked.await.map(drop).unwrap();
        }
        "signed out" => {
            let cookie = engine.sign_out(current_user, &origin).await;
            assert!(cookie.unwrap().is_some());
        }
        "role lost" => {
            let changed = engine.set_role(&OPERATOR, user, Role::Member, &origin);
            changed.await.unwrap();
        }
        "account disabled" => engine.disable_user(&OPERATOR, user, &origin).await.unwrap(),
        "passkey removed" => {
            let passkey = engine.my_passkeys(current_user).await.unwrap()[0].id;
            let removed = engine.remove_any_passkey(&OPERATOR, passkey, &origin);
            removed.await.unwrap();
        }
        "proof too old" => test.wait(601),
        _ => {}
    }
}

#[tokio::test]
async fn audit_5_an_administrators_authority_is_checked_again_in_the_writing_transaction() {
    for what in ENDS {
        let test = TestEngine::new().await;
        let ada = administrator(&test).await;
        let grace = test
            .registered("grace@example.com")
            .await
            .current_user
            .user_id;
        let current_user = test.current_user(&ada).await.unwrap();
        let proof = current_user
            .authorize(RolesWrite, test.engine.now())
            .unwrap();
        happens(&test, what, &ada).await;
        let written = test
            .engine
            .set_role(&proof, grace, Role::Admin, &origin())
            .await;
        match what {
            "nothing" => assert!(written.is_ok(), "{written:?}"),
            _ => assert!(
                matches!(written, Err(Error::Denied(_))),
                "{what}: {written:?}"
            ),
        }
        let role = test.engine.user(&OPERATOR, grace).await.unwrap().role;
        assert_eq!(role == Role::Admin, what == "nothing", "{what}");
    }
}

#[tokio::test]
async fn audit_5_a_users_authority_is_checked_again_in_the_writing_transaction() {
    for what in ENDS {
        if what == "role lost" {
            continue;
        }
        let test = TestEngine::new().await;
        let ada = administrator(&test).await;
        let proof = change(&test, &ada).await;
        happens(&test, what, &ada).await;
        let device = ada.current_user.device_id;
        let written = test
            .engine
            .rename_device(&proof, device, "Mine", &origin())
            .await;
        match what {
            "nothing" => assert!(written.is_ok(), "{what}: {written:?}"),
            _ => assert!(
                matches!(written, Err(Error::Denied(_))),
                "{what}: {written:?}"
            ),
        }
    }
}

#[tokio::test]
async fn audit_5_a_session_that_ended_meanwhile_cannot_write() {
    let test = TestEngine::new().await;
    let ada = administrator(&test).await;
    let session = test.session(&ada).await;
    let current_user = test
        .engine
        .authenticate(Some(crate::test_engine::cookie(&ada)), Some(session))
        .await
        .unwrap()
        .current_user
        .unwrap();
    let proof = current_user
        .authorize(UsersWrite, test.engine.now())
        .unwrap();
    test.engine
        .delete_session(&ada.current_user.device_id.uuid().into_bytes())
        .await
        .unwrap();
    let written = test
        .engine
        .disable_user(&proof, ada.current_user.user_id, &origin())
        .await;
    assert!(
        matches!(written, Err(Error::Denied(Denial::SignIn))),
        "{written:?}"
    );
}

#[tokio::test]
async fn audit_14_touching_an_ended_session_does_not_revive_it() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    test.session(&ada).await;
    let id = ada.current_user.device_id.uuid().into_bytes();
    let row = test.engine.load_session(&id).await.unwrap().unwrap().row;
    test.engine.delete_session(&id).await.unwrap();
    let saved = test.engine.save_session(&id, row).await;
    assert!(matches!(saved, Err(SessionError::Ended)));
    assert!(test.engine.load_session(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn audit_6_a_role_change_ends_the_sign_ins_on_every_device() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    promote(&test, id).await;
    assert!(!test.knows(&ada).await);
    test.wait(30);
    let browser = test
        .engine
        .authenticate(Some(crate::test_engine::cookie(&ada)), None)
        .await
        .unwrap()
        .browser;
    let again = test
        .engine
        .register_device("ada@example.com", &test.totp(&uri), "", browser, &origin())
        .await
        .unwrap();
    assert_eq!(again.current_user.device_id, ada.current_user.device_id);
    assert!(test.knows(&again).await && !test.knows(&ada).await);
}
