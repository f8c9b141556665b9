//! Users, their devices and passkeys, and roles.

use super::Log;
use crate::{
    passkey::{answer, change, made, used, with_passkey},
    test_engine::{OPERATOR, TestEngine, from, new_user, origin},
};
use latchkey_domain::{id::UserId, identity::user::Role};
use latchkey_engine::{RegisterPublicKeyCredential, SignedIn};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// Setting up, users and links. Ada has a device then.
pub(super) async fn add_users(log: &mut Log<'_>, test: &TestEngine) -> (UserId, SignedIn, String) {
    let (engine, origin) = (&test.engine, &origin());
    engine
        .setup_code()
        .await
        .unwrap()
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("setup_code").await;
    let (user, link) = engine
        .add_user(&OPERATOR, new_user("grace@example.com"), origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("add_user").await;
    engine
        .invite_user(&OPERATOR, user.id, false, origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("invite_user").await;
    engine
        .revoke_enrolment_link(&OPERATOR, user.id, origin)
        .await
        .unwrap();
    log.says("revoke_enrolment_link").await;
    drop(link);
    let link = engine
        .invite_user(&OPERATOR, user.id, false, origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = link.code.expose_secret().to_owned();
    let pending = engine.begin_enrolment(&code, &[]).await.unwrap().unwrap();
    let handle = pending.handle.text;
    log.news().await;
    engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(pending.otpauth_uri.expose_secret()),
            "Laptop",
            None,
            origin,
        )
        .await
        .unwrap();
    log.says("finish_enrolment").await;
    let (ada_id, uri) = test.provisioned("ada@example.com").await;
    log.says("add_user_with_totp").await;
    let ada = engine
        .register_device("ada@example.com", &test.totp(&uri), "", None, origin)
        .await
        .unwrap();
    log.says("register_device").await;
    engine
        .set_passkey_only(&OPERATOR, user.id, true, origin)
        .await
        .unwrap();
    log.says("set_passkey_only").await;
    engine
        .disable_user(&OPERATOR, user.id, origin)
        .await
        .unwrap();
    log.says("disable_user").await;
    engine
        .enable_user(&OPERATOR, user.id, origin)
        .await
        .unwrap();
    log.says("enable_user").await;
    engine
        .set_role(&OPERATOR, user.id, Role::Admin, origin)
        .await
        .unwrap();
    log.says("set_role").await;
    for number in 0..5 {
        let guesser = from([198, 51, 100, number]);
        let guess = engine.register_device("ada@example.com", "000000", "", None, &guesser);
        assert!(guess.await.is_err());
    }
    log.news().await;
    engine
        .lift_code_lockout(&OPERATOR, ada_id, origin)
        .await
        .unwrap();
    log.says("lift_code_lockout").await;
    (ada_id, ada, uri)
}

/// A browser is approved and becomes a device; another one is not.
async fn approve_browsers(
    log: &mut Log<'_>,
    test: &TestEngine,
    (ada, credential, authenticator): (&SignedIn, &RegisterPublicKeyCredential, &mut SoftPasskey),
) {
    let (engine, origin, user) = (&test.engine, &origin(), &ada.current_user);
    let asking = engine.begin_approval(origin).unwrap();
    let picked = engine
        .pick_approval_number(user, &asking.link, asking.number, None, origin)
        .await
        .unwrap();
    let (handle, options) = engine
        .begin_approval_assertion(user, &picked)
        .await
        .unwrap();
    let answer = answer(options, ada, credential, authenticator);
    engine
        .finish_approval(user, Some(handle.text.expose_secret()), &answer, origin)
        .await
        .unwrap();
    log.says("finish_approval").await;
    engine
        .collect_approval(asking.ticket.expose_secret(), None, origin)
        .await
        .unwrap();
    log.says("collect_approval").await;
    let asking = engine.begin_approval(origin).unwrap();
    engine
        .deny_approval(user, &asking.link, origin)
        .await
        .unwrap();
    // Its change begins in a step that a wrong number shares.
    assert_eq!(log.news().await[0].action, "device.approval_denied");
}

pub(super) async fn change_passkeys_and_devices(
    log: &mut Log<'_>,
    test: &TestEngine,
    (ada, uri): (SignedIn, &str),
) {
    let (engine, origin) = (&test.engine, &origin());
    let owner = change(test, &ada).await;
    let mut authenticator = SoftPasskey::new(true);
    let (handle, credential) = made(engine, &owner, &mut authenticator).await;
    let (passkey, ada) = engine
        .finish_passkey_registration(&owner, Some(&handle), &credential, "Key", origin)
        .await
        .unwrap();
    log.says("finish_passkey_registration").await;
    let (handle, response) = used(engine, &ada, &credential, &mut authenticator).await;
    let ada: SignedIn = engine
        .finish_passkey_login(
            Some(&handle),
            &response,
            Some((&ada.current_user).into()),
            origin,
        )
        .await
        .unwrap();
    log.says("finish_passkey_login").await;
    let owner = change(test, &ada).await;
    engine
        .rename_passkey(&owner, passkey.id, "Another", origin)
        .await
        .unwrap();
    log.says("rename_passkey").await;
    engine
        .rename_device(&owner, ada.current_user.device_id, "Mine", origin)
        .await
        .unwrap();
    log.says("rename_device").await;
    test.wait(30);
    let limited = test.sign_in("ada@example.com", uri).await;
    log.news().await;
    engine
        .approve_device(&owner, limited.current_user.device_id, origin)
        .await
        .unwrap();
    log.says("approve_device").await;
    approve_browsers(log, test, (&ada, &credential, &mut authenticator)).await;
    engine
        .revoke_my_device(&owner, limited.current_user.device_id, &[], origin)
        .await
        .unwrap();
    log.says("revoke_my_device").await;
    let (ada, _, _) = with_passkey(test, &ada).await;
    let owner = change(test, &ada).await;
    log.news().await;
    engine.remove_totp(&owner, origin).await.unwrap();
    log.says("remove_totp").await;
    engine
        .remove_passkey(&owner, passkey.id, origin)
        .await
        .unwrap();
    log.says("remove_passkey").await;
    engine.sign_out(&ada.current_user, origin).await.unwrap();
    log.says("sign_out").await;
    let left = engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    engine
        .remove_any_passkey(&OPERATOR, left, origin)
        .await
        .unwrap();
    log.says("remove_any_passkey").await;
    engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], origin)
        .await
        .unwrap();
    log.says("revoke_device").await;
    engine
        .create_diagnostic_device(&OPERATOR, "ada@example.com", origin)
        .await
        .unwrap();
    log.says("create_diagnostic_device").await;
}

