//! Confirming a recovery by mail: who causes a mail, what its code is worth, and with what it ends.

use super::{ADA, adds_passkey, cancel, codes, recover, seen};
use crate::test_engine::{CLIENT, TestEngine};
use latchkey_domain::{
    access::permission::{Denial, RecoveryConfirmation},
    identity::recovery::DEFAULT_COOLING_OFF,
    identity::recovery_mail::{LIFETIME, MAX_TRIES},
};
use latchkey_engine::{Conflict, Error, KnownBrowser, MailContent, Refusal, Result, SignedIn};
use std::{fs, path::PathBuf, sync::Arc};
use time::Duration;
use tokio::sync::Barrier;

async fn with_mail() -> TestEngine {
    TestEngine::with(|settings| {
        settings.sends_mail = true;
        settings.recovery_confirms_by_mail = true;
    })
    .await
}

async fn on_disk_with_mail() -> (TestEngine, PathBuf) {
    let mut dir = PathBuf::new();
    let test = TestEngine::with(|settings| {
        settings.database_url = None;
        settings.sends_mail = true;
        settings.recovery_confirms_by_mail = true;
        dir.clone_from(&settings.data_dir);
    });
    (test.await, dir)
}

async fn may_confirm(test: &TestEngine, on: &SignedIn) -> Result<RecoveryConfirmation, Denial> {
    let user = seen(test, on).await.ok_or(Denial::SignIn)?;
    user.may_confirm_recovery(test.engine.now())
}

async fn send(test: &TestEngine, on: &SignedIn) -> Result<()> {
    let proof = may_confirm(test, on).await?;
    test.engine.send_recovery_mail(&proof, &CLIENT).await
}

/// The code of the mail that is sent now, if there is one.
async fn received(test: &TestEngine) -> Option<String> {
    while let Some(mail) = test.engine.take_due_mail().await.unwrap() {
        test.engine.mail_sent(&mail).await.unwrap();
        if let MailContent::RecoveryConfirmation { code, .. } = mail.content {
            assert_eq!(mail.email.as_str(), ADA);
            return Some(code.expose_secret().to_owned());
        }
    }
    None
}

async fn confirm(test: &TestEngine, on: &SignedIn, code: &str) -> Result<()> {
    let proof = may_confirm(test, on).await?;
    test.engine.confirm_recovery(&proof, code, &CLIENT).await
}

fn is_invalid(response: &Result<()>) -> bool {
    matches!(
        response,
        Err(Error::Refused(Refusal::InvalidConfirmationCode))
    )
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:08}", (number + 1) % 100_000_000)
}

#[tokio::test]
async fn audit_48_a_recovery_takes_both_the_wait_and_the_mail() {
    let test = with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();

    // The mail alone is not enough.
    send(&test, &phone).await.unwrap();
    let code = received(&test).await.unwrap();
    confirm(&test, &phone, &format!(" {}-{}", &code[..4], &code[4..]))
        .await
        .unwrap();
    assert!(adds_passkey(&test, &phone).await.is_none());
    assert_eq!(
        may_confirm(&test, &phone).await.err(),
        Some(Denial::Recovery)
    );

    // The wait alone is not enough either.
    let tablet = recover(&test, &codes[1]).await.unwrap();
    test.clock.advance(DEFAULT_COOLING_OFF);
    assert!(adds_passkey(&test, &tablet).await.is_none());
    // After it, the mail still confirms.
    send(&test, &tablet).await.unwrap();
    let code = received(&test).await.unwrap();
    confirm(&test, &tablet, &code).await.unwrap();
    assert!(adds_passkey(&test, &tablet).await.is_some());
    assert!(adds_passkey(&test, &phone).await.is_some());
}

#[tokio::test]
async fn audit_48_a_mail_is_sent_to_nobody_who_has_not_used_a_recovery_code() {
    let test = with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    assert_eq!(send(&test, &laptop).await.err().map(|_| ()), Some(()));
    let phone = recover(&test, &codes[0]).await.unwrap();
    let proof = may_confirm(&test, &phone).await.unwrap();
    while received(&test).await.is_some() {}
    // A proof from before the recovery was cancelled is worth nothing.
    cancel(&test, &laptop).await;
    let sent = test.engine.send_recovery_mail(&proof, &CLIENT).await;
    assert!(matches!(sent, Err(Error::Denied(Denial::SignIn))));
    assert!(received(&test).await.is_none());
}

