//! Recovery: codes, links for which nobody vouches, the cooling-off period, cancelling, and the operator's help.

mod by_mail;
mod links;
mod theft;

use crate::{
    passkey::{change, made, used, with_passkey},
    test_engine::{CLIENT, OPERATOR, TestEngine, cookie, from, is_refused},
    verify::ask,
};
use latchkey_domain::{
    access::permission::{CurrentUser, Denial, UsersRead},
    identity::device::{DeviceLimit, MailConfirmation, Recovery},
    identity::recovery::DEFAULT_COOLING_OFF,
    identity::user::Role,
    notification::NotificationKind,
    pagination::ListQuery,
};
use latchkey_engine::{Error, KnownBrowser, Refusal, Result, SignedIn};
use time::Duration;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

const ADA: &str = "ada@example.com";

/// Recovery codes of a user on a device of theirs.
async fn codes(test: &TestEngine, owner: &SignedIn) -> Vec<String> {
    let proof = change(test, owner).await;
    let codes = test.engine.make_recovery_codes(&proof, &CLIENT).await;
    let codes = codes.unwrap();
    codes
        .iter()
        .map(|code| code.expose_secret().to_owned())
        .collect()
}

async fn recover(test: &TestEngine, code: &str) -> Result<SignedIn> {
    test.engine.recover(code, None, &CLIENT).await
}

fn is_invalid(response: &Result<SignedIn>) -> bool {
    matches!(response, Err(Error::Refused(Refusal::InvalidRecoveryCode)))
}

/// The user of a browser that has nothing but its device cookie.
async fn seen(test: &TestEngine, signed_in: &SignedIn) -> Option<CurrentUser> {
    let found = test.engine.authenticate(Some(cookie(signed_in)), None);
    found.await.unwrap().current_user
}

async fn cancel(test: &TestEngine, by: &SignedIn) -> u64 {
    let by = seen(test, by).await.unwrap();
    let proof = by.may_cancel_recovery().unwrap();
    let cancelled = test.engine.cancel_recoveries(&proof, &CLIENT).await;
    cancelled.unwrap()
}

/// Whether a passkey can be added on a device now; adds one if so.
async fn adds_passkey(test: &TestEngine, on: &SignedIn) -> Option<SignedIn> {
    let user = seen(test, on).await?;
    let proof = user.may_add_passkey(test.engine.now()).ok()?;
    let (handle, response) = made(&test.engine, proof.clone(), &mut SoftPasskey::new(true)).await;
    let added =
        test.engine
            .finish_passkey_registration(proof, Some(&handle), &response, "New", &CLIENT);
    Some(added.await.unwrap().1)
}

async fn notifications(test: &TestEngine, of: &SignedIn) -> Vec<NotificationKind> {
    let query = ListQuery::default();
    let all = test.engine.my_notifications(&of.current_user, &query).await;
    all.unwrap().items.iter().map(|one| one.kind).collect()
}

#[tokio::test]
async fn audit_46_a_code_makes_a_device_that_opens_nothing_until_it_has_a_passkey() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let photos = test.service("photos").await;
    test.grant(ADA, "photos", "").await;
    let codes = codes(&test, &laptop).await;
    assert_eq!(codes.len(), 10);

    let phone = recover(&test, &codes[3]).await.unwrap();
    assert!(phone.is_new_device);
    let now = test.engine.now();
    let recovery = Recovery {
        since: now,
        passkey_after: now + DEFAULT_COOLING_OFF,
        mail: MailConfirmation::NotRequired,
    };
    assert_eq!(phone.current_user.limit, DeviceLimit::Recovery(recovery));
    assert_eq!(ask(&test, "photos", &photos, &laptop).await, "granted");
    assert_eq!(ask(&test, "photos", &photos, &phone).await, "step up");
    let user = test.current_user(&phone).await.unwrap();
    assert_eq!(user.may_manage_self(now), Err(Denial::Recovery));
    let left = test.engine.my_recovery_codes(&user).await.unwrap().unwrap();
    assert_eq!((left.left, left.made_at), (9, now));

    test.clock.advance(DEFAULT_COOLING_OFF - Duration::SECOND);
    assert!(adds_passkey(&test, &phone).await.is_none());
    test.wait(1);
    let phone = adds_passkey(&test, &phone).await.unwrap();
    assert_eq!(phone.current_user.limit, DeviceLimit::None);
    assert_eq!(ask(&test, "photos", &photos, &phone).await, "granted");
    change(&test, &phone).await;
}

