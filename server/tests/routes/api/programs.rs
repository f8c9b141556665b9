//! Programs that act for users.

use super::{EVERYTHING, Program, approve, switch_on, terminal};
use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};

#[tokio::test]
async fn programs_are_listed_and_ended() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let client = terminal(&test, "latchkey:users:read").await;
    let hal = test.user("hal@example.com", Role::Helper).await;
    test.grant(&hal, "latchkey", Scopes::NONE).await;
    let mut browser = test.with_passkey(&hal).await;
    let issued = approve(&test, &mut browser, client).await;
    let token = issued["access_token"].as_str().unwrap().to_owned();
    let of_hal = Program { test: &test, token };
    assert_eq!(of_hal.call("GET", "/api/v1/users", None).await.status, 200);

    let mine = format!("/api/v1/programs?user={}", hal.id);
    let listed = program.call("GET", &mine, None).await.json();
    let listed = &listed["items"][0];
    assert_eq!(
        (&listed["email"], &listed["client"], &listed["service"]),
        (
            &"hal@example.com".into(),
            &"Terminal".into(),
            &"latchkey".into()
        )
    );
    let others = "/api/v1/programs?user=0190aaaa-0000-7000-8000-000000000000";
    let others = program.call("GET", others, None).await.json();
    assert_eq!(others["items"].as_array().unwrap().len(), 0);

    let path = format!("/api/v1/programs/{}", listed["id"].as_str().unwrap());
    assert_eq!(of_hal.call("DELETE", &path, None).await.status, 403);
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    assert_eq!(program.call("DELETE", &path, None).await.status, 404);
    assert_eq!(of_hal.call("GET", "/api/v1/users", None).await.status, 401);
}