#[tokio::test]
async fn audit_48_without_the_setting_no_mail_is_asked_for_and_without_mail_none_is_promised() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    assert_eq!(
        may_confirm(&test, &phone).await.err(),
        Some(Denial::Recovery)
    );

    // Mail was configured when the recovery began, and is not any more.
    let test = TestEngine::with(|settings| settings.recovery_confirms_by_mail = true).await;
    let laptop = test.registered(ADA).await;
    let codes = super::codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    let sent = send(&test, &phone).await;
    assert!(matches!(
        sent,
        Err(Error::Conflict {
            reason: Conflict::NoMail,
            ..
        })
    ));
}

#[tokio::test]
async fn audit_48_a_code_counts_once_on_its_own_device_for_ten_minutes() {
    let test = with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    let thief = recover(&test, &codes[1]).await.unwrap();
    send(&test, &phone).await.unwrap();
    let first = received(&test).await.unwrap();
    // On another device in recovery of the same user it is worth nothing, with a mail of its own or without.
    assert!(is_invalid(&confirm(&test, &thief, &first).await));
    send(&test, &thief).await.unwrap();
    let of_thief = received(&test).await.unwrap();
    assert!(is_invalid(&confirm(&test, &thief, &first).await));
    assert!(is_invalid(&confirm(&test, &phone, &of_thief).await));
    // A newer mail replaces the older one.
    send(&test, &phone).await.unwrap();
    let second = received(&test).await.unwrap();
    assert!(is_invalid(&confirm(&test, &phone, &first).await));
    for wrong in ["", "1", "abcdefgh", &"9".repeat(100_000)] {
        let response = confirm(&test, &phone, wrong).await;
        assert!(is_invalid(&response), "{response:?}");
    }
    // Five tries are over: the right one is one too many.
    assert!(is_invalid(&confirm(&test, &phone, &second).await));
    test.wait(5);
    send(&test, &phone).await.unwrap();
    let third = received(&test).await.unwrap();
    test.clock.advance(LIFETIME);
    assert!(is_invalid(&confirm(&test, &phone, &third).await));
    send(&test, &phone).await.unwrap();
    let fourth = received(&test).await.unwrap();
    test.clock.advance(LIFETIME - Duration::SECOND);
    confirm(&test, &phone, &fourth).await.unwrap();
    let denied = confirm(&test, &phone, &fourth).await;
    assert!(matches!(denied, Err(Error::Denied(Denial::Recovery))));
}

#[tokio::test]
async fn must_survive_25_of_two_confirmations_at_once_with_one_code_one_confirms() {
    let (test, _) = on_disk_with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    send(&test, &phone).await.unwrap();
    let code = received(&test).await.unwrap();
    let proof = may_confirm(&test, &phone).await.unwrap();
    let barrier = Arc::new(Barrier::new(2));
    let tries: Vec<_> = (0..2)
        .map(|_| {
            let (engine, proof, code) = (test.engine.clone(), proof.clone(), code.clone());
            let barrier = barrier.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                engine.confirm_recovery(&proof, &code, &CLIENT).await
            })
        })
        .collect();
    let mut confirmed = 0;
    for one in tries {
        let response = one.await.unwrap();
        let is_late =
            is_invalid(&response) || matches!(response, Err(Error::Denied(Denial::Recovery)));
        assert!(response.is_ok() || is_late, "{response:?}");
        confirmed += usize::from(response.is_ok());
    }
    assert_eq!(confirmed, 1);
}