#[tokio::test]
async fn must_survive_25_a_code_used_fifty_times_in_parallel_makes_one_device() {
    let test = TestEngine::on_disk().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let tries: Vec<_> = (0..50_u8)
        .map(|number| {
            let (engine, code) = (test.engine.clone(), codes[0].clone());
            tokio::spawn(async move {
                let client = from([198, 51, 100, number]);
                engine.recover(&code, None, &client).await
            })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        let response = one.await.unwrap();
        let is_one_of_the_answers = response.is_ok()
            || is_invalid(&response)
            || matches!(response, Err(Error::Throttled { .. }));
        assert!(is_one_of_the_answers, "{response:?}");
        made += usize::from(response.is_ok());
    }
    assert_eq!(made, 1);
    let devices = test.engine.my_devices(&laptop.current_user).await.unwrap();
    assert_eq!(devices.len(), 2);
    // So many tries were counted: the next day, it is still used.
    test.clock.advance(Duration::DAY);
    assert!(is_invalid(&recover(&test, &codes[0].to_uppercase()).await));
}

#[tokio::test]
async fn must_survive_25_a_used_replaced_or_malformed_code_and_one_of_a_disabled_user_are_refused_alike()
 {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let old = codes(&test, &laptop).await;
    let new = codes(&test, &laptop).await;
    recover(&test, &new[0]).await.unwrap();
    let zeros = "0".repeat(23);
    for wrong in [
        old[0].as_str(),
        new[0].as_str(),
        "",
        "000000",
        &zeros,
        &new[1][1..],
        &"x".repeat(100_000),
    ] {
        assert!(is_invalid(&recover(&test, wrong).await), "{wrong:.30}");
    }
    let id = laptop.current_user.user_id;
    test.disable(id).await;
    assert!(is_invalid(&recover(&test, &new[1]).await));
    // The code was not used: it counts again with its user.
    test.enable(id).await;
    assert!(recover(&test, &new[1]).await.is_ok());
    let deleted = test.engine.delete_user(&OPERATOR, id, &CLIENT);
    deleted.await.unwrap();
    assert!(is_invalid(&recover(&test, &new[2]).await));
}

#[tokio::test]
async fn must_survive_3_wrong_recovery_codes_are_counted_before_they_are_looked_at() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let mut throttled = 0;
    for number in 0..40 {
        let response = recover(&test, &format!("{number:023}")).await;
        throttled += usize::from(matches!(response, Err(Error::Throttled { .. })));
    }
    assert!(throttled > 15, "{throttled}");
    // Elsewhere, nobody is slowed down.
    let elsewhere = from([192, 0, 2, 1]);
    let recovered = test.engine.recover(&codes[0], None, &elsewhere).await;
    assert!(recovered.is_ok());
}

#[tokio::test]
async fn audit_46_every_other_device_is_told_and_cancels_with_one_click() {
    let test = TestEngine::with(|settings| settings.sends_mail = true).await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    assert_eq!(
        notifications(&test, &laptop).await,
        [
            NotificationKind::RecoveryStarted,
            NotificationKind::RecoveryCodesMade
        ]
    );
    let mails = [
        test.engine.take_due_mail().await,
        test.engine.take_due_mail().await,
    ];
    assert!(mails.into_iter().all(|mail| mail.unwrap().is_some()));

    // Long after the session ended, and without a passkey: the device is enough, because it only ends something.
    test.clock.advance(Duration::hours(20));
    let by = seen(&test, &thief).await.unwrap();
    assert_eq!(by.may_cancel_recovery(), Err(Denial::Recovery));
    assert_eq!(cancel(&test, &laptop).await, 1);
    assert_eq!(cancel(&test, &laptop).await, 0);
    assert!(seen(&test, &thief).await.is_none());
    test.clock.advance(Duration::hours(20));
    assert!(adds_passkey(&test, &thief).await.is_none());
    // The other codes are still those of the user.
    assert!(recover(&test, &codes[1]).await.is_ok());
}

