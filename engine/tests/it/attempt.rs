//! How often codes are looked at, and who is told.

use crate::test_engine::{TestEngine, cookie, from, is_refused, origin};
use latchkey_domain::{access::permission::Administrator, pagination::ListQuery};
use latchkey_engine::{Error, Refusal};

#[tokio::test]
async fn r29_aliases_of_an_email_address_share_one_attempt_counter() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    for email in [
        "ada@example.com",
        "ADA@example.com",
        " ada@example.com",
        "Ada@Example.Com",
        "ada@EXAMPLE.com",
    ] {
        assert!(is_refused(&test.register(email, "000000").await));
    }
    let sixth = test.register("aDa@example.com", "000000").await;
    assert!(matches!(sixth, Err(Error::Throttled { .. })));
}

#[tokio::test]
async fn known_and_unknown_users_are_throttled_alike() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    for email in ["ada@example.com", "nobody@example.com", "not an address"] {
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(match test.register(email, "000000").await {
                Err(Error::Refused(Refusal::InvalidCredentials)) => "refused",
                Err(Error::Throttled { .. }) => "throttled",
                _ => "something else",
            });
        }
        assert_eq!(
            answers,
            [
                "refused",
                "refused",
                "refused",
                "refused",
                "refused",
                "throttled"
            ],
            "{email}"
        );
    }
}

/// Types twenty wrong codes for Ada, each from another address and as soon as it may be.
async fn twenty_wrong_codes(test: &TestEngine) {
    for number in 0..20 {
        test.wait(61);
        let guess = test
            .engine
            .register_device(
                "ada@example.com",
                "000000",
                "",
                None,
                &from([198, 51, 100, number]),
            )
            .await;
        assert!(is_refused(&guess), "guess {number}");
    }
    test.wait(61);
}

#[tokio::test]
async fn audit_1_parallel_guesses_are_limited_before_they_are_checked() {
    let test = TestEngine::on_disk().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let right = test.totp(&uri);
    // The right one comes last, so that it is looked at only if all of them are.
    let guesses: Vec<_> = (0..400)
        .map(|number| {
            let engine = test.engine.clone();
            let code = match number {
                399 => right.clone(),
                _ => format!("{number:06}"),
            };
            // Two addresses for one account, and many networks.
            let email = ["ada@example.com", "ADA@example.com"][number % 2];
            let origin = from([198, 51, u8::try_from(number % 200).unwrap(), 1]);
            tokio::spawn(async move {
                engine
                    .register_device(email, &code, "", None, &origin)
                    .await
            })
        })
        .collect();
    let (mut looked_at, mut refused_before) = (0, 0);
    for guess in guesses {
        match guess.await.unwrap() {
            Err(Error::Throttled { .. }) => refused_before += 1,
            answer if is_refused(&answer) => looked_at += 1,
            answer => panic!("{answer:?}"),
        }
    }
    // Four are free, the fifth brings the first delay.
    assert!(looked_at <= 5, "{looked_at} codes were looked at");
    assert_eq!(looked_at + refused_before, 400);
}

