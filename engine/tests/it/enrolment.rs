use crate::test_engine::{OPERATOR, TestEngine, new_user, origin};
use latchkey_domain::{identity::user::Role, identity::user::UserStatus, pagination::ListQuery};
use latchkey_engine::{Error, PendingEnrolment, Refusal};

pub(crate) async fn invitation(test: &TestEngine, email: &str) -> String {
    let (_, link) = test
        .engine
        .add_user(&OPERATOR, new_user(email), &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    link.code.expose_secret().to_owned()
}

/// Opens an invitation in a browser that is new to it.
pub(crate) async fn open(test: &TestEngine, code: &str) -> Option<PendingEnrolment> {
    test.engine.begin_enrolment(code, &[]).await.unwrap()
}

#[tokio::test]
async fn r5_must_survive_25_an_invitation_is_single_use_and_expires() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let pending = open(&test, &code).await.unwrap();
    let handle = pending.handle.text;
    let other = open(&test, &code).await.unwrap();
    test.engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(pending.otpauth_uri.expose_secret()),
            "Phone",
            None,
            &origin(),
        )
        .await
        .unwrap();
    assert!(open(&test, &code).await.is_none());
    // Another browser that opened the link before is too late as well.
    let late = test
        .engine
        .finish_enrolment(
            Some(other.handle.text.expose_secret()),
            &test.totp(other.otpauth_uri.expose_secret()),
            "",
            None,
            &origin(),
        )
        .await;
    assert!(matches!(late, Err(Error::Refused(Refusal::LinkNotValid))));

    let code = invitation(&test, "late@example.com").await;
    test.wait(24 * 60 * 60);
    assert!(open(&test, &code).await.is_none());
}

#[tokio::test]
async fn must_survive_25_fifty_parallel_confirmations_register_one_device() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let pending = open(&test, &code).await.unwrap();
    let handle = pending.handle.text.expose_secret().to_owned();
    let totp = test.totp(pending.otpauth_uri.expose_secret());
    let tries: Vec<_> = (0..50)
        .map(|_| {
            let (engine, handle, totp) = (test.engine.clone(), handle.clone(), totp.clone());
            tokio::spawn(async move {
                engine
                    .finish_enrolment(Some(&handle), &totp, "", None, &origin())
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut wins = 0;
    for attempt in tries {
        wins += usize::from(attempt.await.unwrap());
    }
    assert_eq!(wins, 1);
    assert_eq!(
        test.engine
            .list_devices(&OPERATOR, &ListQuery::default())
            .await
            .unwrap()
            .total,
        1
    );
}

#[tokio::test]
async fn a_wrong_code_keeps_the_enrolment_and_its_secret() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let pending = open(&test, &code).await.unwrap();
    let kept = [pending.handle.text.expose_secret().to_owned()];
    let handle = Some(kept[0].as_str());
    let wrong = test
        .engine
        .finish_enrolment(handle, "000000", "", None, &origin())
        .await;
    assert!(matches!(wrong, Err(Error::Refused(Refusal::WrongCode))));
    let again = test
        .engine
        .begin_enrolment(&code, &kept)
        .await
        .unwrap()
        .unwrap();
    assert!(!again.is_new);
    assert_eq!(again.secret.expose_secret(), pending.secret.expose_secret());
    assert!(
        test.engine
            .finish_enrolment(
                handle,
                &test.totp(again.otpauth_uri.expose_secret()),
                "",
                None,
                &origin()
            )
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn field_2_one_browser_can_have_several_enrolments_in_progress() {
    let test = TestEngine::new().await;
    let (hers, his) = (
        invitation(&test, "grace@example.com").await,
        invitation(&test, "alan@example.com").await,
    );
    let (first, second) = (
        open(&test, &hers).await.unwrap(),
        open(&test, &his).await.unwrap(),
    );
    let kept = [&second, &first].map(|it| it.handle.text.expose_secret().to_owned());
    // Hours later: an enrolment lives as long as its link.
    test.wait(23 * 60 * 60);
    for (code, begun) in [(&hers, &first), (&his, &second)] {
        let again = test.engine.begin_enrolment(code, &kept).await.unwrap();
        let again = again.unwrap();
        assert!(!again.is_new);
        assert_eq!(again.secret.expose_secret(), begun.secret.expose_secret());
        test.engine
            .finish_enrolment(
                Some(again.handle.text.expose_secret()),
                &test.totp(begun.otpauth_uri.expose_secret()),
                "",
                None,
                &origin(),
            )
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_enrolment_expires_with_its_link_and_leaves_nothing_half_done() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let pending = open(&test, &code).await.unwrap();
    let handle = pending.handle.text;
    test.wait(24 * 3600);
    let late = test
        .engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(pending.otpauth_uri.expose_secret()),
            "",
            None,
            &origin(),
        )
        .await;
    assert!(matches!(
        late,
        Err(Error::Refused(Refusal::CeremonyExpired))
    ));
    let user = test.user("grace@example.com").await;
    assert_eq!((user.status, user.devices), (UserStatus::Invited, 0));
}

#[tokio::test]
async fn r5_a_link_of_a_disabled_user_is_invalid_and_a_new_link_replaces_the_old() {
    let test = TestEngine::new().await;
    let old = invitation(&test, "grace@example.com").await;
    let user = test.user("grace@example.com").await;
    test.engine
        .invite_user(&OPERATOR, user.id, false, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    assert!(open(&test, &old).await.is_none());

    let link = test
        .engine
        .invite_user(&OPERATOR, user.id, false, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    test.disable(user.id).await;
    assert!(open(&test, link.code.expose_secret()).await.is_none());
}

#[tokio::test]
async fn audit_14_a_link_stays_invalid_when_its_user_is_enabled_again() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let user = test.user("grace@example.com").await;
    test.disable(user.id).await;
    test.enable(user.id).await;
    assert!(open(&test, &code).await.is_none());
}

#[tokio::test]
async fn audit_1_enrolment_codes_are_counted_before_they_are_checked() {
    let test = TestEngine::on_disk().await;
    let code = invitation(&test, "grace@example.com").await;
    let pending = open(&test, &code).await.unwrap();
    let handle = pending.handle.text.expose_secret().to_owned();
    let guesses: Vec<_> = (0..100)
        .map(|_| {
            let (engine, handle) = (test.engine.clone(), handle.clone());
            tokio::spawn(async move {
                engine
                    .finish_enrolment(Some(&handle), "000000", "", None, &origin())
                    .await
            })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(Error::Refused(Refusal::WrongCode)) => looked_at += 1,
            Err(Error::Throttled { .. }) => {}
            response => panic!("{response:?}"),
        }
    }
    assert!(looked_at <= 5, "{looked_at} codes were looked at");
}

#[tokio::test]
async fn an_invitation_issued_for_a_user_does_not_enrol_an_administrator() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let user = test.user("grace@example.com").await;
    test.set_role(user.id, Role::Admin).await;
    assert!(open(&test, &code).await.is_none());
}
