//! Mails that were not sent yet.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::{access::permission::Operator, identity::user::Role, mail::SendFailure};
use latchkey_engine::RequestOrigin;

#[tokio::test]
async fn mails_that_were_given_up_are_listed_tried_again_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("file://{}", dir.path().display());
    let sender = ("mail.from", "Latchkey <latchkey@example.com>");
    let test = TestApp::with(&[("mail.url", &url), sender]).await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    // Who is told of their new role.
    let ada = test.user("ada@example.com", Role::Member).await;
    let (id, origin) = (ada.id, RequestOrigin::default());
    let changed = (test.engine).set_role(&Operator, id, Role::Auditor, &origin);
    changed.await.unwrap();
    let due = test.engine.take_due_mail().await.unwrap().unwrap();
    let failed = test
        .engine
        .mail_failed(&due, SendFailure::Permanent, "550 no such user")
        .await;
    assert_eq!(failed.unwrap(), None);

    let mails = program.call("GET", "/api/v1/mails", None).await.json();
    let mail = &mails["items"][0];
    assert_eq!(
        (&mail["email"], &mail["state"], &mail["last_error"]),
        (
            &"ada@example.com".into(),
            &"failed".into(),
            &"550 no such user".into()
        )
    );
    let mail = format!("/api/v1/mails/{}", mail["id"].as_str().unwrap());
    let retries = format!("{mail}/retries");
    let reader = Program::add(&test, "Reader", "latchkey:audit:read").await;
    assert_eq!(reader.call("POST", &retries, None).await.status, 403);
    assert_eq!(program.call("POST", &retries, None).await.status, 204);
    assert_eq!(program.call("POST", &retries, None).await.status, 404);
    let mails = program.call("GET", "/api/v1/mails", None).await.json();
    assert_eq!(mails["items"][0]["state"], "waiting");
    assert_eq!(program.call("DELETE", &mail, None).await.status, 204);
    assert_eq!(program.call("DELETE", &mail, None).await.status, 404);
}