#[tokio::test]
async fn audit_46_a_cancelled_recovery_ends_a_passkey_ceremony_that_began_before() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    test.clock.advance(DEFAULT_COOLING_OFF);
    let user = seen(&test, &thief).await.unwrap();
    let proof = user.may_add_passkey(test.engine.now()).unwrap();
    let (handle, response) = made(&test.engine, proof.clone(), &mut SoftPasskey::new(true)).await;
    cancel(&test, &laptop).await;
    let added =
        test.engine
            .finish_passkey_registration(proof, Some(&handle), &response, "", &CLIENT);
    assert!(matches!(added.await, Err(Error::Denied(Denial::SignIn))));
    assert!(
        test.engine
            .my_passkeys(&laptop.current_user)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn must_survive_29_a_clock_set_back_or_forth_does_not_open_a_recovery_early() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    test.clock.advance(DEFAULT_COOLING_OFF);
    let user = seen(&test, &phone).await.unwrap();
    let proof = user.may_add_passkey(test.engine.now()).unwrap();
    let (handle, response) = made(&test.engine, proof.clone(), &mut SoftPasskey::new(true)).await;
    // Back before the end of the wait: the proof that was given then is worth nothing now.
    test.clock.advance(-Duration::MINUTE);
    assert!(user.may_add_passkey(test.engine.now()).is_err());
    let added =
        test.engine
            .finish_passkey_registration(proof, Some(&handle), &response, "", &CLIENT);
    assert!(matches!(added.await, Err(Error::Denied(Denial::Recovery))));
    test.clock.advance(Duration::MINUTE);
    assert!(adds_passkey(&test, &phone).await.is_some());
}

#[tokio::test]
async fn r11_a_second_code_neither_shortens_nor_restarts_the_wait_and_a_forgotten_recovery_lapses()
{
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    let first = phone.current_user.limit;
    test.clock.advance(Duration::hours(20));
    let browser = Some(KnownBrowser::from(&phone.current_user));
    let again = test.engine.recover(&codes[1], browser, &CLIENT).await;
    let again = again.unwrap();
    assert!(!again.is_new_device && again.current_user.limit == first);
    // The copy of the cookie from before is void.
    assert!(seen(&test, &phone).await.is_none());
    test.clock.advance(Duration::days(9));
    let user = seen(&test, &again).await.unwrap();
    assert!(user.may_add_passkey(test.engine.now()).is_err());
    assert!(user.may_revoke_self(test.engine.now()).is_err());
}

#[tokio::test]
async fn r31_a_recovery_code_of_an_administrator_administers_nothing() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned(ADA).await;
    test.set_role(id, Role::Admin).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    let photos = test.service("photos").await;
    assert_eq!(ask(&test, "photos", &photos, &laptop).await, "granted");
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    assert_eq!(ask(&test, "photos", &photos, &thief).await, "step up");
    test.clock.advance(DEFAULT_COOLING_OFF - Duration::SECOND);
    let user = seen(&test, &thief).await.unwrap();
    let now = test.engine.now();
    assert_eq!(user.authorize(UsersRead, now), Err(Denial::Recovery));
    assert_eq!(user.may_manage_self(now), Err(Denial::Recovery));
}

