//! Races, replays, and assertions that were made for something else.

use super::*;
use crate::passkey::used;
use std::sync::Arc;

/// How many requests come at once.
const MANY: usize = 50;

#[tokio::test]
async fn r26_a_request_is_decided_once_however_many_decide_at_once() {
    let mut approval = Approval::on(TestEngine::on_disk().await).await;
    let mut assertions = Vec::new();
    for _ in 0..MANY / 2 {
        assertions.push(approval.assertion().await.unwrap());
    }
    let approval = Arc::new(approval);
    let mut racing = tokio::task::JoinSet::new();
    for assertion in assertions {
        let (first, second) = (Arc::clone(&approval), Arc::clone(&approval));
        racing.spawn(async move { (true, first.finish(&assertion).await.is_ok()) });
        racing.spawn(async move { (false, second.deny().await.is_ok()) });
    }
    let outcomes = racing.join_all().await;
    let decided: Vec<_> = outcomes.into_iter().filter(|(_, is_ok)| *is_ok).collect();
    assert_eq!(decided.len(), 1, "{decided:?}");
    let expected = match decided[0].0 {
        true => ApprovalState::Granted,
        false => ApprovalState::Ended,
    };
    assert_eq!(approval.state().await, expected);
}

#[tokio::test]
async fn must_survive_25_an_approval_is_collected_once_however_many_collect_at_once() {
    let mut approval = Approval::on(TestEngine::on_disk().await).await;
    approval.approve().await.unwrap();
    let approval = Arc::new(approval);
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..MANY {
        let approval = Arc::clone(&approval);
        racing.spawn(async move { approval.collect().await.is_ok() });
    }
    let collected = racing.join_all().await;
    assert_eq!(collected.into_iter().filter(|is_ok| *is_ok).count(), 1);
    let ada = &approval.ada.current_user;
    assert_eq!(approval.test.engine.my_devices(ada).await.unwrap().len(), 2);
}

#[tokio::test]
async fn r26_of_all_numbers_tried_at_once_a_wrong_one_ends_the_request() {
    let mut approval = Approval::on(TestEngine::on_disk().await).await;
    let assertion = approval.assertion().await.unwrap();
    let approval = Arc::new(approval);
    let mut racing = tokio::task::JoinSet::new();
    for number in 10..10 + u8::try_from(MANY).unwrap() {
        if number == approval.asking.number {
            continue;
        }
        let approval = Arc::clone(&approval);
        racing.spawn(async move {
            let (engine, ada) = (&approval.test.engine, &approval.ada.current_user);
            let link = &approval.asking.link;
            refused((engine.pick_approval_number(ada, link, number, None, &origin())).await)
        });
    }
    let outcomes = racing.join_all().await;
    let wrong = outcomes.iter().filter(|one| **one == Refusal::WrongNumber);
    assert_eq!(wrong.count(), 1);
    assert_eq!(approval.state().await, ApprovalState::Ended);
    // An assertion that was made before is worth nothing any more.
    assert_eq!(
        refused(approval.finish(&assertion).await),
        Refusal::ApprovalDecided
    );
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalDecided);
}

#[tokio::test]
async fn must_survive_10_an_assertion_for_one_request_is_none_for_another() {
    let mut approval = Approval::new().await;
    let first = approval.assertion().await.unwrap();
    let asking = approval
        .test
        .engine
        .begin_approval(&asking_origin())
        .unwrap();
    let first_asking = std::mem::replace(&mut approval.asking, asking);
    let second = approval.assertion().await.unwrap();
    let swapped = (second.0.clone(), first.1.clone());
    assert_eq!(
        refused(approval.finish(&swapped).await),
        Refusal::PasskeyNotAccepted
    );
    // Its ceremony is used up, and neither request is decided.
    assert_eq!(
        refused(approval.finish(&second).await),
        Refusal::CeremonyExpired
    );
    assert_eq!(approval.state().await, ApprovalState::Waiting);
    approval.finish(&first).await.unwrap();
    assert_eq!(
        approval.state().await,
        ApprovalState::Waiting,
        "the other one"
    );
    approval.asking = first_asking;
    assert_eq!(approval.state().await, ApprovalState::Granted);
}

#[tokio::test]
async fn r14_neither_a_sign_in_nor_a_fresh_step_up_approves() {
    let mut approval = Approval::new().await;
    let (handle, login) = used(
        &approval.test.engine,
        &approval.ada,
        &approval.credential,
        &mut approval.authenticator,
    )
    .await;
    let by_login = approval.finish(&(handle.clone(), login.clone())).await;
    assert_eq!(refused(by_login), Refusal::CeremonyExpired);
    // The answer to a sign-in's challenge, in the ceremony of this request.
    let (own, assertion) = approval.assertion().await.unwrap();
    let mixed = approval.finish(&(own, login)).await;
    assert_eq!(refused(mixed), Refusal::PasskeyNotAccepted);
    // And the other way round: what approves signs nobody in.
    let sign_in = (approval.test.engine)
        .finish_passkey_login(Some(&handle), &assertion, None, &origin())
        .await;
    assert!(matches!(sign_in, Err(Error::Refused(_))));
    assert_eq!(approval.state().await, ApprovalState::Waiting);
}