#[tokio::test]
async fn must_survive_3_after_fifty_wrong_codes_at_once_the_right_one_is_not_compared() {
    let (test, _) = on_disk_with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    let proof = may_confirm(&test, &phone).await.unwrap();
    send(&test, &phone).await.unwrap();
    let code = received(&test).await.unwrap();
    let barrier = Arc::new(Barrier::new(50));
    let tries: Vec<_> = (0..50)
        .map(|_| {
            let (engine, proof) = (test.engine.clone(), proof.clone());
            let (guess, barrier) = (other_than(&code), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                engine.confirm_recovery(&proof, &guess, &CLIENT).await
            })
        })
        .collect();
    for one in tries {
        assert!(is_invalid(&one.await.unwrap()));
    }
    // All tries were used up: the right code is not compared any more.
    assert!(is_invalid(&confirm(&test, &phone, &code).await));
    let user = seen(&test, &phone).await.unwrap();
    assert_eq!(test.engine.my_recovery_mail(&user).await.unwrap(), None);
    assert_eq!(MAX_TRIES, 5);
}

#[tokio::test]
async fn audit_48_a_user_gets_a_few_mails_a_day_however_many_devices_ask() {
    let test = with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    let tablet = recover(&test, &codes[1]).await.unwrap();
    let mut sent = 0;
    for number in 0..60 {
        let on = if number % 2 == 0 { &phone } else { &tablet };
        match send(&test, on).await {
            Ok(()) => sent += 1,
            Err(Error::Throttled { wait }) => assert!(wait.as_secs() > 0),
            Err(error) => panic!("{error}"),
        }
        test.wait(20);
    }
    assert_eq!(sent, 10);
    test.clock.advance(Duration::DAY);
    send(&test, &phone).await.unwrap();
}

#[tokio::test]
async fn r8_a_code_and_its_mail_end_with_what_they_belong_to() {
    for name in ["device", "user", "sign-out"] {
        let test = with_mail().await;
        let laptop = test.registered(ADA).await;
        let codes = codes(&test, &laptop).await;
        while received(&test).await.is_some() {}
        let phone = recover(&test, &codes[0]).await.unwrap();
        let proof = may_confirm(&test, &phone).await.unwrap();
        send(&test, &phone).await.unwrap();
        match name {
            "device" => assert_eq!(cancel(&test, &laptop).await, 1),
            "user" => {
                test.disable(phone.current_user.user_id).await;
                test.enable(phone.current_user.user_id).await;
            }
            _ => {
                let current = seen(&test, &phone).await.unwrap();
                test.engine.sign_out(&current, &CLIENT).await.unwrap();
            }
        }
        // The mail that was not sent is not sent any more.
        assert!(received(&test).await.is_none(), "{name}");
        let confirmed = test.engine.confirm_recovery(&proof, "00000000", &CLIENT);
        assert!(confirmed.await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn audit_48_another_code_in_the_same_browser_ends_the_mail_and_keeps_what_was_confirmed() {
    let test = with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    send(&test, &phone).await.unwrap();
    let old = received(&test).await.unwrap();
    let browser = Some(KnownBrowser::from(&phone.current_user));
    let again = test.engine.recover(&codes[1], browser, &CLIENT).await;
    let phone = again.unwrap();
    assert!(is_invalid(&confirm(&test, &phone, &old).await));
    send(&test, &phone).await.unwrap();
    let new = received(&test).await.unwrap();
    confirm(&test, &phone, &new).await.unwrap();
    let browser = Some(KnownBrowser::from(&phone.current_user));
    let again = test.engine.recover(&codes[2], browser, &CLIENT).await;
    let phone = again.unwrap();
    test.clock.advance(DEFAULT_COOLING_OFF);
    assert!(adds_passkey(&test, &phone).await.is_some());
}

#[tokio::test]
async fn audit_44_the_database_has_no_code_of_a_mail_in_the_clear() {
    let (test, dir) = on_disk_with_mail().await;
    let laptop = test.registered(ADA).await;
    let codes = codes(&test, &laptop).await;
    let phone = recover(&test, &codes[0]).await.unwrap();
    send(&test, &phone).await.unwrap();
    let files = ["latchkey.db", "latchkey.db-wal"].map(|file| fs::read(dir.join(file)));
    let stored: Vec<u8> = files.into_iter().flatten().flatten().collect();
    let code = received(&test).await.unwrap();
    let has = |needle: &str| {
        let mut windows = stored.windows(needle.len());
        windows.any(|window| window == needle.as_bytes())
    };
    assert!(has(ADA) && !has(&code));
}
