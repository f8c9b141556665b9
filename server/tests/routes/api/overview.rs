//! The numbers of the dashboard.

use super::{Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;

#[tokio::test]
async fn the_numbers_are_those_of_the_dashboard() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Monitor", "latchkey:overview:read").await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    assert_eq!(browser.get("/").await.status, 200);
    let numbers = program.call("GET", "/api/v1/overview", None).await.json();
    for (name, count) in [
        ("users", 1),
        ("services", 1),
        ("clients", 1),
        ("sessions", 1),
    ] {
        assert_eq!(numbers[name], count, "{name} {numbers}");
    }
    let days = numbers["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[13]["signed_in"]), (14, &1.into()));
}