#[tokio::test]
async fn r14_an_approved_device_has_to_use_a_passkey_before_it_changes_anything() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    let signed_in = approval.collect().await.unwrap();
    let current_user = (approval.test.current_user(&signed_in).await).unwrap();
    let denied = current_user.may_manage_self(approval.test.engine.now());
    assert_eq!(denied.err(), Some(Denial::StepUp));
}

#[tokio::test]
async fn must_survive_10_an_assertion_is_used_once_and_ends_after_five_minutes() {
    let mut approval = Approval::new().await;
    let late = approval.assertion().await.unwrap();
    approval.test.wait(5 * 60);
    assert_eq!(
        refused(approval.finish(&late).await),
        Refusal::CeremonyExpired
    );
    let assertion = approval.assertion().await.unwrap();
    approval.finish(&assertion).await.unwrap();
    assert_eq!(
        refused(approval.finish(&assertion).await),
        Refusal::CeremonyExpired
    );
}

#[tokio::test]
async fn must_survive_10_a_ceremony_is_that_of_its_user_and_device() {
    let mut approval = Approval::new().await;
    let assertion = approval.assertion().await.unwrap();
    let test = &approval.test;
    let eve = test.registered("eve@example.com").await;
    let (eve, ..) = with_passkey(test, &eve).await;
    let (handle, answer) = &assertion;
    let by_eve = (test.engine)
        .finish_approval(&eve.current_user, Some(handle), answer, &origin())
        .await;
    assert_eq!(refused(by_eve), Refusal::CeremonyExpired);
    assert_eq!(approval.state().await, ApprovalState::Waiting);
}

#[tokio::test]
async fn must_survive_11_a_passkey_of_another_user_approves_nothing() {
    let mut approval = Approval::new().await;
    let eve = approval.test.registered("eve@example.com").await;
    let (eve, credential, mut authenticator) = with_passkey(&approval.test, &eve).await;
    let picked = approval.picked_by(&approval.ada).await.unwrap();
    let (handle, options) = (approval.test.engine)
        .begin_approval_assertion(&approval.ada.current_user, &picked)
        .await
        .unwrap();
    let answer = answer(options, &eve, &credential, &mut authenticator);
    let handle = handle.text.expose_secret().to_owned();
    let refusal = refused(approval.finish(&(handle, answer)).await);
    assert_eq!(refusal, Refusal::PasskeyNotAccepted);
    assert_eq!(approval.state().await, ApprovalState::Waiting);
    approval.approve().await.unwrap();
}

#[tokio::test]
async fn r6_nothing_that_somebody_sends_skips_the_number() {
    let approval = Approval::new().await;
    let engine = &approval.test.engine;
    let eve = approval.test.registered("eve@example.com").await;
    let (eve, ..) = with_passkey(&approval.test, &eve).await;
    let by_eve = approval.picked_by(&eve).await.unwrap();
    for sent in [
        &approval.asking.link,
        approval.ticket(),
        by_eve.as_str(),
        "",
    ] {
        let ada = &approval.ada.current_user;
        let begun = engine.begin_approval_assertion(ada, sent).await;
        assert_eq!(refused(begun.map(drop)), Refusal::ApprovalExpired);
        let seen = engine.picked_approval(ada, sent, None, &origin()).await;
        assert_eq!(refused(seen), Refusal::ApprovalExpired);
    }
    assert_eq!(approval.state().await, ApprovalState::Waiting);
}

#[tokio::test]
async fn must_survive_29_a_clock_set_back_brings_no_request_back() {
    let mut approval = Approval::new().await;
    approval.approve().await.unwrap();
    approval.collect().await.unwrap();
    approval.test.wait(11 * 60);
    approval.test.engine.tidy().await;
    approval.test.wait(-5 * 60);
    assert_eq!(refused(approval.collect().await), Refusal::ApprovalDecided);
    assert_eq!(
        refused(approval.assertion().await),
        Refusal::ApprovalDecided
    );
}

#[tokio::test]
async fn a_user_has_no_more_devices_by_approval_than_otherwise() {
    let mut approval = Approval::new().await;
    let mut last = Ok(());
    for _ in 0..210 {
        approval.asking = approval
            .test
            .engine
            .begin_approval(&asking_origin())
            .unwrap();
        approval.approve().await.unwrap();
        if let Err(error) = approval.collect().await {
            last = Err(error);
            break;
        }
    }
    assert!(matches!(last, Err(Error::Conflict { .. })), "{last:?}");
    // What could not be used is not used up.
    assert_eq!(approval.state().await, ApprovalState::Granted);
}
