//! Devices: seeing, limiting and revoking them.

use crate::{
    installation::{Ada, Installation},
    passkey::{ada, change, sign_in, used, with_passkey},
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{identity::passkey::PasskeyView, pagination::ListQuery};
use latchkey_engine::{Error, Noun, Refusal};
use time::Duration;

async fn revocations(test: &TestEngine) -> u64 {
    let query = ListQuery {
        filter: "device.revoked".to_owned(),
        ..ListQuery::default()
    };
    test.engine
        .list_events(&OPERATOR, &query)
        .await
        .unwrap()
        .total
}

fn names(passkeys: &[PasskeyView]) -> Vec<&str> {
    passkeys
        .iter()
        .map(|passkey| passkey.name.as_str())
        .collect()
}

#[tokio::test]
async fn audit_4_revoking_a_signed_out_device_ends_and_reports_its_passkey() {
    let test = TestEngine::new().await;
    let (ada, credential, mut authenticator) = ada(&test).await;
    test.engine
        .sign_out(&ada.current_user, &origin())
        .await
        .unwrap();
    let ended = test
        .engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(!ended.was_revoked && ended.left.is_empty());
    assert_eq!(names(&ended.passkeys), ["Firefox on Linux"]);
    assert_eq!(revocations(&test).await, 1);
    let (handle, response) = used(&test.engine, &ada, &credential, &mut authenticator).await;
    assert!(matches!(
        sign_in(&test, &handle, &response).await,
        Err(Error::Refused(Refusal::UnknownPasskey))
    ));
    // A second time there is nothing left to end, and nothing is written.
    let again = test
        .engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(again.was_revoked && again.passkeys.is_empty() && again.sessions == 0);
    assert_eq!(revocations(&test).await, 1);
}

#[tokio::test]
async fn audit_4_a_passkey_created_elsewhere_can_be_revoked_with_the_device() {
    let test = TestEngine::new().await;
    let (laptop, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &laptop, &credential, &mut authenticator).await;
    let phone = sign_in(&test, &handle, &response).await.unwrap();
    let offered = test
        .engine
        .passkeys_used_on_any(&OPERATOR, phone.current_user.device_id)
        .await
        .unwrap();
    assert_eq!(offered.len(), 1);
    let owner = change(&test, &laptop).await;
    let ended = test
        .engine
        .revoke_my_device(&owner, phone.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(ended.passkeys.is_empty());
    assert_eq!(ended.left, offered);
    let (handle, response) = used(&test.engine, &laptop, &credential, &mut authenticator).await;
    let phone = sign_in(&test, &handle, &response).await.unwrap();

    let ended = test
        .engine
        .revoke_device(
            &OPERATOR,
            phone.current_user.device_id,
            &[offered[0].id],
            &origin(),
        )
        .await
        .unwrap();
    assert_eq!(names(&ended.passkeys), names(&offered));
    let (handle, response) = used(&test.engine, &laptop, &credential, &mut authenticator).await;
    assert!(sign_in(&test, &handle, &response).await.is_err());
}

#[tokio::test]
async fn audit_4_a_passkey_of_another_user_cannot_be_revoked() {
    let test = TestEngine::new().await;
    let (ada, _, _) = ada(&test).await;
    let eve = test.registered("eve@example.com").await;
    let (eve, _, _) = with_passkey(&test, &eve).await;
    let adas = test.engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    let owner = change(&test, &eve).await;
    let ended = test
        .engine
        .revoke_my_device(&owner, eve.current_user.device_id, &[adas], &origin())
        .await
        .unwrap();
    assert_eq!(ended.passkeys.len(), 1, "Eve's own");
    assert_eq!(
        test.engine
            .my_passkeys(&ada.current_user)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn audit_4_a_lost_phone_is_replaced_as_documented() {
    let test = TestEngine::new().await;
    let (phone, credential, mut authenticator) = ada(&test).await;
    let id = phone.current_user.user_id;
    test.engine
        .sign_out(&phone.current_user, &origin())
        .await
        .unwrap();
    test.revoke(phone.current_user.device_id).await;
    let link = test
        .engine
        .invite_user(&OPERATOR, id, true, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = link.code.expose_secret().to_owned();
    let pending = test
        .engine
        .begin_enrolment(&code, &[])
        .await
        .unwrap()
        .unwrap();
    let handle = pending.handle.text;
    let tablet = test
        .engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(pending.otpauth_uri.expose_secret()),
            "Tablet",
            None,
            &origin(),
        )
        .await
        .unwrap();
    let (tablet, _, _) = with_passkey(&test, &tablet).await;
    let passkeys = test.engine.my_passkeys(&tablet.current_user).await.unwrap();
    assert_eq!(names(&passkeys), ["Tablet"]);
    let (handle, response) = used(&test.engine, &phone, &credential, &mut authenticator).await;
    assert!(sign_in(&test, &handle, &response).await.is_err());
}

#[tokio::test]
async fn audit_4_an_administrator_can_remove_any_passkey() {
    let test = TestEngine::new().await;
    let (ada, credential, mut authenticator) = ada(&test).await;
    let passkey = test.engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    test.engine
        .remove_any_passkey(&OPERATOR, passkey, &origin())
        .await
        .unwrap();
    let (handle, response) = used(&test.engine, &ada, &credential, &mut authenticator).await;
    assert!(sign_in(&test, &handle, &response).await.is_err());
    assert!(matches!(
        test.engine
            .remove_any_passkey(&OPERATOR, passkey, &origin())
            .await,
        Err(Error::NotFound(Noun::Passkey))
    ));
}

#[tokio::test]
async fn the_last_passkey_cannot_be_revoked_along_with_another_device() {
    let test = TestEngine::new().await;
    let (phone, credential, mut authenticator) = ada(&test).await;
    let (handle, response) = used(&test.engine, &phone, &credential, &mut authenticator).await;
    let laptop = sign_in(&test, &handle, &response).await.unwrap();
    let lost = phone.current_user.device_id;
    let owner = change(&test, &laptop).await;
    assert!(matches!(
        test.engine
            .revoke_my_device(&owner, lost, &[], &origin())
            .await,
        Err(Error::Conflict { .. })
    ));
    // With a passkey of its own, the laptop can end the phone.
    let (laptop, _, _) = with_passkey(&test, &laptop).await;
    let owner = change(&test, &laptop).await;
    let ended = test
        .engine
        .revoke_my_device(&owner, lost, &[], &origin())
        .await
        .unwrap();
    assert_eq!(ended.passkeys.len(), 1);
    assert!(test.knows(&laptop).await);
}

#[tokio::test]
async fn audit_3_the_number_of_devices_of_a_user_is_limited_and_existing_ones_keep_working() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let mut first = None;
    for number in 0..200 {
        let added = test.register("ada@example.com", &test.totp(&uri)).await;
        let added = added.unwrap_or_else(|error| panic!("device {number}: {error:?}"));
        first.get_or_insert(added);
        test.wait(30);
    }
    let first = first.unwrap();
    let more = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(matches!(
        more,
        Err(Error::Conflict {
            field: "device_name",
            ..
        })
    ));
    test.wait(30);
    let again = test
        .register_on(
            "ada@example.com",
            &test.totp(&uri),
            Some((&first.current_user).into()),
        )
        .await
        .unwrap();
    assert!(!again.is_new_device);
}

#[tokio::test]
async fn a_device_whose_cookie_cannot_be_renewed_stays_signed_in() {
    let installation = Installation::new();
    let engine = installation.open().await;
    let ada = Ada::new(&engine).await;
    installation
        .sql("CREATE TRIGGER full BEFORE UPDATE ON devices BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        .await;
    installation.clock.advance(Duration::days(2));
    let found = engine.authenticate(Some(&ada.cookie()), None).await;
    let found = found.unwrap();
    assert!(found.current_user.is_some() && found.renewed.is_none());
    installation.sql("DROP TRIGGER full").await;
    let found = engine.authenticate(Some(&ada.cookie()), None).await;
    assert!(found.unwrap().renewed.is_some());
}
