//! What users are told, in the portal and by mail.

mod theft;

use crate::{
    attempt::twenty_wrong_codes,
    passkey::{change, with_passkey},
    test_engine::{OPERATOR, TestEngine, new_user, origin},
};
use latchkey_domain::{
    access::permission::{CurrentUser, Denial},
    id::{NotificationId, UserId},
    identity::user::Role,
    mail::{MailState, SendFailure},
    notification::{LIFETIME, NotificationKind as Kind, NotificationView},
    pagination::ListQuery,
};
use latchkey_engine::{DueMail, Error, MailContent, Noun, SignedIn};

async fn sending() -> TestEngine {
    TestEngine::with(|settings| settings.sends_mail = true).await
}

async fn told(test: &TestEngine, user: &CurrentUser) -> Vec<NotificationView> {
    let query = ListQuery::default();
    let all = test.engine.my_notifications(user, &query).await;
    all.unwrap().items
}

fn kinds(notifications: &[NotificationView]) -> Vec<(Kind, &str)> {
    notifications
        .iter()
        .map(|one| (one.kind, one.subject.as_str()))
        .collect()
}

/// A new enrolment link, of which its user is told.
async fn invited(test: &TestEngine, user: UserId) {
    let invited = test
        .engine
        .invite_user(&OPERATOR, user, false, &origin())
        .await;
    invited.unwrap().commit().await.unwrap();
}

/// A user who is told something.
async fn told_user(test: &TestEngine, email: &str) -> UserId {
    let user = test.registered(email).await.current_user.user_id;
    invited(test, user).await;
    user
}

async fn due(test: &TestEngine) -> Option<DueMail> {
    test.engine.take_due_mail().await.unwrap()
}

/// All mails that are due, sent.
async fn delivered(test: &TestEngine) -> Vec<DueMail> {
    let mut mails = Vec::new();
    while let Some(mail) = due(test).await {
        test.engine.mail_sent(&mail).await.unwrap();
        mails.push(mail);
    }
    mails
}

#[tokio::test]
async fn a_user_is_told_of_what_can_sign_in_as_them_and_nobody_else_is() {
    let test = TestEngine::new().await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let first = test.sign_in("ada@example.com", &uri).await;
    let user = &first.current_user;
    // That with which the account began is no news.
    assert_eq!(kinds(&told(&test, user).await), []);
    test.wait(60);
    let second = test.sign_in("ada@example.com", &uri).await;
    assert_ne!(first.current_user.device_id, second.current_user.device_id);
    with_passkey(&test, &first).await;
    let found = told(&test, user).await;
    let found = kinds(&found);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found.iter().any(|(kind, _)| *kind == Kind::DeviceAdded)
            && found
                .iter()
                .any(|(kind, name)| *kind == Kind::PasskeyAdded && !name.is_empty()),
        "{found:?}"
    );
    test.wait(60);
    test.set_role(id, Role::Admin).await;
    let newest = &told(&test, user).await[0];
    assert_eq!(
        (newest.kind, newest.subject.as_str()),
        (Kind::RoleChanged, "admin")
    );
    let eve = test.registered("eve@example.com").await;
    assert_eq!(kinds(&told(&test, &eve.current_user).await), []);
}

#[tokio::test]
async fn a_user_reads_their_own_notifications_and_no_others() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let (id, uri) = test.provisioned("ada@example.com").await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let eve = test.registered("eve@example.com").await;
    invited(&test, id).await;
    test.wait(60);
    let phone = test.sign_in("ada@example.com", &uri).await;
    let unread = async |signed_in: &SignedIn| {
        let unread = engine.count_unread_notifications(&signed_in.current_user);
        unread.await.unwrap()
    };
    // A device is no news on that device.
    assert_eq!((unread(&ada).await, unread(&phone).await), (2, 1));
    let user = &ada.current_user;
    let read = told(&test, &phone.current_user).await;
    let read: Vec<_> = read.iter().map(|one| (one.kind, one.is_read)).collect();
    assert_eq!(
        read,
        [(Kind::DeviceAdded, true), (Kind::EnrolmentLinkMade, false)]
    );
    let one = told(&test, user).await[0].id;
    let of_eve = change(&test, &eve).await;
    let nobody = NotificationId::from_uuid(uuid::Uuid::nil());
    for id in [Some(one), Some(nobody), None] {
        engine.mark_notifications_read(&of_eve, id).await.unwrap();
    }
    assert_eq!(unread(&ada).await, 2);
    let proof = change(&test, &ada).await;
    let read = engine.mark_notifications_read(&proof, Some(one));
    read.await.unwrap();
    assert_eq!(unread(&ada).await, 1);
    assert_eq!(engine.my_unread_notifications(user).await.unwrap().len(), 1);
    engine.mark_notifications_read(&proof, None).await.unwrap();
    assert_eq!(unread(&ada).await, 0);
    assert_eq!(
        told(&test, user).await.len(),
        2,
        "what was read is still there"
    );
    test.wait(LIFETIME.whole_seconds() - 61);
    engine.tidy().await;
    assert_eq!(told(&test, user).await.len(), 2);
    test.wait(1);
    engine.tidy().await;
    assert_eq!(told(&test, user).await.len(), 1);
    test.wait(60);
    engine.tidy().await;
    assert_eq!(told(&test, user).await.len(), 0);
}

