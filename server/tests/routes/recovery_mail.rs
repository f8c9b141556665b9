//! Confirming a recovery by mail over HTTP: what a link does in which browser, and that opening it changes nothing.

use crate::harness::{Browser, TestApp};
use latchkey_domain::identity::user::Role;
use latchkey_engine::MailContent;
use time::Duration;

const USE: &str = "/actions/recovery/use";
const SEND: &str = "/actions/recovery/send-mail";
const CONFIRM: &str = "/actions/recovery/confirm";
const CANCEL: &str = "/actions/recovery/cancel";
const REGISTER: &str = "/actions/passkey/begin-registration";

async fn with_mail() -> TestApp {
    TestApp::with(&[
        ("mail.url", "file:///nonexistent/outbox"),
        ("mail.from", "Latchkey <latchkey@example.com>"),
        ("recovery.confirm_mail", "true"),
    ])
    .await
}

/// A user on a laptop, and a browser of theirs in recovery.
async fn recovering(test: &TestApp) -> (Browser<'_>, Browser<'_>) {
    let user = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&user).await;
    let link = test.link(&user, false).await;
    let mut phone = test.anon();
    let used = phone.post(USE, &[("code", &link)]).await;
    assert_eq!(used.status, 303, "{}", used.body);
    (laptop, phone)
}

/// The code of the mail that was asked for last, if it was not sent yet.
async fn received(test: &TestApp) -> Option<String> {
    let mut code = None;
    while let Some(mail) = test.engine.take_due_mail().await.unwrap() {
        test.engine.mail_sent(&mail).await.unwrap();
        if let MailContent::RecoveryConfirmation { code: sent, .. } = mail.content {
            code = Some(sent.expose_secret().to_owned());
        }
    }
    code
}

async fn asked(test: &TestApp, phone: &mut Browser<'_>) -> String {
    let sent = phone.post(SEND, &[]).await;
    assert_eq!(sent.location(), "/devices#confirm");
    let page = phone.get("/devices").await;
    assert!(page.body.contains("A mail is on its way."), "{}", page.body);
    received(test).await.unwrap()
}

#[tokio::test]
async fn audit_48_opening_the_link_changes_nothing_and_the_button_confirms_in_the_browser_that_asked()
 {
    let test = with_mail().await;
    let (_, mut phone) = recovering(&test).await;
    let page = phone.get("/devices").await;
    assert!(page.body.contains("Send me a code"), "{}", page.body);
    assert!(!page.body.contains(CONFIRM), "{}", page.body);
    let code = asked(&test, &mut phone).await;
    let link = format!("/recover/mail/{code}");
    // Scanners of mail open links, also many times, and with HEAD.
    for _ in 0..20 {
        let mut scanner = test.anon();
        let page = scanner.get(&link).await;
        assert_eq!(page.status, 200);
        let elsewhere = "Open this link in the other browser";
        assert!(page.body.contains(elsewhere), "{}", page.body);
        assert!(!page.body.contains(CONFIRM) && !page.body.contains(&code));
        assert!(scanner.device_cookie().is_none());
        let page = phone.get(&link).await;
        assert!(page.body.contains(CONFIRM), "{}", page.body);
    }
    let confirmed = phone.post(CONFIRM, &[("code", &code)]).await;
    assert_eq!(confirmed.location(), "/devices");
    let page = phone.get("/devices").await;
    assert!(
        page.body.contains("You confirmed by mail."),
        "{}",
        page.body
    );
    assert!(!page.body.contains(SEND), "{}", page.body);
    // The link leads there from now on, and a passkey still takes the wait.
    assert_eq!(phone.get(&link).await.location(), "/devices");
    let denial = phone.clone().fetch(REGISTER, "{}").await.denial();
    assert_eq!(denial.as_deref(), Some("recovery"));
    test.wait(Duration::DAY);
    assert_eq!(phone.fetch(REGISTER, "{}").await.status, 200);
}

#[tokio::test]
async fn audit_48_a_recovery_that_waited_takes_no_passkey_without_the_mail() {
    let test = with_mail().await;
    let (_, mut phone) = recovering(&test).await;
    test.wait(Duration::DAY);
    let denial = phone.clone().fetch(REGISTER, "{}").await.denial();
    assert_eq!(denial.as_deref(), Some("recovery"));
    let page = phone.get("/devices").await;
    assert!(page.body.contains("The wait is over."), "{}", page.body);
    assert!(!page.body.contains("Create a passkey"), "{}", page.body);
    let code = asked(&test, &mut phone).await;
    phone.post(CONFIRM, &[("code", &code)]).await;
    let page = phone.get("/devices").await;
    assert!(page.body.contains("Create a passkey"), "{}", page.body);
}

#[tokio::test]
async fn audit_48_only_a_device_in_recovery_asks_for_a_mail_or_confirms() {
    let test = with_mail().await;
    let (mut laptop, mut phone) = recovering(&test).await;
    let code = asked(&test, &mut phone).await;
    let mut stranger = test.anon();
    for browser in [&mut laptop, &mut stranger] {
        for path in [SEND, CONFIRM] {
            let response = browser.post(path, &[("code", &code)]).await;
            assert_eq!(response.status, 303, "{path}");
            assert_ne!(response.location(), "/devices#confirm", "{path}");
        }
    }
    assert!(received(&test).await.is_none());
    // The laptop reads the mail too, and cancels there.
    let page = laptop.get(&format!("/recover/mail/{code}")).await;
    assert!(page.body.contains("cancel the recovery"), "{}", page.body);
    laptop.post(CANCEL, &[]).await;
    let confirmed = phone.post(CONFIRM, &[("code", &code)]).await;
    let location = confirmed.location();
    assert!(location.starts_with("/login"), "{location}");
}

#[tokio::test]
async fn must_survive_6_a_wrong_code_is_said_at_the_field_and_not_shown_again() {
    let test = with_mail().await;
    let (_, mut phone) = recovering(&test).await;
    let code = asked(&test, &mut phone).await;
    let wrong = format!("{:08}", (code.parse::<u32>().unwrap() + 1) % 100_000_000);
    for page in ["/devices".to_owned(), "/recover/mail/1".to_owned()] {
        phone.get(&page).await;
        let refused = phone.post(CONFIRM, &[("code", &wrong)]).await;
        assert_eq!(refused.status, 303);
        let page = phone.get("/devices").await;
        let message = "That code is not valid.";
        assert!(page.body.contains(message), "{}", page.body);
        assert!(!page.body.contains(&wrong));
    }
    for _ in 0..3 {
        phone.post(CONFIRM, &[("code", &wrong)]).await;
    }
    // The last mail cannot be answered any more.
    let page = phone.get("/devices").await;
    assert!(page.body.contains("Send me a code"), "{}", page.body);
    phone.post(CONFIRM, &[("code", &code)]).await;
    let page = phone.get("/devices").await;
    assert!(page.body.contains("Send me a code"), "{}", page.body);
}

#[tokio::test]
async fn audit_48_without_the_setting_no_page_speaks_of_mail() {
    let test = TestApp::open().await;
    let (_, mut phone) = recovering(&test).await;
    let page = phone.get("/devices").await;
    assert!(!page.body.contains(SEND), "{}", page.body);
    let sent = phone.post(SEND, &[]).await;
    assert_eq!(sent.location(), "/devices");
    assert_eq!(phone.get("/recover/mail/1").await.location(), "/devices");
}
