//! How often codes are checked, and who is notified.

use crate::test_engine::{TestEngine, from, is_refused, origin};
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
        let mut responses = Vec::new();
        for _ in 0..6 {
            responses.push(match test.register(email, "000000").await {
                Err(Error::Refused(Refusal::InvalidCredentials)) => "refused",
                Err(Error::Throttled { .. }) => "throttled",
                _ => "something else",
            });
        }
        assert_eq!(
            responses,
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

#[tokio::test]
async fn a_refused_attempt_says_how_long_to_wait() {
    let test = TestEngine::new().await;
    test.provisioned("ada@example.com").await;
    let guess = || test.register("ada@example.com", "000000");
    for _ in 0..4 {
        assert!(is_refused(&guess().await));
    }
    // The tenth is the last one of a network, for a day since the first.
    for seconds in [1, 2, 4, 8, 16, 24 * 60 * 60 - 31] {
        assert!(is_refused(&guess().await));
        let Err(Error::Throttled { wait }) = guess().await else {
            panic!("checked before {seconds} s were over");
        };
        assert_eq!(wait.as_secs(), seconds);
        test.wait(i64::try_from(seconds).unwrap());
    }
}

/// Types twenty wrong codes for Ada, each from another address and as soon as it may be.
pub(crate) async fn twenty_wrong_codes(test: &TestEngine) {
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
            response if is_refused(&response) => looked_at += 1,
            response => panic!("{response:?}"),
        }
    }
    // Four attempts are free; the fifth has the first delay.
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
        let response = attempt.await.unwrap();
        assert!(is_refused(&response), "{response:?}");
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
