//! The lockout after too many wrong codes: for whom it counts, who is told, and who lifts it.

use crate::{
    attempt::twenty_wrong_codes,
    passkey,
    test_engine::{OPERATOR, TestEngine, cookie, from, is_refused, origin},
};
use latchkey_domain::{audit::filter::EventFilter, pagination::ListQuery};
use latchkey_engine::Error;

#[tokio::test]
async fn must_survive_4_audit_2_guesses_of_others_do_not_lock_out_known_browsers() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let register = async |browser| {
        test.wait(30);
        test.engine
            .register_device("ada@example.com", &test.totp(&uri), "", browser, &origin())
            .await
    };
    let ada = register(None).await.unwrap();
    let out = register(None).await.unwrap();
    let cookie_of_signed_out = test
        .engine
        .sign_out(&out.current_user, &origin())
        .await
        .unwrap()
        .unwrap();
    twenty_wrong_codes(&test).await;
    assert!(matches!(register(None).await, Err(Error::Throttled { .. })));
    let kept = cookie_of_signed_out.value.expose_secret();
    for (signed_in, cookie) in [(&ada, cookie(&ada)), (&out, kept)] {
        let found = test.engine.authenticate(Some(cookie), None).await.unwrap();
        let again = register(found.browser).await.unwrap();
        assert_eq!(
            again.current_user.device_id,
            signed_in.current_user.device_id
        );
        assert!(!again.is_new_device);
    }
    // The device of another user does not count as known, nor does a revoked one.
    let eve = test.registered("eve@example.com").await;
    let foreign = register(Some((&eve.current_user).into())).await;
    assert!(matches!(foreign, Err(Error::Throttled { .. })));
}

#[tokio::test]
async fn must_survive_4_a_passkey_signs_in_while_codes_are_locked_by_others() {
    let test = TestEngine::new().await;
    let (ada, registered, mut authenticator) = passkey::ada(&test).await;
    twenty_wrong_codes(&test).await;
    let (handle, assertion) =
        passkey::used(&test.engine, &ada, &registered, &mut authenticator).await;
    // In a browser that nobody knows.
    let signed_in = passkey::sign_in(&test, &handle, &assertion).await.unwrap();
    assert!(signed_in.is_new_device && !signed_in.current_user.limit.is_limited());
}

#[tokio::test]
async fn audit_38_the_signed_out_device_of_a_disabled_user_is_not_recognised() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let (engine, user) = (&test.engine, &ada.current_user);
    let kept = engine.sign_out(user, &origin()).await.unwrap().unwrap();
    let is_known = async || {
        let cookie = Some(kept.value.expose_secret());
        let found = engine.authenticate(cookie, None).await.unwrap();
        found.browser.is_some()
    };
    assert!(is_known().await);
    let id = user.user_id;
    engine.disable_user(&OPERATOR, id, &origin()).await.unwrap();
    assert!(!is_known().await);
}

#[tokio::test]
async fn audit_2_a_known_browser_has_the_same_limit_as_an_unknown_one() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let guess = || async {
        test.wait(61);
        let browser = Some((&ada.current_user).into());
        test.engine
            .register_device("ada@example.com", "000000", "", browser, &origin())
            .await
    };
    for _ in 0..20 {
        assert!(is_refused(&guess().await));
    }
    assert!(matches!(guess().await, Err(Error::Throttled { .. })));
}

#[tokio::test]
async fn audit_2_a_pause_is_shown_to_the_user_and_administrators_who_can_lift_it() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    assert_eq!(
        test.engine.my_wrong_codes(&ada.current_user).await.unwrap(),
        None
    );
    twenty_wrong_codes(&test).await;
    let shown = test
        .engine
        .my_wrong_codes(&ada.current_user)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(shown.count, 20);
    assert!(shown.locked_out_until.is_some());
    let of_admin = test
        .engine
        .wrong_codes_of(&OPERATOR, &ada.current_user.email)
        .await
        .unwrap();
    assert_eq!(of_admin, Some(shown));
    let found = |search: &str, filter: &str| ListQuery {
        search: search.to_owned(),
        filter: filter.to_owned(),
        ..ListQuery::default()
    };
    let query = found("ada@example.com", "totp.paused");
    let paused = test.engine.list_events(&OPERATOR, &query).await.unwrap();
    assert_eq!(paused.total, 1);
    let mine = test
        .engine
        .my_events(
            &ada.current_user,
            &EventFilter::default(),
            &found("", "totp"),
        )
        .await
        .unwrap();
    assert!(mine.items.iter().any(|event| event.action == "totp.paused"));

    test.engine
        .lift_code_lockout(&OPERATOR, id, &origin())
        .await
        .unwrap();
    assert!(
        test.register("ada@example.com", &test.totp(&uri))
            .await
            .is_ok()
    );
    let lifted = test
        .engine
        .list_events(&OPERATOR, &found("ada@example.com", "totp.resumed"))
        .await
        .unwrap();
    assert_eq!(lifted.total, 1);
}

