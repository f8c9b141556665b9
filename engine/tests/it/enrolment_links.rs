//! Enrolment links as administrators see them, and their revocation.

use crate::{
    enrolment::{invitation, open},
    test_engine::{OPERATOR, TestEngine, new_user, origin},
};
use latchkey_domain::{id::UserId, pagination::ListQuery};
use latchkey_engine::{Error, MailContent, Refusal};
use time::Duration;

async fn with_open_link(test: &TestEngine) -> Vec<String> {
    let query = ListQuery {
        filter: "open_link".to_owned(),
        ..ListQuery::default()
    };
    let users = test.engine.list_users(&OPERATOR, &query).await.unwrap();
    let addresses = users.items.iter().map(|user| user.email.to_string());
    addresses.collect()
}

async fn revoke(test: &TestEngine, user: UserId) {
    test.engine
        .revoke_enrolment_link(&OPERATOR, user, &origin())
        .await
        .unwrap();
}

#[tokio::test]
async fn r5_a_revoked_link_opens_nothing_and_an_enrolment_that_was_begun_with_it_is_refused() {
    let test = TestEngine::new().await;
    let code = invitation(&test, "grace@example.com").await;
    let begun = open(&test, &code).await.unwrap();
    let user = test.user("grace@example.com").await;
    revoke(&test, user.id).await;
    assert!(open(&test, &code).await.is_none());
    let handle = begun.handle.text;
    let finished = test
        .engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(begun.otpauth_uri.expose_secret()),
            "Laptop",
            None,
            &origin(),
        )
        .await;
    assert!(matches!(
        finished,
        Err(Error::Refused(Refusal::LinkNotValid))
    ));
    assert_eq!(test.user("grace@example.com").await.devices, 0);
}

#[tokio::test]
async fn users_with_a_link_that_can_be_used_are_listed_until_it_ends() {
    let test = TestEngine::new().await;
    let begins = test.engine.now();
    for email in ["ada@example.com", "bob@example.com", "grace@example.com"] {
        invitation(&test, email).await;
    }
    test.registered("eve@example.com").await;
    let ada = test.user("ada@example.com").await;
    let until = ada.enrolment_link_expires_at.unwrap();
    assert_eq!((until - begins).whole_hours(), Duration::DAY.whole_hours());
    let all = ["ada@example.com", "bob@example.com", "grace@example.com"];
    assert_eq!(with_open_link(&test).await, all);

    revoke(&test, ada.id).await;
    test.disable(test.user("bob@example.com").await.id).await;
    assert_eq!(with_open_link(&test).await, ["grace@example.com"]);
    assert!(
        test.user("ada@example.com")
            .await
            .enrolment_link_expires_at
            .is_none()
    );
    test.wait(24 * 60 * 60);
    assert!(with_open_link(&test).await.is_empty(), "it has ended");
}

#[tokio::test]
async fn revoking_a_link_that_there_is_not_changes_and_records_nothing() {
    let test = TestEngine::new().await;
    invitation(&test, "grace@example.com").await;
    let user = test.user("grace@example.com").await;
    revoke(&test, user.id).await;
    revoke(&test, user.id).await;
    let query = ListQuery {
        filter: "user.link_revoked".to_owned(),
        ..ListQuery::default()
    };
    let entries = test.engine.list_events(&OPERATOR, &query).await.unwrap();
    assert_eq!(entries.total, 1);
}

#[tokio::test]
async fn a_mail_with_a_link_that_was_replaced_or_revoked_is_not_sent() {
    let test = TestEngine::with(|settings| settings.sends_mail = true).await;
    let added = (test.engine)
        .add_user(&OPERATOR, new_user("bob@example.com"), &origin())
        .await
        .unwrap();
    let id = added.made().0.id;
    added.commit_by_mail(id, |(_, code)| code).await.unwrap();
    let newer = test
        .engine
        .invite_user(&OPERATOR, id, false, &origin())
        .await;
    newer
        .unwrap()
        .commit_by_mail(id, |code| code)
        .await
        .unwrap();

    let mail = test.engine.take_due_mail().await.unwrap().unwrap();
    let MailContent::EnrolmentLink { code, .. } = &mail.content else {
        panic!("{mail:?}");
    };
    assert!(
        open(&test, code.expose_secret()).await.is_some(),
        "the newer"
    );
    assert!(test.engine.take_due_mail().await.unwrap().is_none());

    revoke(&test, id).await;
    test.wait(600);
    assert!(test.engine.take_due_mail().await.unwrap().is_none());
}
