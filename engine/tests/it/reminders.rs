//! Reminders of what ends.

use crate::test_engine::{OPERATOR, START, TestEngine, cookie, origin};
use latchkey_domain::{
    access::access_grant::Scopes, access::permission::CurrentUser,
    notification::NotificationKind as Kind, pagination::ListQuery,
};
use latchkey_engine::{Engine, MailContent};
use sea_orm::{ConnectionTrait, Database};
use time::Duration;

async fn sending() -> TestEngine {
    TestEngine::with(|settings| {
        settings.database_url = None;
        settings.sends_mail = true;
    })
    .await
}

/// The test goes on at this day.
fn day(test: &TestEngine, day: i64) {
    test.clock
        .advance(START + Duration::days(day) - test.engine.now());
}

/// Access that ends on a day.
async fn grant(test: &TestEngine, service: &str, day: i64) {
    test.service(service).await;
    let ends = Some(START + Duration::days(day));
    (test.engine)
        .add_grant(
            &OPERATOR,
            "ada@example.com",
            service,
            Scopes::NONE,
            ends,
            &origin(),
        )
        .await
        .unwrap();
}

async fn sql(test: &TestEngine, statement: &str) {
    let file = test.dir().join("latchkey.db");
    let db = Database::connect(format!("sqlite://{}", file.display()));
    db.await
        .unwrap()
        .execute_unprepared(statement)
        .await
        .unwrap();
}

/// What a user is told of ends, the newest first.
async fn told(engine: &Engine, user: &CurrentUser) -> Vec<(Kind, String)> {
    let all = engine.my_notifications(user, &ListQuery::default()).await;
    let ends = [Kind::DeviceEnds, Kind::ProgramEnds, Kind::AccessEnds];
    let all = all.unwrap().items.into_iter();
    all.filter(|one| ends.contains(&one.kind))
        .map(|one| (one.kind, one.subject))
        .collect()
}

#[tokio::test]
async fn audit_56_a_user_is_reminded_once_of_each_end_two_weeks_before() {
    let test = sending().await;
    let engine = &test.engine;
    let ada = test.registered("ada@example.com").await;
    let devices = engine.my_devices(&ada.current_user).await.unwrap();
    let name = devices[0].name.to_string();
    grant(&test, "photos", 60).await;
    grant(&test, "files", 10).await;
    test.service("wiki").await;
    test.grant("ada@example.com", "wiki", "").await;
    for quiet in [0, 9, 45] {
        day(&test, quiet);
        assert_eq!(engine.remind_of_ends().await.unwrap(), 0, "day {quiet}");
    }
    while let Some(mail) = engine.take_due_mail().await.unwrap() {
        engine.mail_sent(&mail).await.unwrap();
    }
    day(&test, 47);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 1);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 0, "once");
    let photos = (Kind::AccessEnds, "photos".to_owned());
    assert_eq!(
        told(engine, &ada.current_user).await,
        std::slice::from_ref(&photos)
    );
    let mail = engine.take_due_mail().await.unwrap().unwrap();
    assert!(
        matches!(&mail.content, MailContent::Notification { kind: Kind::AccessEnds, subject, ip: None, .. } if subject == "photos")
    );
    assert_eq!(mail.email.as_str(), "ada@example.com");
    engine.mail_sent(&mail).await.unwrap();
    // The device opened no page since the first day.
    day(&test, 77);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 1);
    let device = (Kind::DeviceEnds, name);
    assert_eq!(
        told(engine, &ada.current_user).await,
        [device.clone(), photos.clone()]
    );
    // It is used, and has another end.
    let used = engine.authenticate(Some(cookie(&ada)), None).await.unwrap();
    assert!(used.renewed.is_some());
    engine.tidy().await;
    assert_eq!(engine.remind_of_ends().await.unwrap(), 0);
    day(&test, 77 + 80);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 1);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 0);
}

#[tokio::test]
async fn audit_56_access_that_is_prolonged_is_told_again_and_nobody_is_reminded_who_cannot_sign_in()
{
    let test = sending().await;
    let engine = &test.engine;
    let ada = test.registered("ada@example.com").await;
    let eve = test.registered("eve@example.com").await.current_user;
    grant(&test, "photos", 60).await;
    day(&test, 50);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 1);
    grant_again(&test, 120).await;
    assert_eq!(engine.remind_of_ends().await.unwrap(), 0);
    test.disable(eve.user_id).await;
    test.revoke(ada.current_user.device_id).await;
    day(&test, 80);
    assert_eq!(
        engine.remind_of_ends().await.unwrap(),
        0,
        "a revoked device, and one of a disabled user"
    );
    day(&test, 110);
    assert_eq!(engine.remind_of_ends().await.unwrap(), 1, "another end");
}

async fn grant_again(test: &TestEngine, day: i64) {
    let ends = Some(START + Duration::days(day));
    (test.engine)
        .add_grant(
            &OPERATOR,
            "ada@example.com",
            "photos",
            Scopes::NONE,
            ends,
            &origin(),
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn audit_56_a_program_with_a_key_of_its_own_ends_although_it_is_used() {
    let test = sending().await;
    let ada = test.registered("ada@example.com").await;
    let end = (START + Duration::days(30)).unix_timestamp();
    let made = format!("UPDATE devices SET kind = 'program', expires_at = {end}");
    sql(&test, &made).await;
    day(&test, 15);
    assert_eq!(test.engine.remind_of_ends().await.unwrap(), 0);
    day(&test, 17);
    assert_eq!(test.engine.remind_of_ends().await.unwrap(), 1);
    let told = told(&test.engine, &ada.current_user).await;
    assert_eq!(told[0].0, Kind::ProgramEnds);
}

#[tokio::test]
async fn audit_56_two_processes_remind_of_each_end_once() {
    let test = sending().await;
    let other = test.second_process().await;
    test.registered("ada@example.com").await;
    for number in 0..120 {
        grant(&test, &format!("service-{number}"), 60).await;
    }
    day(&test, 50);
    let (one, two) = tokio::join!(
        tokio::spawn({
            let engine = test.engine.clone();
            async move { engine.remind_of_ends().await.unwrap() }
        }),
        tokio::spawn(async move { other.remind_of_ends().await.unwrap() }),
    );
    assert_eq!(one.unwrap() + two.unwrap(), 120);
    let mut mails = 0;
    while let Some(mail) = test.engine.take_due_mail().await.unwrap() {
        test.engine.mail_sent(&mail).await.unwrap();
        mails += 1;
    }
    assert_eq!(mails, 120);
}