pub(super) async fn define_roles(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, role, origin) = (&test.engine, "desk", &origin());
    let added = engine.add_role(&OPERATOR, role, "users:read", origin);
    added.await.unwrap();
    log.says("add_role").await;
    let changed = engine.change_role(&OPERATOR, role, "users:invite", origin);
    changed.await.unwrap();
    log.says("change_role").await;
    engine.delete_role(&OPERATOR, role, origin).await.unwrap();
    log.says("delete_role").await;
}

/// A user ends sessions of their other devices.
pub(super) async fn end_sessions(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let (_, uri) = test.provisioned("lovelace@example.com").await;
    for method in ["end_my_session", "end_my_other_sessions"] {
        test.wait(30);
        let phone = test.sign_in("lovelace@example.com", &uri).await;
        test.session(&phone).await;
        test.wait(30);
        let laptop = test.sign_in("lovelace@example.com", &uri).await;
        let proof = change(test, &laptop).await;
        log.news().await;
        let device = phone.current_user.device_id;
        match method {
            "end_my_session" => engine.end_my_session(&proof, device, origin).await.unwrap(),
            _ => {
                let ended = engine.end_my_other_sessions(&proof, origin).await;
                assert!(ended.unwrap() > 0);
            }
        }
        log.says(method).await;
    }
}

/// What is stored about a user who is not needed any more.
pub(super) async fn copy_and_erase(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let signed_in = test.registered("zoe@example.com").await;
    let id = signed_in.current_user.user_id;
    let proof = change(test, &signed_in).await;
    log.news().await;
    engine.export_my_data(&proof, origin).await.unwrap();
    log.says("export_my_data").await;
    engine.export_user(&OPERATOR, id, origin).await.unwrap();
    log.says("export_user").await;
    engine.erase_user(&OPERATOR, id, origin).await.unwrap();
    log.says("erase_user").await;
}
