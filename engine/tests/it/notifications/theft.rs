//! What users are told when somebody else may have a passkey or a code of theirs.

use super::{delivered, sending, told};
use crate::{
    passkey::{self, with_passkey},
    test_engine::{OPERATOR, origin},
};
use latchkey_domain::{
    access::permission::Denial, notification::NotificationKind as Kind, pagination::ListQuery,
};
use latchkey_engine::{Error, Refusal};

#[tokio::test]
async fn must_survive_12_audit_43_a_copied_passkey_is_refused_and_its_user_is_told_once_a_day() {
    let test = sending().await;
    let (ada, registered, mut authenticator) = passkey::ada(&test).await;
    let user = &ada.current_user;
    let copies = async || {
        let found = told(&test, user).await;
        let copied = found
            .into_iter()
            .filter(|one| one.kind == Kind::PasskeyCopied);
        copied.map(|one| one.subject).collect::<Vec<_>>()
    };
    let mut sign =
        async || passkey::used(&test.engine, &ada, &registered, &mut authenticator).await;
    // What an authenticator signs later has a higher counter; the copy has not seen it.
    let (early, late) = (sign().await, sign().await);
    let (handle, assertion) = late;
    passkey::sign_in(&test, &handle, &assertion).await.unwrap();
    delivered(&test).await;
    let (handle, assertion) = early;
    // Whoever wants to hide it makes other refusals first.
    let origin = origin();
    for _ in 0..60 {
        let wrong = (test.engine).finish_passkey_login(Some("none"), &assertion, None, &origin);
        wrong.await.unwrap_err();
    }
    let refused = passkey::sign_in(&test, &handle, &assertion).await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::PasskeyNotAccepted))),
        "{refused:?}"
    );
    assert_eq!(copies().await.len(), 1);
    assert_eq!(delivered(&test).await.len(), 1);
    let log = test
        .engine
        .list_events(&OPERATOR, &ListQuery::default())
        .await;
    let entry = log.unwrap().items.swap_remove(0);
    assert_eq!(entry.detail, "signature counter went back");
    assert_eq!(entry.target_name, "ada@example.com");
}

#[tokio::test]
async fn must_survive_13_a_device_registered_by_code_beside_a_passkey_adds_none_and_its_user_is_told()
 {
    let test = sending().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let laptop = test.sign_in("ada@example.com", &uri).await;
    let (laptop, ..) = with_passkey(&test, &laptop).await;
    delivered(&test).await;
    test.wait(30);
    let thief = test.sign_in("ada@example.com", &uri).await;
    let refused = thief.current_user.may_add_passkey(test.engine.now());
    assert_eq!(refused.err(), Some(Denial::StepUp));
    let told = told(&test, &laptop.current_user).await;
    assert_eq!((told[0].kind, told[0].is_read), (Kind::DeviceAdded, false));
    assert_eq!(delivered(&test).await.len(), 1);
}
