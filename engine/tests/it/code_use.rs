//! What a code allows beside passkeys, and after they are removed.

use crate::{
    passkey::{add_passkey, change, made, used, with_passkey},
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{access::permission::Denial, identity::user::CodeUse};
use latchkey_engine::{Error, Refusal, SignedIn};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

#[tokio::test]
async fn r31_a_device_registered_by_code_cannot_change_anything_once_a_passkey_exists() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    let mut authenticator = SoftPasskey::new(true);
    let change = change(&test, &first).await;
    let (handle, response) = made(&test.engine, &change, &mut authenticator).await;
    add_passkey(&test, &change, &handle, &response)
        .await
        .unwrap();
    test.wait(30);
    let second = test.sign_in("ada@example.com", &uri).await;
    let current_user = test.current_user(&second).await.unwrap();
    assert_eq!(
        current_user.may_manage_self(test.engine.now()).err(),
        Some(Denial::StepUp)
    );
}

#[tokio::test]
async fn audit_7_a_device_registered_by_code_beside_a_passkey_is_limited_until_it_is_approved() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    let (first, credential, mut authenticator) = with_passkey(&test, &first).await;
    for approval in ["from another device", "by a passkey on it"] {
        test.wait(30);
        let second = test.sign_in("ada@example.com", &uri).await;
        let is_limited = async |signed_in: &SignedIn| {
            let devices = test
                .engine
                .my_devices(&signed_in.current_user)
                .await
                .unwrap();
            let id = signed_in.current_user.device_id;
            devices
                .into_iter()
                .find(|device| device.id == id)
                .unwrap()
                .is_limited
        };
        assert!(second.current_user.limit.is_limited() && is_limited(&second).await);
        if approval == "from another device" {
            let owner = change(&test, &first).await;
            test.engine
                .approve_device(&owner, second.current_user.device_id, &origin())
                .await
                .unwrap();
            assert!(!is_limited(&second).await);
        } else {
            let (handle, response) =
                used(&test.engine, &first, &credential, &mut authenticator).await;
            let browser = Some((&second.current_user).into());
            let approved = test
                .engine
                .finish_passkey_login(Some(&handle), &response, browser, &origin())
                .await
                .unwrap();
            assert!(!is_limited(&approved).await);
        }
    }
}

#[tokio::test]
async fn audit_7_a_limited_device_stays_limited_when_the_passkeys_are_removed() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    let (first, _, _) = with_passkey(&test, &first).await;
    test.revoke(first.current_user.device_id).await;
    test.wait(30);
    let second = test.sign_in("ada@example.com", &uri).await;
    let current_user = test.current_user(&second).await.unwrap();
    assert!(!current_user.has_passkey);
    assert_eq!(
        current_user.may_manage_self(test.engine.now()).err(),
        Some(Denial::NotApproved)
    );
}

#[tokio::test]
async fn audit_7_a_correct_code_does_not_sign_in_passkey_only_users() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let set = |passkey_only| {
        test.engine
            .set_passkey_only(&OPERATOR, id, passkey_only, &crate::test_engine::CLIENT)
    };
    set(true).await.unwrap();
    let refused = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PasskeyOnly))));
    set(false).await.unwrap();
    test.wait(30);
    let ada = test.sign_in("ada@example.com", &uri).await;
    // What the user's page says about codes holds.
    let code_use = async || {
        test.engine
            .my_totp(&ada.current_user)
            .await
            .unwrap()
            .unwrap()
            .code_use
    };
    assert_eq!(code_use().await, CodeUse::Full);
    set(true).await.unwrap();
    assert_eq!(code_use().await, CodeUse::Refused);
    set(false).await.unwrap();
    // An administrator does from the first passkey on, and also when it is gone.
    let (ada, _, _) = with_passkey(&test, &ada).await;
    test.set_role(id, latchkey_domain::identity::user::Role::Admin)
        .await;
    test.revoke(ada.current_user.device_id).await;
    test.wait(30);
    let refused = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PasskeyOnly))));
}

#[tokio::test]
async fn audit_7_with_two_passkeys_the_authenticator_app_can_be_removed() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let (ada, _, _) = with_passkey(&test, &ada).await;
    let owner = change(&test, &ada).await;
    assert!(matches!(
        test.engine.remove_totp(&owner, &origin()).await,
        Err(Error::Conflict { .. })
    ));
    let (ada, _, _) = with_passkey(&test, &ada).await;
    let owner = change(&test, &ada).await;
    test.engine.remove_totp(&owner, &origin()).await.unwrap();
    assert!(
        test.engine
            .my_totp(&ada.current_user)
            .await
            .unwrap()
            .is_none()
    );
    test.wait(30);
    assert!(matches!(
        test.register("ada@example.com", &test.totp(&uri)).await,
        Err(Error::Refused(Refusal::InvalidCredentials))
    ));
    // The passkeys are the only way in now: one of them has to stay.
    let passkeys = test.engine.my_passkeys(&ada.current_user).await.unwrap();
    let remove = |place: usize| {
        test.engine
            .remove_passkey(&owner, passkeys[place].id, &crate::test_engine::CLIENT)
    };
    remove(0).await.unwrap();
    assert!(matches!(remove(1).await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn audit_7_removing_the_last_passkey_does_not_raise_the_assurance_of_anything() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    // A device from before the passkey, whose cookies were copied.
    let old = test.sign_in("ada@example.com", &uri).await;
    test.wait(30);
    let phone = test.sign_in("ada@example.com", &uri).await;
    let (phone, _, _) = with_passkey(&test, &phone).await;
    let owner = change(&test, &phone).await;
    let last = test.engine.my_passkeys(&phone.current_user).await.unwrap()[0].id;
    assert!(matches!(
        test.engine.remove_passkey(&owner, last, &origin()).await,
        Err(Error::Conflict { .. })
    ));
    test.revoke(phone.current_user.device_id).await;
    assert!(!test.knows(&old).await, "every sign-in ended");
    test.wait(30);
    let again = test
        .register_on(
            "ada@example.com",
            &test.totp(&uri),
            Some((&old.current_user).into()),
        )
        .await
        .unwrap();
    assert!(again.current_user.limit.is_limited());
}
