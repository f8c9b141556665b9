//! Devices: seeing, limiting and revoking them.

use crate::{
    passkey::{ada, change, sign_in, used, with_passkey},
    world::{World, origin},
};
use latchkey_domain::{access::Administrator, list::ListQuery, passkey::Passkey};
use latchkey_engine::{Error, Refusal};

const OPERATOR: Administrator = Administrator::Operator;

async fn revocations(world: &World) -> u64 {
    let query = ListQuery {
        filter: "device.revoked".to_owned(),
        ..ListQuery::default()
    };
    world
        .engine
        .list_events(&OPERATOR, &query)
        .await
        .unwrap()
        .total
}

fn names(passkeys: &[Passkey]) -> Vec<&str> {
    passkeys
        .iter()
        .map(|passkey| passkey.name.as_str())
        .collect()
}

#[tokio::test]
async fn audit_4_revoking_a_signed_out_device_ends_its_passkey_and_says_so() {
    let world = World::new().await;
    let (ada, credential, mut authenticator) = ada(&world).await;
    world
        .engine
        .sign_out(&ada.current_user, &origin())
        .await
        .unwrap();
    let ended = world
        .engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(!ended.was_revoked && ended.left.is_empty());
    assert_eq!(names(&ended.passkeys), ["Firefox on Linux"]);
    assert_eq!(revocations(&world).await, 1);
    let (handle, answer) = used(&world.engine, &ada, &credential, &mut authenticator).await;
    assert!(matches!(
        sign_in(&world, &handle, &answer).await,
        Err(Error::Refused(Refusal::PasskeyNotAccepted))
    ));
    // A second time there is nothing left to end, and nothing is written.
    let again = world
        .engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(again.was_revoked && again.passkeys.is_empty() && again.sessions == 0);
    assert_eq!(revocations(&world).await, 1);
}

#[tokio::test]
async fn audit_4_a_passkey_that_was_made_elsewhere_is_offered_and_ends_when_it_is_named() {
    let world = World::new().await;
    let (laptop, credential, mut authenticator) = ada(&world).await;
    let (handle, answer) = used(&world.engine, &laptop, &credential, &mut authenticator).await;
    let phone = sign_in(&world, &handle, &answer).await.unwrap();
    let offered = world
        .engine
        .passkeys_used_on_any(&OPERATOR, phone.current_user.device_id)
        .await
        .unwrap();
    assert_eq!(offered.len(), 1);
    let owner = change(&world, &laptop).await;
    let ended = world
        .engine
        .revoke_my_device(&owner, phone.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    assert!(ended.passkeys.is_empty());
    assert_eq!(ended.left, offered);
    let (handle, answer) = used(&world.engine, &laptop, &credential, &mut authenticator).await;
    let phone = sign_in(&world, &handle, &answer).await.unwrap();

    let ended = world
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
    let (handle, answer) = used(&world.engine, &laptop, &credential, &mut authenticator).await;
    assert!(sign_in(&world, &handle, &answer).await.is_err());
}

#[tokio::test]
async fn audit_4_nobody_ends_a_passkey_of_somebody_else_by_naming_it() {
    let world = World::new().await;
    let (ada, _, _) = ada(&world).await;
    let eve = world.registered("eve@example.com").await;
    let (eve, _, _) = with_passkey(&world, &eve).await;
    let adas = world.engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    let owner = change(&world, &eve).await;
    let ended = world
        .engine
        .revoke_my_device(&owner, eve.current_user.device_id, &[adas], &origin())
        .await
        .unwrap();
    assert_eq!(ended.passkeys.len(), 1, "Eve's own");
    assert_eq!(
        world
            .engine
            .my_passkeys(&ada.current_user)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn audit_4_a_lost_phone_is_replaced_as_the_readme_says() {
    let world = World::new().await;
    let (phone, credential, mut authenticator) = ada(&world).await;
    let id = phone.current_user.user_id;
    world
        .engine
        .sign_out(&phone.current_user, &origin())
        .await
        .unwrap();
    world
        .engine
        .revoke_device(&OPERATOR, phone.current_user.device_id, &[], &origin())
        .await
        .unwrap();
    let link = world
        .engine
        .invite_user(&OPERATOR, id, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = crate::world::code_of(link.url.expose_secret()).to_owned();
    let pending = world
        .engine
        .begin_enrolment(&code, &[])
        .await
        .unwrap()
        .unwrap();
    let handle = pending.handle.text;
    let tablet = world
        .engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &world.totp(pending.otpauth_uri.expose_secret()),
            "Tablet",
            None,
            &origin(),
        )
        .await
        .unwrap();
    let (tablet, _, _) = with_passkey(&world, &tablet).await;
    let passkeys = world
        .engine
        .my_passkeys(&tablet.current_user)
        .await
        .unwrap();
    assert_eq!(names(&passkeys), ["Tablet"]);
    let (handle, answer) = used(&world.engine, &phone, &credential, &mut authenticator).await;
    assert!(sign_in(&world, &handle, &answer).await.is_err());
}

#[tokio::test]
async fn audit_4_an_administrator_removes_anybodys_passkey() {
    let world = World::new().await;
    let (ada, credential, mut authenticator) = ada(&world).await;
    let passkey = world.engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    world
        .engine
        .remove_any_passkey(&OPERATOR, passkey, &origin())
        .await
        .unwrap();
    let (handle, answer) = used(&world.engine, &ada, &credential, &mut authenticator).await;
    assert!(sign_in(&world, &handle, &answer).await.is_err());
    assert!(matches!(
        world
            .engine
            .remove_any_passkey(&OPERATOR, passkey, &origin())
            .await,
        Err(Error::NotFound("passkey"))
    ));
}

#[tokio::test]
async fn nobody_revokes_their_last_passkey_along_with_another_device() {
    let world = World::new().await;
    let (phone, credential, mut authenticator) = ada(&world).await;
    let (handle, answer) = used(&world.engine, &phone, &credential, &mut authenticator).await;
    let laptop = sign_in(&world, &handle, &answer).await.unwrap();
    let lost = phone.current_user.device_id;
    let owner = change(&world, &laptop).await;
    assert!(matches!(
        world
            .engine
            .revoke_my_device(&owner, lost, &[], &origin())
            .await,
        Err(Error::Conflict { .. })
    ));
    // With a passkey of its own, the laptop can end the phone.
    let (laptop, _, _) = with_passkey(&world, &laptop).await;
    let owner = change(&world, &laptop).await;
    let ended = world
        .engine
        .revoke_my_device(&owner, lost, &[], &origin())
        .await
        .unwrap();
    assert_eq!(ended.passkeys.len(), 1);
    assert!(world.knows(&laptop).await);
}

#[tokio::test]
async fn audit_3_an_account_has_an_end_of_devices_and_those_it_has_go_on() {
    let world = World::new().await;
    let (_, uri) = world.provisioned("ada@example.com").await;
    let mut first = None;
    for number in 0..200 {
        let added = world.register("ada@example.com", &world.totp(&uri)).await;
        let added = added.unwrap_or_else(|error| panic!("device {number}: {error:?}"));
        first.get_or_insert(added);
        world.wait(30);
    }
    let first = first.unwrap();
    let more = world.register("ada@example.com", &world.totp(&uri)).await;
    assert!(matches!(
        more,
        Err(Error::Conflict {
            field: "device_name",
            ..
        })
    ));
    world.wait(30);
    let again = world
        .register_on(
            "ada@example.com",
            &world.totp(&uri),
            Some((&first.current_user).into()),
        )
        .await
        .unwrap();
    assert!(!again.is_new_device);
}