#[tokio::test]
async fn must_survive_13_a_recovery_beside_a_passkey_may_neither_add_nor_remove_one_early() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let (laptop, credential, mut authenticator) = with_passkey(&test, &laptop).await;
    let codes = codes(&test, &laptop).await;
    // In the very browser of the passkey: what it gave counts no more.
    let browser = Some(KnownBrowser::from(&laptop.current_user));
    let here = test
        .engine
        .recover(&codes[0], browser, &CLIENT)
        .await
        .unwrap();
    assert!(!here.is_new_device && here.current_user.limit.is_recovery());
    assert_eq!(here.current_user.passkey_verified_at, None);
    let now = test.engine.now();
    let user = test.current_user(&here).await.unwrap();
    assert_eq!(user.may_manage_self(now), Err(Denial::Recovery));
    assert_eq!(user.may_add_passkey(now).err(), Some(Denial::Recovery));
    assert_eq!(user.authorize(UsersRead, now), Err(Denial::Forbidden));
    // A proof from before the recovery is worth nothing after it.
    let stale = laptop.current_user.may_manage_self(now).unwrap();
    let passkey = test.engine.my_passkeys(&user).await.unwrap()[0].id;
    let removed = test.engine.remove_passkey(&stale, passkey, &CLIENT).await;
    assert!(removed.is_err());
    let made = test.engine.make_recovery_codes(&stale, &CLIENT).await;
    assert!(made.is_err());
    // The passkey itself lifts it.
    let (handle, response) = used(&test.engine, &here, &credential, &mut authenticator).await;
    let browser = Some(KnownBrowser::from(&here.current_user));
    let lifted = test
        .engine
        .finish_passkey_login(Some(&handle), &response, browser, &CLIENT)
        .await
        .unwrap();
    assert_eq!(lifted.current_user.limit, DeviceLimit::None);
    change(&test, &lifted).await;
}

#[tokio::test]
async fn audit_46_a_device_in_recovery_revokes_devices_and_ends_no_passkey() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let (laptop, credential, mut authenticator) = with_passkey(&test, &laptop).await;
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    let user = seen(&test, &thief).await.unwrap();
    let proof = user.may_revoke_self(test.engine.now()).unwrap();
    let passkey = test.engine.my_passkeys(&user).await.unwrap()[0].id;
    let revoked = test
        .engine
        .revoke_my_device(proof, laptop.current_user.device_id, &[passkey], &CLIENT)
        .await
        .unwrap();
    assert!(revoked.passkeys.is_empty() && revoked.left.len() == 1);
    assert!(!test.knows(&laptop).await);
    // With the passkey, its owner is back, and cancels.
    let (handle, response) = used(&test.engine, &laptop, &credential, &mut authenticator).await;
    let back = crate::passkey::sign_in(&test, &handle, &response)
        .await
        .unwrap();
    assert_eq!(cancel(&test, &back).await, 1);
    assert!(!test.knows(&thief).await);
}

#[tokio::test]
async fn r11_a_code_of_the_app_in_the_browser_of_a_recovery_does_not_end_it() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned(ADA).await;
    let laptop = test.sign_in(ADA, &uri).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    test.wait(30);
    let browser = Some(KnownBrowser::from(&phone.current_user));
    let code = test.totp(&uri);
    let again = test.register_on(ADA, &code, browser).await.unwrap();
    assert!(again.current_user.limit.is_recovery());
    assert!(is_refused(&test.register_on(ADA, &code, browser).await));
}

#[tokio::test]
async fn r8_disabling_a_user_ends_a_recovery_which_nobody_could_cancel_meanwhile() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    let id = laptop.current_user.user_id;
    test.disable(id).await;
    test.clock.advance(DEFAULT_COOLING_OFF);
    test.enable(id).await;
    assert!(seen(&test, &thief).await.is_none());
    assert!(seen(&test, &laptop).await.is_some());
}

#[tokio::test]
async fn audit_46_a_recovery_beside_one_under_way_revokes_it() {
    // Somebody stole a code, and revoked everything; the user has nothing but another code.
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let thief = recover(&test, &codes[0]).await.unwrap();
    let by = seen(&test, &thief).await.unwrap();
    let proof = by.may_revoke_self(test.engine.now()).unwrap();
    let laptop = laptop.current_user.device_id;
    let revoked = test.engine.revoke_my_device(proof, laptop, &[], &CLIENT);
    revoked.await.unwrap();
    let user = recover(&test, &codes[1]).await.unwrap();
    let by = seen(&test, &user).await.unwrap();
    let proof = by.may_revoke_self(test.engine.now()).unwrap();
    let thief_device = thief.current_user.device_id;
    let revoked = test
        .engine
        .revoke_my_device(proof, thief_device, &[], &CLIENT);
    revoked.await.unwrap();
    assert!(seen(&test, &thief).await.is_none());
    test.clock.advance(DEFAULT_COOLING_OFF);
    assert!(adds_passkey(&test, &user).await.is_some());
}
