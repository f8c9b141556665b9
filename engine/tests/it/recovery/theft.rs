//! Recoveries and thieves: one with a recovery code who ends the devices of its owner, and one with a device who cancels the
//! recovery of its owner.

use super::{ADA, adds_passkey, cancel, codes, links, notifications, recover, seen};
use crate::{
    passkey::{used, with_passkey},
    test_engine::{CLIENT, TestEngine},
};
use latchkey_domain::{
    access::permission::Denial, id::DeviceId, identity::device::DeviceLimit,
    identity::recovery::DEFAULT_COOLING_OFF, notification::NotificationKind,
};
use latchkey_engine::{Conflict, Error, KnownBrowser, Result, SignedIn};
use time::Duration;

async fn revoke(test: &TestEngine, by: &SignedIn, id: DeviceId) -> Result<()> {
    let by = seen(test, by).await.ok_or(Denial::SignIn)?;
    let proof = by.may_revoke_self(test.engine.now())?;
    let revoked = test.engine.revoke_my_device(proof, id, &[], &CLIENT).await;
    revoked.map(drop)
}

fn is_withstood<T>(response: &Result<T>) -> bool {
    matches!(
        response,
        Err(Error::Conflict {
            reason: Conflict::SignedInSinceRecovery,
            ..
        })
    )
}

#[tokio::test]
async fn audit_48_an_owner_whose_devices_a_thief_revoked_signs_in_and_cancels_whatever_the_thief_does()
 {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let (laptop, credential, mut authenticator) = with_passkey(&test, &laptop).await;
    let codes = codes(&test, &laptop).await;
    test.wait(60);
    let thief = recover(&test, &codes[0]).await.unwrap();
    revoke(&test, &thief, laptop.current_user.device_id)
        .await
        .unwrap();
    assert!(seen(&test, &laptop).await.is_none());
    // In the browser of the revoked device, the passkey makes another device.
    test.wait(60);
    let (handle, response) = used(&test.engine, &laptop, &credential, &mut authenticator).await;
    let browser = Some(KnownBrowser::from(&laptop.current_user));
    let back = test
        .engine
        .finish_passkey_login(Some(&handle), &response, browser, &CLIENT)
        .await
        .unwrap();
    assert!(
        notifications(&test, &back)
            .await
            .contains(&NotificationKind::DeviceRevokedInRecovery)
    );
    // The thief sees it, and can neither revoke it nor sign it out.
    let id = back.current_user.device_id;
    assert!(is_withstood(&revoke(&test, &thief, id).await));
    let by = seen(&test, &thief).await.unwrap();
    let proof = by.may_revoke_self(test.engine.now()).unwrap();
    let ended = test.engine.end_my_session(proof.clone(), id, &CLIENT).await;
    assert!(is_withstood(&ended));
    let ended = test.engine.end_my_other_sessions(proof, &CLIENT).await;
    assert_eq!(ended.unwrap(), 0);
    // Nor with the next code, in the same browser or in another one.
    test.wait(60);
    let browser = Some(KnownBrowser::from(&thief.current_user));
    let thief = test.engine.recover(&codes[1], browser, &CLIENT).await;
    let thief = thief.unwrap();
    let other = recover(&test, &codes[2]).await.unwrap();
    for thief in [&thief, &other] {
        assert!(is_withstood(&revoke(&test, thief, id).await));
    }
    assert_eq!(cancel(&test, &back).await, 2);
    assert!(seen(&test, &thief).await.is_none());
    assert!(seen(&test, &other).await.is_none());
}

#[tokio::test]
async fn audit_48_an_owner_without_a_passkey_comes_back_with_the_app_and_cancels() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let codes = codes(&test, &laptop).await;
    test.wait(60);
    let thief = recover(&test, &codes[0]).await.unwrap();
    revoke(&test, &thief, laptop.current_user.device_id)
        .await
        .unwrap();
    test.wait(60);
    let back = test.sign_in(ADA, &uri).await;
    let id = back.current_user.device_id;
    assert!(is_withstood(&revoke(&test, &thief, id).await));
    assert_eq!(cancel(&test, &back).await, 1);
}

#[tokio::test]
async fn audit_48_who_lost_a_phone_revokes_it_at_once_and_it_cancels_nothing_then() {
    let test = TestEngine::new().await;
    let phone = test.registered(ADA).await;
    let codes = codes(&test, &phone).await;
    test.wait(60);
    let laptop = recover(&test, &codes[0]).await.unwrap();
    let stolen = seen(&test, &phone).await.unwrap();
    let stale = stolen.may_cancel_recovery().unwrap();
    revoke(&test, &laptop, phone.current_user.device_id)
        .await
        .unwrap();
    // Not even with a proof from before.
    let cancelled = test.engine.cancel_recoveries(&stale, &CLIENT).await;
    assert!(matches!(cancelled, Err(Error::Denied(Denial::SignIn))));
    test.clock.advance(DEFAULT_COOLING_OFF);
    assert!(adds_passkey(&test, &laptop).await.is_some());
}

#[tokio::test]
async fn audit_48_a_recovery_that_a_stolen_device_cancelled_is_told_and_undone() {
    let test = TestEngine::with(|settings| settings.sends_mail = true).await;
    let phone = test.registered(ADA).await;
    let codes = codes(&test, &phone).await;
    let laptop = recover(&test, &codes[0]).await.unwrap();
    assert_eq!(cancel(&test, &phone).await, 1);
    assert!(seen(&test, &laptop).await.is_none());
    // Its owner is told, at least by mail, and begins again: this time the device is revoked first.
    let again = recover(&test, &codes[1]).await.unwrap();
    assert!(
        notifications(&test, &again)
            .await
            .contains(&NotificationKind::RecoveryCancelled)
    );
    revoke(&test, &again, phone.current_user.device_id)
        .await
        .unwrap();
    assert!(seen(&test, &phone).await.is_none());
    // Or an administrator who knows them vouches, and nobody can cancel anything.
    let link = links::link(&test, phone.current_user.user_id, true).await;
    let back = links::enrol(&test, &link).await.unwrap();
    assert_eq!(back.current_user.limit, DeviceLimit::None);
    assert_eq!(cancel(&test, &back).await, 1);
}

#[tokio::test]
async fn audit_48_a_recovery_that_lapsed_long_ago_protects_nobody() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let codes = codes(&test, &laptop).await;
    let forgotten = recover(&test, &codes[0]).await.unwrap();
    test.clock.advance(Duration::days(20));
    // Signed in after the forgotten recovery, and lost before the next one.
    let phone = test.sign_in(ADA, &uri).await;
    test.wait(60);
    let tablet = recover(&test, &codes[1]).await.unwrap();
    revoke(&test, &tablet, phone.current_user.device_id)
        .await
        .unwrap();
    assert!(seen(&test, &forgotten).await.is_some());
}
