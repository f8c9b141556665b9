//! Enrolment links of users who had a device before: with and without somebody who vouches, and the operator's.

use super::{ADA, cancel, codes, is_invalid, recover, seen};
use crate::{
    passkey::with_passkey,
    test_engine::{CLIENT, OPERATOR, TestEngine},
};
use latchkey_domain::{
    id::UserId,
    identity::device::{DeviceLimit, Registration},
    notification::NotificationKind,
};
use latchkey_engine::{Error, Refusal, SignedIn};

/// A new link of a user.
pub(super) async fn link(test: &TestEngine, user: UserId, is_vouched: bool) -> String {
    let link = test
        .engine
        .invite_user(&OPERATOR, user, is_vouched, &CLIENT);
    let link = link.await.unwrap().commit().await.unwrap();
    link.code.expose_secret().to_owned()
}

/// Enrols with a link as its page does; `None` if it does not enrol.
pub(super) async fn enrol(test: &TestEngine, code: &str) -> Option<SignedIn> {
    let pending = test.engine.begin_enrolment(code, &[]).await.unwrap()?;
    let (handle, uri) = (pending.handle.text, pending.otpauth_uri);
    let totp = test.totp(uri.expose_secret());
    let handle = Some(handle.expose_secret());
    let enrolled = test
        .engine
        .finish_enrolment(handle, &totp, "", None, &CLIENT);
    enrolled.await.ok()
}

#[tokio::test]
async fn audit_46_a_link_of_an_active_user_recovers_unless_somebody_vouches() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let id = laptop.current_user.user_id;
    let unvouched = link(&test, id, false).await;
    assert!(enrol(&test, &unvouched).await.is_none());
    let shown = test.engine.recovering_link(&unvouched).await.unwrap();
    assert_eq!(shown.unwrap().email.as_str(), ADA);
    let phone = recover(&test, &unvouched).await.unwrap();
    assert!(phone.current_user.limit.is_recovery());
    assert!(is_invalid(&recover(&test, &unvouched).await), "used once");
    let devices = test.engine.my_devices(&phone.current_user).await.unwrap();
    assert_eq!(devices[0].registration, Registration::Recovery);
    assert_eq!(
        super::notifications(&test, &laptop).await[0],
        NotificationKind::RecoveryStarted
    );
    assert_eq!(cancel(&test, &laptop).await, 1);

    let vouched = link(&test, id, true).await;
    assert!(is_invalid(&recover(&test, &vouched).await), "it enrols");
    assert!(
        test.engine
            .recovering_link(&vouched)
            .await
            .unwrap()
            .is_none()
    );
    let tablet = enrol(&test, &vouched).await.unwrap();
    assert_eq!(tablet.current_user.limit, DeviceLimit::None);
}

#[tokio::test]
async fn r11_a_ceremony_of_a_first_enrolment_does_not_outlast_it() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned(ADA).await;
    let code = link(&test, id, false).await;
    // While the user has no device, the link enrols.
    let pending = test
        .engine
        .begin_enrolment(&code, &[])
        .await
        .unwrap()
        .unwrap();
    let first = test.sign_in(ADA, &uri).await;
    let handle = Some(pending.handle.text.expose_secret());
    let totp = test.totp(pending.otpauth_uri.expose_secret());
    let finished = test
        .engine
        .finish_enrolment(handle, &totp, "", None, &CLIENT);
    assert!(matches!(
        finished.await,
        Err(Error::Refused(Refusal::LinkNotValid))
    ));
    // It is not used up: it recovers now.
    assert!(
        recover(&test, &code)
            .await
            .unwrap()
            .current_user
            .limit
            .is_recovery()
    );
    assert!(test.knows(&first).await);
}

#[tokio::test]
async fn a_user_who_never_had_a_device_enrols_with_any_link() {
    let test = TestEngine::new().await;
    let (id, _) = test.provisioned(ADA).await;
    for is_vouched in [false, true] {
        let code = link(&test, id, is_vouched).await;
        assert!(
            test.engine
                .begin_enrolment(&code, &[])
                .await
                .unwrap()
                .is_some()
        );
        assert!(is_invalid(&recover(&test, &code).await));
    }
}

#[tokio::test]
async fn must_survive_25_an_unvouched_link_used_fifty_times_in_parallel_makes_one_device() {
    let test = TestEngine::on_disk().await;
    let laptop = test.registered(ADA).await;
    let code = link(&test, laptop.current_user.user_id, false).await;
    let tries: Vec<_> = (0..50_u8)
        .map(|number| {
            let (engine, code) = (test.engine.clone(), code.clone());
            let client = crate::test_engine::from([198, 51, 100, number]);
            tokio::spawn(async move { engine.recover(&code, None, &client).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        made += usize::from(one.await.unwrap().is_ok());
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn the_operator_recovers_a_user_who_lost_everything() {
    let test = TestEngine::new().await;
    let laptop = test.registered(ADA).await;
    let (laptop, _, _) = with_passkey(&test, &laptop).await;
    let kept = codes(&test, &laptop).await;
    for _ in 0..5 {
        let wrong = test.register(ADA, "000000").await;
        assert!(wrong.is_err());
    }
    let recovered = test
        .engine
        .recover_user(&OPERATOR, ADA, true, &CLIENT)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let user = &laptop.current_user;
    assert!(test.engine.my_passkeys(user).await.unwrap().is_empty());
    assert!(test.engine.my_wrong_codes(user).await.unwrap().is_none());
    assert!(
        super::notifications(&test, &laptop)
            .await
            .contains(&NotificationKind::RecoveryByOperator)
    );
    // With the last passkey, all sign-ins ended; the codes stay.
    assert!(seen(&test, &laptop).await.is_none());
    let phone = enrol(&test, recovered.code.expose_secret()).await.unwrap();
    assert_eq!(phone.current_user.limit, DeviceLimit::None);
    assert!(recover(&test, &kept[0]).await.is_ok());

    test.disable(user.user_id).await;
    let refused = test.engine.recover_user(&OPERATOR, ADA, false, &CLIENT);
    assert!(matches!(
        refused.await.map(drop),
        Err(Error::Conflict { .. })
    ));
}