#[tokio::test]
async fn audit_1_concurrent_attempts_wait_for_each_other() {
    let test = TestEngine::on_disk().await;
    test.provisioned("ada@example.com").await;
    let meeting: Vec<_> = (0..4)
        .map(|_| {
            let engine = test.engine.clone();
            tokio::spawn(async move {
                engine
                    .register_device("ada@example.com", "000000", "", None, &origin())
                    .await
            })
        })
        .collect();
    for attempt in meeting {
        let answer = attempt.await.unwrap();
        assert!(is_refused(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn must_survive_3_r26_at_most_twenty_codes_are_checked_a_day() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    twenty_wrong_codes(&test).await;
    for hours in [0, 1, 10, 12] {
        test.wait(hours * 3600);
        let right = test.register("ada@example.com", &test.totp(&uri)).await;
        assert!(
            matches!(right, Err(Error::Throttled { wait }) if wait.as_secs() < 86_400),
            "{right:?}"
        );
    }
    // It ends by itself.
    test.wait(3600);
    let right = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(right.is_ok(), "{right:?}");
}

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
    test.engine
        .sign_out(&out.current_user, &origin())
        .await
        .unwrap();
    twenty_wrong_codes(&test).await;
    assert!(matches!(register(None).await, Err(Error::Throttled { .. })));
    for signed_in in [&ada, &out] {
        let found = test
            .engine
            .authenticate(Some(cookie(signed_in)), None)
            .await
            .unwrap();
        let again = register(found.browser).await.unwrap();
        assert_eq!(
            again.current_user.device_id,
            signed_in.current_user.device_id
        );
        assert!(!again.is_new_device);
    }
    // Somebody else's device is no key to this account, and a revoked one none to any.
    let eve = test.registered("eve@example.com").await;
    let foreign = register(Some((&eve.current_user).into())).await;
    assert!(matches!(foreign, Err(Error::Throttled { .. })));
}

#[tokio::test]
async fn audit_2_a_known_browser_has_the_same_limit_as_an_unknown_one() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let ada = test
        .register("ada@example.com", &test.totp(&uri))
        .await
        .unwrap();
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
    let ada = test
        .register("ada@example.com", &test.totp(&uri))
        .await
        .unwrap();
    assert_eq!(
        test.engine.my_wrong_codes(&ada.current_user).await.unwrap(),
        None
    );
    twenty_wrong_codes(&test).await;
    let told = test
        .engine
        .my_wrong_codes(&ada.current_user)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(told.count, 20);
    assert!(told.paused_until.is_some());
    let of_admin = test
        .engine
        .wrong_codes_of(&Administrator::Operator, &ada.current_user.email)
        .await
        .unwrap();
    assert_eq!(of_admin, Some(told));
    let found = |search: &str, filter: &str| ListQuery {
        search: search.to_owned(),
        filter: filter.to_owned(),
        ..ListQuery::default()
    };
    let query = found("ada@example.com", "totp.paused");
    let paused = test
        .engine
        .list_events(&Administrator::Operator, &query)
        .await
        .unwrap();
    assert_eq!(paused.total, 1);
    let mine = test
        .engine
        .my_events(&ada.current_user, &found("", "totp"))
        .await
        .unwrap();
    assert!(mine.items.iter().any(|event| event.action == "totp.paused"));

    test.engine
        .lift_code_pause(&Administrator::Operator, id, &origin())
        .await
        .unwrap();
    assert!(
        test.register("ada@example.com", &test.totp(&uri))
            .await
            .is_ok()
    );
    let lifted = test
        .engine
        .list_events(
            &Administrator::Operator,
            &found("ada@example.com", "totp.resumed"),
        )
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
async fn audit_11_a_wrong_code_writes_the_same_for_known_and_unknown_users() {
    let test = TestEngine::on_disk().await;
    test.provisioned("ada@example.com").await;
    let written = async |email: &str| {
        let mut steps = Vec::new();
        for number in 0..20 {
            test.wait(61);
            let before = test.entries().await;
            let guesser = from([198, 51, 100, number]);
            let guess = test
                .engine
                .register_device(email, "000000", "", None, &guesser)
                .await;
            assert!(is_refused(&guess));
            steps.push(test.entries().await - before);
        }
        steps
    };
    let known = written("ada@example.com").await;
    assert_eq!(known, written("nobody@example.com").await);
    assert_eq!(known, vec![1; 20]);
}

#[tokio::test]
async fn audit_11_an_exhausted_refusal_counter_does_not_reveal_users() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    for number in 0..10 {
        let email = format!("nobody{number}@example.com");
        assert!(is_refused(&test.register(&email, "000000").await));
    }
    let mut written = Vec::new();
    for email in ["nobody@example.com", "ada@example.com"] {
        let before = test.entries().await;
        assert!(is_refused(&test.register(email, "000000").await));
        written.push(test.entries().await - before);
    }
    assert_eq!(written, [0, 0]);
}

#[tokio::test]
async fn must_survive_29_a_clock_set_back_leaves_at_most_a_minute_of_delay() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    for _ in 0..5 {
        assert!(is_refused(
            &test.register("ada@example.com", "000000").await
        ));
    }
    test.wait(-3600);
    let right = test.register("ada@example.com", &test.totp(&uri)).await;
    assert!(right.is_ok(), "{right:?}");
}

#[tokio::test]
async fn audit_1_a_correct_code_does_not_reset_the_wrong_codes_of_others() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let mut looked_at = 0;
    for round in 0..4 {
        for number in 0..10 {
            test.wait(61);
            let guesser = from([198, 51, round, number]);
            let guess = test
                .engine
                .register_device("ada@example.com", "000000", "", None, &guesser)
                .await;
            looked_at += u32::from(is_refused(&guess));
        }
        test.wait(61);
        let _own = test.register("ada@example.com", &test.totp(&uri)).await;
    }
    assert_eq!(looked_at, 20);
}

#[tokio::test]
async fn audit_2_an_administrator_also_lifts_the_pause_of_known_devices() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test
        .register("ada@example.com", &test.totp(&uri))
        .await
        .unwrap();
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
        .lift_code_pause(&Administrator::Operator, id, &origin())
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
        // It has begun, and nobody waits for it.
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
    let paused = test
        .engine
        .list_events(&Administrator::Operator, &query)
        .await
        .unwrap();
    assert_eq!(paused.total, 1);
}
