//! Secrets that are shown once: nothing is committed before they are.

use crate::test_engine::{OPERATOR, TestEngine, new_user, origin};
use latchkey_domain::pagination::ListQuery;
use latchkey_engine::{Error, NewService};

#[tokio::test]
async fn field_9_a_secret_that_could_not_be_shown_is_not_committed() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let ada = test.registered("ada@example.com").await;
    let (old, nobody) = (test.service("photos").await, origin());
    test.grant("ada@example.com", "photos", "").await;
    let grace = new_user("grace@example.com");
    let events = async || {
        let query = ListQuery::default().bounded();
        engine.list_events(&OPERATOR, &query).await.unwrap().total
    };
    let before = events().await;

    drop(
        engine
            .add_service(&OPERATOR, "wiki", NewService::default(), &nobody)
            .await
            .unwrap(),
    );
    drop(
        engine
            .add_user(&OPERATOR, grace.clone(), &nobody)
            .await
            .unwrap(),
    );
    drop(
        engine
            .add_user_with_totp(&OPERATOR, grace, &nobody)
            .await
            .unwrap(),
    );
    let rotated = engine
        .rotate_service_token(&OPERATOR, "photos", time::Duration::ZERO, &nobody)
        .await
        .unwrap();
    let new = rotated.made().expose_secret().to_owned();
    drop(rotated);
    let invited = engine
        .invite_user(&OPERATOR, ada.current_user.user_id, true, &nobody)
        .await
        .unwrap();
    let code = invited.made().code.expose_secret().to_owned();
    drop(invited);

    let wiki = engine.service(&OPERATOR, "wiki").await;
    assert!(matches!(wiki, Err(Error::NotFound(_))));
    let grace = engine.user_by_email(&OPERATOR, "grace@example.com").await;
    assert!(matches!(grace, Err(Error::NotFound(_))));
    assert!(engine.begin_enrolment(&code, &[]).await.unwrap().is_none());
    for (token, expected) in [(old, "granted"), (new, "unknown")] {
        assert_eq!(
            crate::verify::ask(&test, "photos", &token, &ada).await,
            expected
        );
    }
    assert_eq!(events().await, before);
}

#[tokio::test]
async fn field_9_a_setup_link_that_could_not_be_shown_does_not_replace_the_previous_one() {
    let test = TestEngine::new().await;
    let made = test.engine.setup_code().await.unwrap().unwrap();
    let link = made.commit().await.unwrap();
    drop(test.engine.setup_code().await.unwrap());
    let code = link.code.expose_secret();
    assert!(test.engine.is_setup_open(code).await.unwrap());
}