#[tokio::test]
async fn audit_43_wrong_codes_of_anybody_tell_their_user_once_a_day() {
    let test = sending().await;
    let ada = test.registered("ada@example.com").await;
    let user = ada.current_user.user_id;
    delivered(&test).await;
    twenty_wrong_codes(&test).await;
    let locked = async || {
        let found = told(&test, &ada.current_user).await;
        let locked = found.iter().filter(|one| one.kind == Kind::CodesLocked);
        locked.count()
    };
    assert_eq!(locked().await, 1);
    assert_eq!(delivered(&test).await.len(), 1);
    // An administrator lifts the lockout, and the guesses go on.
    let again = async || {
        let lifted = (test.engine)
            .lift_code_lockout(&OPERATOR, user, &origin())
            .await;
        lifted.unwrap();
        twenty_wrong_codes(&test).await;
    };
    again().await;
    assert_eq!(locked().await, 1);
    assert!(delivered(&test).await.is_empty());
    test.wait(24 * 3600);
    again().await;
    assert_eq!(locked().await, 2);
}

#[tokio::test]
async fn without_mail_none_is_written() {
    let test = TestEngine::new().await;
    told_user(&test, "ada@example.com").await;
    assert!(due(&test).await.is_none());
    let added = (test.engine)
        .add_user(&OPERATOR, new_user("bob@example.com"), &origin())
        .await
        .unwrap();
    let id = added.made().0.id;
    let refused = added.commit_by_mail(id, |(_, code)| code).await;
    assert!(
        matches!(refused, Err(Error::Conflict { .. })),
        "{refused:?}"
    );
    let missing = test
        .engine
        .user_by_email(&OPERATOR, "bob@example.com")
        .await;
    assert!(matches!(missing, Err(Error::NotFound(Noun::User))));
}

#[tokio::test]
async fn an_enrolment_link_goes_to_its_user_by_mail_and_to_nobody_else() {
    let test = sending().await;
    let added = (test.engine)
        .add_user(&OPERATOR, new_user("bob@example.com"), &origin())
        .await
        .unwrap();
    let id = added.made().0.id;
    added.commit_by_mail(id, |(_, code)| code).await.unwrap();
    let mails = delivered(&test).await;
    let [mail] = &mails[..] else {
        panic!("{mails:?}");
    };
    assert_eq!(mail.email.as_str(), "bob@example.com");
    let MailContent::EnrolmentLink { code, .. } = &mail.content else {
        panic!("{mail:?}");
    };
    let code = code.expose_secret();
    assert!(!format!("{mail:?}").contains(code));
    let begun = test.engine.begin_enrolment(code, &[]).await;
    assert!(begun.is_ok_and(|begun| begun.is_some()));
    assert!(due(&test).await.is_none(), "it was sent");
}