#[tokio::test]
async fn audit_2_wrong_codes_count_against_their_network_too() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let guess = |number: u8| {
        let email = format!("person{number}@example.com");
        let engine = test.engine.clone();
        async move {
            let origin = from([198, 51, 100, 7]);
            engine
                .register_device(&email, "000000", "", None, &origin)
                .await
        }
    };
    for number in 0..21 {
        assert!(is_refused(&guess(number).await), "guess {number}");
    }
    assert!(matches!(guess(21).await, Err(Error::Throttled { .. })));
    assert!(
        test.register("ada@example.com", &test.totp(&uri))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn audit_2_an_administrator_also_lifts_the_pause_of_known_devices() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let browser = Some((&ada.current_user).into());
    let register = async |code: &str| {
        test.wait(61);
        test.engine
            .register_device("ada@example.com", code, "", browser, &origin())
            .await
    };
    for _ in 0..20 {
        assert!(is_refused(&register("000000").await));
    }
    assert!(matches!(
        register("000000").await,
        Err(Error::Throttled { .. })
    ));
    test.engine
        .lift_code_lockout(&OPERATOR, id, &origin())
        .await
        .unwrap();
    let right = test
        .engine
        .register_device("ada@example.com", &test.totp(&uri), "", browser, &origin())
        .await;
    assert!(right.is_ok(), "{right:?}");
}

#[tokio::test]
async fn audit_2_one_network_cannot_exhaust_the_limit_of_a_user() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let mut looked_at = 0;
    for _ in 0..40 {
        test.wait(61);
        looked_at += u32::from(is_refused(
            &test.register("ada@example.com", "000000").await,
        ));
    }
    assert_eq!(looked_at, 10);
    let elsewhere = from([198, 51, 100, 7]);
    let right = test
        .engine
        .register_device("ada@example.com", &test.totp(&uri), "", None, &elsewhere)
        .await;
    assert!(right.is_ok(), "{right:?}");
}

#[tokio::test]
async fn audit_20_an_administrator_also_lifts_the_pause_of_a_network() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    for _ in 0..10 {
        test.wait(61);
        let guess = test.register("ada@example.com", "000000").await;
        assert!(is_refused(&guess));
    }
    test.wait(61);
    let right = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(matches!(right, Err(Error::Throttled { .. })));
    let shown = test.engine.my_wrong_codes(&ada.current_user).await.unwrap();
    let shown = shown.unwrap();
    assert_eq!((shown.count, shown.locked_out_networks), (10, 1));
    assert_eq!(shown.locked_out_until, None);
    test.engine
        .lift_code_lockout(&OPERATOR, id, &origin())
        .await
        .unwrap();
    let shown = test.engine.my_wrong_codes(&ada.current_user).await;
    assert_eq!(shown.unwrap(), None);
    let right = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(right.is_ok(), "{right:?}");
}

#[tokio::test]
async fn audit_2_an_aborted_attempt_is_logged_like_a_completed_one() {
    let test = TestEngine::on_disk().await;
    test.provisioned("ada@example.com").await;
    let before = test.entries().await;
    for number in 0..20 {
        test.wait(61);
        let guesser = from([198, 51, 100, number]);
        let mut guess =
            Box::pin(
                test.engine
                    .register_device("ada@example.com", "000000", "", None, &guesser),
            );
        // It has begun, and its future is dropped.
        assert!(futures_util::poll!(&mut guess).is_pending());
        drop(guess);
        while test.entries().await - before <= u64::from(number) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    let query = ListQuery {
        filter: "totp.paused".to_owned(),
        ..ListQuery::default()
    };
    let paused = test.engine.list_events(&OPERATOR, &query).await.unwrap();
    assert_eq!(paused.total, 1);
}

#[tokio::test]
async fn wrong_codes_count_for_a_day_and_maintenance_does_not_forget_them_sooner() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let guess = test.register("ada@example.com", "000000").await;
    assert!(is_refused(&guess));
    for (seconds, expected) in [(0, Some(1)), (24 * 60 * 60 - 1, Some(1)), (1, None)] {
        test.wait(seconds);
        test.engine.tidy().await;
        let shown = test.engine.my_wrong_codes(&ada.current_user).await;
        assert_eq!(shown.unwrap().map(|wrong| wrong.count), expected);
    }
}
