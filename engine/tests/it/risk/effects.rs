//! What sign-ins are asked for.

use super::{Settled, at, enforcing, with_risk};
use crate::{
    enrolment::{invitation, open},
    passkey::{change, made},
    test_engine::{CLIENT, OPERATOR, origin},
};
use latchkey_domain::{
    access::permission::Denial,
    identity::device::DeviceLimit,
    risk::{Demand, Factor, Mode, NetworkVerdict},
};
use latchkey_engine::{Error, Refusal, RiskMode};
use time::Duration;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

const FAR: &str = "198.51.100.7";

#[tokio::test]
async fn a_sign_in_as_ever_is_asked_for_nothing_and_recorded() {
    let settled = Settled::on(enforcing().await).await;
    assert_eq!(settled.newest().await, "0 low enforce nothing");
    assert_eq!(settled.ask(&settled.ada).await, "granted");
    let baseline = settled.risk().await.baseline;
    assert_eq!(
        (baseline.sign_ins, baseline.is_mature, baseline.devices),
        (8, true, 1),
        "the code that registered the device taught nothing"
    );
}

#[tokio::test]
async fn audit_51_a_code_on_a_new_device_far_away_opens_nothing_until_a_passkey_is_used_there() {
    let mut settled = Settled::on(enforcing().await).await;
    let thief = settled.code(None, &at(FAR)).await.unwrap();
    assert_eq!(
        settled.newest().await,
        "55 high enforce passkey unusual_location:30 new_device:25"
    );
    assert_eq!(settled.ask(&thief).await, "step up");
    assert_eq!(settled.ask(&settled.ada).await, "granted", "her own device");
    let before = settled.risk().await.baseline;
    assert_eq!(before.networks.len(), 1, "nothing was learnt");
    // She reads what it owes, and why.
    let challenges = async |settled: &Settled| {
        let engine = &settled.test.engine;
        let user = &settled.ada.current_user;
        let devices = engine.my_devices(user).await.unwrap();
        let mut reasons = engine.my_challenge_reasons(user, &devices).await.unwrap();
        let owing = devices.into_iter().filter_map(|device| {
            let reasons = reasons.remove(&device.id);
            Some((device.id, device.owes()?.demand, reasons?))
        });
        owing.collect::<Vec<_>>()
    };
    let owing = challenges(&settled).await;
    let [(device, demand, reasons)] = owing.as_slice() else {
        panic!("{owing:?}");
    };
    assert_eq!(
        (*device, *demand),
        (thief.current_user.device_id, Demand::Passkey)
    );
    let factors: Vec<_> = reasons.iter().map(|reason| reason.factor).collect();
    assert_eq!(factors, [Factor::UnusualLocation, Factor::NewDevice]);
    // It was her after all.
    let browser = Some((&thief.current_user).into());
    let proven = settled.passkey(browser, &at(FAR)).await.unwrap();
    assert_eq!(settled.ask(&proven).await, "granted");
    assert_eq!(challenges(&settled).await, []);
    assert_eq!(settled.risk().await.baseline.networks.len(), 2);
}