#[tokio::test]
async fn a_mail_that_fails_is_tried_again_and_then_given_up_and_can_be_tried_after_all() {
    let test = sending().await;
    told_user(&test, "ada@example.com").await;
    let list = async |filter: &str| {
        let query = ListQuery {
            filter: filter.to_owned(),
            ..ListQuery::default()
        };
        test.engine
            .list_mails(&OPERATOR, &query)
            .await
            .unwrap()
            .items
    };
    let mut attempts = 0;
    loop {
        let Some(mail) = due(&test).await else {
            panic!("not due after {attempts} attempts");
        };
        assert!(due(&test).await.is_none(), "another process sends it too");
        attempts += 1;
        let next = (test.engine)
            .mail_failed(&mail, SendFailure::Transient, "451 later")
            .await
            .unwrap();
        let Some(next) = next else { break };
        let waiting = &list("waiting").await[0];
        assert_eq!(
            (waiting.state, waiting.attempts, waiting.next_attempt_at),
            (MailState::Waiting, attempts, Some(next))
        );
        assert!(due(&test).await.is_none(), "too early");
        test.wait((next - test.engine.now()).whole_seconds());
    }
    assert_eq!(attempts, 8);
    let failed = list("failed").await;
    let [failed] = &failed[..] else {
        panic!("{failed:?}");
    };
    assert_eq!(failed.last_error.as_deref(), Some("451 later"));
    test.engine
        .retry_mail(&OPERATOR, failed.id, &origin())
        .await
        .unwrap();
    let again = test
        .engine
        .retry_mail(&OPERATOR, failed.id, &origin())
        .await;
    assert!(
        matches!(again, Err(Error::NotFound(Noun::Mail))),
        "{again:?}"
    );
    assert_eq!(delivered(&test).await.len(), 1);
    assert!(list("").await.is_empty());
}

#[tokio::test]
async fn a_process_that_dies_while_it_sends_leaves_the_mail_to_another() {
    let test = sending().await;
    told_user(&test, "ada@example.com").await;
    let first = due(&test).await.unwrap();
    test.wait(119);
    assert!(due(&test).await.is_none());
    test.wait(1);
    let second = due(&test).await.unwrap();
    assert_eq!(first.id, second.id);
}

#[tokio::test]
async fn mails_of_users_who_end_end_with_them() {
    let test = sending().await;
    let ada = told_user(&test, "ada@example.com").await;
    test.disable(ada).await;
    assert!(due(&test).await.is_none());
    let bob = told_user(&test, "bob@example.com").await;
    let deleted = test.engine.delete_user(&OPERATOR, bob, &origin()).await;
    deleted.unwrap();
    assert!(due(&test).await.is_none());
    let left = test
        .engine
        .list_mails(&OPERATOR, &ListQuery::default())
        .await;
    assert!(left.unwrap().items.is_empty());
}

#[tokio::test]
async fn audit_42_nobody_deletes_mails_of_those_who_may_do_more() {
    let test = sending().await;
    let root = told_user(&test, "root@example.com").await;
    test.set_role(root, Role::Admin).await;
    let permissions = "users:read users:write devices:read";
    let defined = (test.engine)
        .add_role(&OPERATOR, "desk", permissions, &origin())
        .await;
    defined.unwrap();
    let desk = test.registered("desk@example.com").await;
    test.set_role(desk.current_user.user_id, "desk".parse().unwrap())
        .await;
    told_user(&test, "other@example.com").await;
    let mails = test
        .engine
        .list_mails(&OPERATOR, &ListQuery::default())
        .await
        .unwrap()
        .items;
    let of = |email: &str| {
        mails
            .iter()
            .find(|mail| mail.email.as_str() == email)
            .unwrap()
            .id
    };
    let (id, uri) = test.provisioned("helper@example.com").await;
    test.set_role(id, "desk".parse().unwrap()).await;
    let signed_in = test.sign_in("helper@example.com", &uri).await;
    let (signed_in, ..) = with_passkey(&test, &signed_in).await;
    let helper = test.current_user(&signed_in).await.unwrap();
    let proof = helper
        .authorize(
            latchkey_domain::access::permission::UsersWrite,
            test.engine.now(),
        )
        .unwrap();
    let refused = test
        .engine
        .discard_mail(&proof, of("root@example.com"), &origin())
        .await;
    assert!(
        matches!(refused, Err(Error::Denied(Denial::Forbidden))),
        "{refused:?}"
    );
    let done = test
        .engine
        .discard_mail(&proof, of("other@example.com"), &origin())
        .await;
    done.unwrap();
}

#[tokio::test]
async fn audit_44_a_link_that_has_ended_is_not_sent() {
    let test = sending().await;
    let bob = new_user("bob@example.com");
    let added = test.engine.add_user(&OPERATOR, bob, &origin()).await;
    let added = added.unwrap();
    let id = added.made().0.id;
    added.commit_by_mail(id, |(_, code)| code).await.unwrap();
    test.wait(24 * 3600);
    assert!(due(&test).await.is_none());
}
