//! What a code is good for beside passkeys, and after them.

use crate::{
    passkey::{add_passkey, change, made, used, with_passkey},
    world::{World, origin},
};
use latchkey_domain::{
    access::{Administrator, Denial},
    user::CodeUse,
};
use latchkey_engine::{Error, Refusal, SignedIn};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

#[tokio::test]
async fn r31_a_device_registered_by_code_changes_nothing_once_there_is_a_passkey() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    let first = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let mut authenticator = SoftPasskey::new(true);
    let change = change(&world, &first).await;
    let (handle, answer) = made(&world.engine, &change, &mut authenticator).await;
    add_passkey(&world, &change, &handle, &answer)
        .await
        .unwrap();
    world.wait(30);
    let second = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let current_user = world.current_user(&second).await.unwrap();
    assert_eq!(
        current_user.may_manage_self(world.engine.now()).err(),
        Some(Denial::StepUp)
    );
}

#[tokio::test]
async fn audit_7_a_device_registered_by_code_beside_a_passkey_is_limited_until_it_is_approved() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    let first = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let (first, credential, mut authenticator) = with_passkey(&world, &first).await;
    for approval in ["from another device", "by a passkey on it"] {
        world.wait(30);
        let second = world
            .register("ada@example.com", &world.totp(&uri))
            .await
            .unwrap();
        let is_limited = async |signed_in: &SignedIn| {
            let devices = world
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
        assert!(second.current_user.is_limited && is_limited(&second).await);
        if approval == "from another device" {
            let owner = change(&world, &first).await;
            world
                .engine
                .approve_device(&owner, second.current_user.device_id, &origin())
                .await
                .unwrap();
            assert!(!is_limited(&second).await);
        } else {
            let (handle, answer) =
                used(&world.engine, &first, &credential, &mut authenticator).await;
            let browser = Some((&second.current_user).into());
            let approved = world
                .engine
                .finish_passkey_login(Some(&handle), &answer, browser, &origin())
                .await
                .unwrap();
            assert!(!is_limited(&approved).await);
        }
    }
}

#[tokio::test]
async fn audit_7_a_limited_device_stays_limited_when_the_passkeys_are_gone() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    let first = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let (first, _, _) = with_passkey(&world, &first).await;
    world
        .engine
        .revoke_device(
            &Administrator::Operator,
            first.current_user.device_id,
            &[],
            &origin(),
        )
        .await
        .unwrap();
    world.wait(30);
    let second = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let current_user = world.current_user(&second).await.unwrap();
    assert!(!current_user.has_passkey);
    assert_eq!(
        current_user.may_manage_self(world.engine.now()).err(),
        Some(Denial::NotApproved)
    );
}

#[tokio::test]
async fn audit_7_a_right_code_signs_nobody_in_who_signs_in_with_passkeys_only() {
    let world = World::new().await;
    let (id, uri) = world.provisioned("ada@example.com").await;
    let set = |passkey_only| {
        world.engine.set_passkey_only(
            &Administrator::Operator,
            id,
            passkey_only,
            &crate::world::CLIENT,
        )
    };
    set(true).await.unwrap();
    let refused = world.register("ada@example.com", &world.totp(&uri)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PasskeyOnly))));
    set(false).await.unwrap();
    world.wait(30);
    let ada = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    // What their page says of a code is what a code does.
    let said = async || {
        world
            .engine
            .my_totp(&ada.current_user)
            .await
            .unwrap()
            .unwrap()
            .code_use
    };
    assert_eq!(said().await, CodeUse::Full);
    set(true).await.unwrap();
    assert_eq!(said().await, CodeUse::Refused);
    set(false).await.unwrap();
    // An administrator does from the first passkey on, and also when it is gone.
    let (ada, _, _) = with_passkey(&world, &ada).await;
    let operator = Administrator::Operator;
    world
        .engine
        .set_role(&operator, id, latchkey_domain::user::Role::Admin, &origin())
        .await
        .unwrap();
    world
        .engine
        .revoke_device(&operator, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    world.wait(30);
    let refused = world.register("ada@example.com", &world.totp(&uri)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::PasskeyOnly))));
}

#[tokio::test]
async fn audit_7_with_two_passkeys_the_authenticator_app_can_go() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    let ada = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let (ada, _, _) = with_passkey(&world, &ada).await;
    let owner = change(&world, &ada).await;
    assert!(matches!(
        world.engine.remove_totp(&owner, &origin()).await,
        Err(Error::Conflict { .. })
    ));
    let (ada, _, _) = with_passkey(&world, &ada).await;
    let owner = change(&world, &ada).await;
    world.engine.remove_totp(&owner, &origin()).await.unwrap();
    assert!(
        world
            .engine
            .my_totp(&ada.current_user)
            .await
            .unwrap()
            .is_none()
    );
    world.wait(30);
    assert!(matches!(
        world.register("ada@example.com", &world.totp(&uri)).await,
        Err(Error::Refused(Refusal::InvalidCredentials))
    ));
    // The passkeys are the only way in now: one of them has to stay.
    let passkeys = world.engine.my_passkeys(&ada.current_user).await.unwrap();
    let remove = |place: usize| {
        world
            .engine
            .remove_passkey(&owner, passkeys[place].id, &crate::world::CLIENT)
    };
    remove(0).await.unwrap();
    assert!(matches!(remove(1).await, Err(Error::Conflict { .. })));
}

#[tokio::test]
async fn audit_7_without_the_last_passkey_nothing_is_worth_more_than_before() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    // A device from before the passkey, whose cookies somebody copied.
    let old = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    world.wait(30);
    let phone = world
        .register("ada@example.com", &world.totp(&uri))
        .await
        .unwrap();
    let (phone, _, _) = with_passkey(&world, &phone).await;
    let owner = change(&world, &phone).await;
    let last = world.engine.my_passkeys(&phone.current_user).await.unwrap()[0].id;
    assert!(matches!(
        world.engine.remove_passkey(&owner, last, &origin()).await,
        Err(Error::Conflict { .. })
    ));
    world
        .engine
        .revoke_device(
            &Administrator::Operator,
            phone.current_user.device_id,
            &[],
            &origin(),
        )
        .await
        .unwrap();
    assert!(!world.knows(&old).await, "every sign-in ended");
    world.wait(30);
    let again = world
        .register_on(
            "ada@example.com",
            &world.totp(&uri),
            Some((&old.current_user).into()),
        )
        .await
        .unwrap();
    assert!(again.current_user.is_limited);
}