#[tokio::test]
async fn audit_51_a_held_sign_in_waits_for_approval_whatever_it_was_made_with() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    engine
        .rule_network(
            &OPERATOR,
            "198.51.100.0/24",
            NetworkVerdict::Block,
            None,
            &origin(),
        )
        .await
        .unwrap();
    let held = settled.passkey(None, &at(FAR)).await.unwrap();
    assert_eq!(held.current_user.limit, DeviceLimit::Held);
    assert_eq!(
        settled.newest().await,
        "100 held enforce approval blocked_network:80 unusual_location:30 new_device:25"
    );
    assert_eq!(settled.ask(&held).await, "step up");
    let user = settled.test.current_user(&held).await.unwrap();
    let now = engine.now();
    assert_eq!(user.may_manage_self(now).err(), Some(Denial::NotApproved));
    assert_eq!(user.may_add_passkey(now).err(), Some(Denial::NotApproved));
    assert_eq!(user.may_revoke_self(now).err(), Some(Denial::NotApproved));
    assert_eq!(user.may_cancel_recovery().err(), Some(Denial::NotApproved));
    // Signing in again, from home, does not lift it.
    let browser = Some((&held.current_user).into());
    let again = settled.passkey(browser, &origin()).await.unwrap();
    assert_eq!(settled.ask(&again).await, "step up");
    assert_eq!(
        settled.risk().await.baseline.sign_ins,
        9,
        "from home, it teaches"
    );
    // Another device of hers does.
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    let proof = change(&settled.test, &settled.ada).await;
    let device = held.current_user.device_id;
    engine
        .approve_device(&proof, device, &origin())
        .await
        .unwrap();
    assert_eq!(settled.ask(&again).await, "granted");
}

#[tokio::test]
async fn an_administrator_approves_a_held_device() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    engine
        .rule_network(&OPERATOR, FAR, NetworkVerdict::Block, None, &origin())
        .await
        .unwrap();
    let held = settled.passkey(None, &at(FAR)).await.unwrap();
    assert_eq!(settled.ask(&held).await, "step up");
    let device = held.current_user.device_id;
    engine
        .approve_any_device(&OPERATOR, device, &origin())
        .await
        .unwrap();
    assert_eq!(settled.ask(&held).await, "granted");
}

#[tokio::test]
async fn audit_51_nothing_is_enrolled_while_it_is_held() {
    let mut settled = Settled::on(enforcing().await).await;
    let test = &settled.test;
    let block = async |settled: &Settled, lasts| {
        (settled.test.engine)
            .rule_network(&OPERATOR, FAR, NetworkVerdict::Block, lasts, &CLIENT)
            .await
            .unwrap();
    };
    block(&settled, Some(Duration::HOUR)).await;
    // With a link: it stays, and is used elsewhere.
    let code = invitation(test, "grace@example.com").await;
    let pending = open(test, &code).await.unwrap();
    let handle = Some(pending.handle.text.expose_secret());
    let totp = test.totp(pending.otpauth_uri.expose_secret());
    let there = at(FAR);
    let held = (test.engine).finish_enrolment(handle, &totp, "", None, &there);
    assert!(matches!(
        held.await,
        Err(Error::Refused(Refusal::EnrolmentHeld))
    ));
    test.wait(60);
    let totp = test.totp(pending.otpauth_uri.expose_secret());
    let enrolled = (test.engine).finish_enrolment(handle, &totp, "", None, &CLIENT);
    enrolled.await.unwrap();
    // With a passkey, on a device of hers.
    settled.ada = settled.passkey(settled.browser(), &CLIENT).await.unwrap();
    let proof = change(&settled.test, &settled.ada).await;
    let mut authenticator = SoftPasskey::new(true);
    block(&settled, Some(Duration::HOUR)).await;
    let engine = settled.test.engine.clone();
    let (handle, response) = made(&engine, &proof, &mut authenticator).await;
    let held = engine.finish_passkey_registration(&proof, Some(&handle), &response, "", &there);
    assert!(matches!(
        held.await,
        Err(Error::Refused(Refusal::EnrolmentHeld))
    ));
    let user = settled.ada.current_user.user_id;
    let passkeys = engine.passkeys_of(&OPERATOR, user).await.unwrap();
    assert_eq!(passkeys.len(), 1);
    assert_eq!(
        settled.ask(&settled.ada).await,
        "granted",
        "nothing changed"
    );
}

#[tokio::test]
async fn audit_51_shadow_mode_records_what_it_would_ask_for_and_asks_for_nothing() {
    let test = with_risk(RiskMode::Fixed(Mode::Shadow)).await;
    let settled = Settled::on(test).await;
    let stranger = settled.code(None, &at(FAR)).await.unwrap();
    assert_eq!(
        settled.newest().await,
        "55 high shadow passkey unusual_location:30 new_device:25"
    );
    assert_eq!(settled.ask(&stranger).await, "granted");
}

