//! `Idempotency-Key`.

use super::{Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::{access::permission::Operator, pagination::ListQuery};
use serde_json::json;

#[tokio::test]
async fn a_request_with_an_idempotency_key_is_made_once_and_answered_the_same() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let scopes = "latchkey:users:invite latchkey:users:read";
    let program = Program::add(&test, "Retrier", scopes).await;
    let key = [("idempotency-key", "a-key")];
    let add = |email: &str| Some(json!({"email": email}));
    let users = "/api/v1/users";
    // At once: one is made, and the others are told so.
    let first = program.send("POST", users, &key, add("grace@example.com"));
    let second = program.send("POST", users, &key, add("grace@example.com"));
    let (first, second) = tokio::join!(first, second);
    let made = [&first, &second]
        .into_iter()
        .filter(|response| response.status == 201);
    assert!(made.count() >= 1, "{} {}", first.body, second.body);
    let again = program
        .send("POST", users, &key, add("grace@example.com"))
        .await;
    let made = if first.status == 201 { first } else { second };
    assert_eq!(
        (again.status, &again.body),
        (made.status, &made.body),
        "with the same link"
    );
    assert_eq!(again.location(), made.location());
    let another = program
        .send("POST", users, &key, add("eve@example.com"))
        .await;
    assert_eq!(another.status, 409, "{}", another.body);
    assert_eq!(
        program.call("GET", users, None).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // A request that made nothing does not use its key up.
    let failed = [("idempotency-key", "another-key")];
    assert_eq!(
        program
            .send("POST", users, &failed, add("not an address"))
            .await
            .status,
        400
    );
    let made = program
        .send("POST", users, &failed, add("eve@example.com"))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);

    // A key is its program's alone.
    let other = Program::add(&test, "Other", scopes).await;
    let refused = other
        .send("POST", users, &key, add("grace@example.com"))
        .await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["field"]),
        (409, &json!("email"))
    );
}

#[tokio::test]
async fn a_program_that_disconnects_at_any_time_gets_the_answer_when_it_asks_again() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Retrier", "latchkey:users:invite").await;
    for step in 0..1000 {
        let key = format!("key-{step}");
        let new = json!({"email": format!("user{step}@example.com")});
        let key = [("idempotency-key", key.as_str())];
        let sent = program.send("POST", "/api/v1/users", &key, Some(new.clone()));
        let patience = std::time::Duration::from_micros(step * 300);
        let is_answered = tokio::time::timeout(patience, sent).await.is_ok();
        let mut again = program
            .send("POST", "/api/v1/users", &key, Some(new.clone()))
            .await;
        for _ in 0..200 {
            if again.status == 201 {
                break;
            }
            assert_eq!(again.json()["error"], "conflict", "{}", again.body);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            again = program
                .send("POST", "/api/v1/users", &key, Some(new.clone()))
                .await;
        }
        assert_eq!(
            again.status, 201,
            "given up after {patience:?}: {}",
            again.body
        );
        if is_answered {
            return;
        }
    }
    panic!("no request was ever answered");
}

#[tokio::test]
async fn a_key_is_kept_if_the_commit_fails_and_free_if_it_failed_before() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Retrier", "latchkey:users:invite").await;
    let (users, key) = ("/api/v1/users", [("idempotency-key", "a-key")]);
    let new = || Some(json!({"email": "grace@example.com"}));

    test.sql("CREATE TRIGGER early BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'early'); END")
        .await;
    let failed = program.send("POST", users, &key, new()).await;
    assert_eq!(failed.status, 500, "{}", failed.body);
    test.sql("DROP TRIGGER early").await;

    // A foreign key that is checked at the commit.
    test.sql(
        "CREATE TABLE late_ends (user_id TEXT REFERENCES users(id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER late AFTER INSERT ON users BEGIN INSERT INTO late_ends VALUES ('nobody'); END",
    )
    .await;
    let failed = program.send("POST", users, &key, new()).await;
    assert_eq!(failed.status, 500, "{}", failed.body);
    test.sql("DROP TRIGGER late; DROP TABLE late_ends").await;

    for _ in 0..2 {
        let again = program.send("POST", users, &key, new()).await;
        assert_eq!(again.status, 409, "{}", again.body);
        let detail = again.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("may have been carried out"), "{detail}");
    }
    let other_key = [("idempotency-key", "another-key")];
    let made = program.send("POST", users, &other_key, new()).await;
    assert_eq!(made.status, 201, "{}", made.body);
}

#[tokio::test]
async fn audit_57_a_secret_is_repeated_for_ten_minutes_and_made_once() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::lasting(&test, "Retrier", "latchkey:clients:write").await;
    let key = [("idempotency-key", "a-key")];
    let add = || {
        let new = json!({"name": "Backup", "audiences": ["latchkey"]});
        program.send("POST", "/api/v1/clients", &key, Some(new))
    };
    let made = add().await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.json()["client_secret"].is_string());
    test.wait(time::Duration::seconds(599));
    let again = add().await;
    assert_eq!((again.status, &again.body), (made.status, &made.body));
    test.wait(time::Duration::SECOND);
    let later = add().await;
    assert_eq!(later.status, 409, "{}", later.body);
    let detail = later.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("not shown again"), "{detail}");
    let all = ListQuery::default();
    let clients = test.engine.list_clients(&Operator, &all);
    let clients = clients.await.unwrap().items;
    let added = clients.iter().filter(|one| one.name.as_str() == "Backup");
    assert_eq!(added.count(), 1);
}

#[tokio::test]
async fn audit_57_of_fifty_requests_with_one_key_one_is_carried_out() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let scopes = "latchkey:clients:write latchkey:clients:read";
    let program = Program::add(&test, "Retrier", scopes).await;
    let key = [("idempotency-key", "a-key")];
    let add = || {
        let new = json!({"name": "Backup", "audiences": ["latchkey"]});
        program.send("POST", "/api/v1/clients", &key, Some(new))
    };
    let all = futures_util::future::join_all((0..50).map(|_| add())).await;
    let made: Vec<_> = all.iter().filter(|one| one.status == 201).collect();
    assert!(!made.is_empty());
    for one in &all {
        match one.status.as_u16() {
            201 => assert_eq!(one.body, made[0].body),
            409 => assert_eq!(one.json()["error"], "conflict"),
            _ => panic!("{}", one.body),
        }
    }
    let clients = program.call("GET", "/api/v1/clients", None).await.json();
    let clients = clients["items"].as_array().unwrap();
    let added = clients.iter().filter(|one| one["name"] == "Backup");
    assert_eq!(added.count(), 1);
}
