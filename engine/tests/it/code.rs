//! Registering a device with a code.

use crate::test_engine::{TestEngine, is_refused, origin};
use latchkey_engine::Error;

#[tokio::test]
async fn must_survive_1_one_code_used_fifty_times_in_parallel_registers_one_device() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let code = test.totp(&uri);
    let tries: Vec<_> = (0..50)
        .map(|_| {
            let (engine, code) = (test.engine.clone(), code.clone());
            tokio::spawn(async move {
                engine
                    .register_device("ada@example.com", &code, "", None, &origin())
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
}

#[tokio::test]
async fn must_survive_2_an_older_code_after_a_newer_one_is_rejected() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let older = test.totp(&uri);
    test.wait(30);
    let newer = test.totp(&uri);
    assert!(test.register("ada@example.com", &newer).await.is_ok());
    // Still within the window of one step, but behind the last one accepted.
    assert!(is_refused(&test.register("ada@example.com", &older).await));
    assert!(is_refused(&test.register("ada@example.com", &newer).await));
}

#[tokio::test]
async fn field_7_a_code_is_accepted_with_the_separators_that_apps_show() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    for spell in [
        |code: &str| format!("{} {}", &code[..3], &code[3..]),
        |code: &str| format!(" {}\u{a0}{} ", &code[..3], &code[3..]),
        |code: &str| format!("{}-{}", &code[..3], &code[3..]),
    ] {
        let spelled = spell(&test.totp(&uri));
        assert!(
            test.register("ada@example.com", &spelled).await.is_ok(),
            "{spelled:?}"
        );
        test.wait(30);
    }
}

#[tokio::test]
async fn r29_spaces_and_email_aliases_do_not_allow_reuse_of_a_code() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let code = test.totp(&uri);
    assert!(test.register("ada@example.com", &code).await.is_ok());
    for spelled in [
        format!(" {code}"),
        format!("{code} "),
        format!("{} {}", &code[..3], &code[3..]),
    ] {
        assert!(is_refused(
            &test.register("ada@example.com", &spelled).await
        ));
    }
    assert!(test.register("ADA@example.com", &code).await.is_err());
}

#[tokio::test]
async fn r39_a_browser_with_a_revoked_device_can_register_again() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    test.revoke(first.current_user.device_id).await;
    assert!(!test.knows(&first).await);
    test.wait(30);
    let again = test
        .register_on(
            "ada@example.com",
            &test.totp(&uri),
            Some((&first.current_user).into()),
        )
        .await
        .unwrap();
    assert!(again.is_new_device);
}

#[tokio::test]
async fn a_new_proof_on_a_device_ends_copies_of_its_old_cookie() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    test.wait(30);
    let second = test
        .register_on(
            "ada@example.com",
            &test.totp(&uri),
            Some((&first.current_user).into()),
        )
        .await
        .unwrap();
    assert!(!second.is_new_device);
    assert_eq!(first.current_user.device_id, second.current_user.device_id);
    assert!(!test.knows(&first).await);
    assert!(test.knows(&second).await);
}

#[tokio::test]
async fn r40_a_long_device_name_is_rejected_and_the_code_stays_valid() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let code = test.totp(&uri);
    let long = test
        .engine
        .register_device("ada@example.com", &code, &"x".repeat(5000), None, &origin())
        .await;
    assert!(matches!(
        long,
        Err(Error::BadInput {
            field: "device_name",
            ..
        })
    ));
    assert!(
        test.engine
            .register_device("ada@example.com", &code, "Laptop", None, &origin())
            .await
            .is_ok()
    );
}