#[tokio::test]
async fn scores_have_no_effect_for_fourteen_days_and_then_they_do() {
    let settled = Settled::on(with_risk(RiskMode::Automatic).await).await;
    let engine = &settled.test.engine;
    assert_eq!(engine.risk_mode(), Mode::Shadow);
    let from = engine.risk_enforced_from().unwrap();
    assert_eq!(
        from - engine.now(),
        Duration::days(7) - Duration::seconds(0)
    );
    settled.test.wait(7 * 24 * 60 * 60 - 1);
    assert_eq!(engine.risk_mode(), Mode::Shadow);
    settled.test.wait(1);
    assert_eq!(engine.risk_mode(), Mode::Enforce);
    assert_eq!(engine.risk_enforced_from(), None);
}

#[tokio::test]
async fn off_is_off() {
    let settled = Settled::on(with_risk(RiskMode::Fixed(Mode::Off)).await).await;
    assert_eq!(settled.risk().await.events, []);
    assert_eq!(settled.risk().await.baseline.sign_ins, 0);
}

#[tokio::test]
async fn what_was_learnt_can_be_erased_and_goes_with_its_user() {
    let mut settled = Settled::on(enforcing().await).await;
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    let proof = change(&settled.test, &settled.ada).await;
    let engine = settled.test.engine.clone();
    engine.erase_my_baseline(&proof, &origin()).await.unwrap();
    assert_eq!(settled.risk().await.baseline.sign_ins, 0);
    settled.code(None, &at(FAR)).await.unwrap();
    assert_eq!(
        settled.newest().await,
        "0 low enforce nothing",
        "a cold start"
    );
    let user = settled.ada.current_user.user_id;
    engine
        .erase_baseline(&OPERATOR, user, &origin())
        .await
        .unwrap();
    engine
        .delete_user(&OPERATOR, user, &origin())
        .await
        .unwrap();
}

#[tokio::test]
async fn wrong_codes_of_others_raise_the_score_and_lock_nobody_out() {
    let mut settled = Settled::on(enforcing().await).await;
    for number in 0..12 {
        settled.test.wait(600);
        let from = at(&format!("192.0.{number}.1"));
        let guess = (settled.test.engine)
            .register_device("ada@example.com", "000000", "", None, &from)
            .await;
        assert!(guess.is_err());
    }
    settled.test.wait(600);
    settled.ada = settled.passkey(settled.browser(), &origin()).await.unwrap();
    assert_eq!(
        settled.newest().await,
        "15 low enforce nothing many_failures:15"
    );
    assert_eq!(settled.ask(&settled.ada).await, "granted");
}

#[tokio::test]
async fn requests_for_approval_that_a_user_denied_count_as_wrong_codes_for_a_day() {
    let mut settled = Settled::on(enforcing().await).await;
    let score = async |settled: &mut Settled| {
        let browser = settled.browser();
        settled.ada = settled.passkey(browser, &origin()).await.unwrap();
        settled.newest().await
    };
    let (once, twice) = (
        "8 low enforce nothing many_failures:8",
        "15 low enforce nothing many_failures:15",
    );
    for expected in [once, twice] {
        let engine = &settled.test.engine;
        let asking = engine.begin_approval(&at(FAR)).unwrap();
        let user = &settled.ada.current_user;
        engine
            .deny_approval(user, &asking.link, &origin())
            .await
            .unwrap();
        assert_eq!(score(&mut settled).await, expected);
    }
    settled.test.wait(24 * 3600);
    settled.test.engine.tidy().await;
    assert_eq!(score(&mut settled).await, twice);
    settled.test.wait(600);
    settled.test.engine.tidy().await;
    assert_eq!(score(&mut settled).await, "0 low enforce nothing");
}
