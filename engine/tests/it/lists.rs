//! What lists sort and filter by.

use crate::test_engine::{OPERATOR, TestEngine, new_user, origin};
use latchkey_domain::{
    identity::user::Role,
    pagination::{ListQuery, Page},
};
use latchkey_engine::{AccessGrantFilter, NewUser, Result, SignedIn};
use std::fmt::Display;

const INJECTION: &str = "'; DROP TABLE users; --";

fn query(sort: &str, descending: bool, filter: &str) -> ListQuery {
    ListQuery {
        search: String::new(),
        sort: sort.to_owned(),
        filter: filter.to_owned(),
        descending,
        page: 1,
    }
}

/// The rows of a page in one text.
fn shown<T, S: Display>(page: Result<Page<T>>, name: impl Fn(&T) -> S) -> String {
    let names: Vec<_> = (page.unwrap().items.iter())
        .map(|item| name(item).to_string())
        .collect();
    names.join(" ")
}

/// Expects each sort to give this order, and the reverse of it when it is turned around.
async fn assert_sorted(rows: impl AsyncFn(ListQuery) -> String, expected: &[(&str, &str)]) {
    for (sort, order) in expected {
        assert_eq!(rows(query(sort, false, "")).await, *order, "{sort}");
        let reverse: Vec<_> = order.rsplit(' ').collect();
        let reversed = rows(query(sort, true, "")).await;
        assert_eq!(reversed, reverse.join(" "), "{sort}, descending");
    }
}

async fn assert_filtered(rows: impl AsyncFn(ListQuery) -> String, expected: &[(&str, &str)]) {
    for (filter, found) in expected {
        assert_eq!(rows(query("name", false, filter)).await, *found, "{filter}");
    }
}

async fn add(test: &TestEngine, email: &str, name: &str) -> String {
    test.wait(1);
    let new = NewUser {
        name: name.to_owned(),
        ..new_user(email)
    };
    let added = test
        .engine
        .add_user_with_totp(&OPERATOR, new, &origin())
        .await;
    let (_, uri) = added.unwrap().commit().await.unwrap();
    uri.expose_secret().to_owned()
}

async fn register(test: &TestEngine, email: &str, uri: &str, device: &str) -> SignedIn {
    test.wait(1);
    test.engine
        .register_device(email, &test.totp(uri), device, None, &origin())
        .await
        .unwrap()
}

#[tokio::test]
async fn users_are_sorted_by_each_column_and_filtered_by_status_and_role() {
    let test = TestEngine::new().await;
    add(&test, "b@example.com", "Cleo").await;
    let c = add(&test, "c@example.com", "Ada").await;
    let a = add(&test, "a@example.com", "Bea").await;
    register(&test, "a@example.com", &a, "").await;
    let c = register(&test, "c@example.com", &c, "").await;
    let rows = async |query: ListQuery| {
        shown(test.engine.list_users(&OPERATOR, &query).await, |user| {
            user.name.clone()
        })
    };
    assert_sorted(
        rows,
        &[
            ("", "Bea Cleo Ada"),
            ("email", "Bea Cleo Ada"),
            (INJECTION, "Bea Cleo Ada"),
            ("name", "Ada Bea Cleo"),
            ("created", "Cleo Ada Bea"),
            ("last_seen", "Cleo Bea Ada"),
        ],
    )
    .await;
    test.set_role(c.current_user.user_id, Role::Admin).await;
    let invited = test.engine.user_by_email(&OPERATOR, "b@example.com").await;
    add(&test, "d@example.com", "Dora").await;
    (test.engine)
        .disable_user(&OPERATOR, invited.unwrap().id, &origin())
        .await
        .unwrap();
    assert_filtered(
        rows,
        &[
            ("active", "Ada Bea"),
            ("invited", "Dora"),
            ("disabled", "Cleo"),
            ("admin", "Ada"),
            ("", "Ada Bea Cleo Dora"),
            (INJECTION, "Ada Bea Cleo Dora"),
        ],
    )
    .await;
}

#[tokio::test]
async fn devices_are_sorted_by_each_column_and_filtered_by_state() {
    let test = TestEngine::new().await;
    let (b, a, c) = (
        add(&test, "b@example.com", "").await,
        add(&test, "a@example.com", "").await,
        add(&test, "c@example.com", "").await,
    );
    let phone = register(&test, "b@example.com", &b, "Phone").await;
    register(&test, "a@example.com", &a, "Tablet").await;
    let laptop = register(&test, "c@example.com", &c, "Laptop").await;
    let rows = async |query: ListQuery| {
        shown(
            test.engine.list_devices(&OPERATOR, &query).await,
            |device| device.name.clone(),
        )
    };
    assert_sorted(
        rows,
        &[
            ("email", "Tablet Phone Laptop"),
            ("name", "Laptop Phone Tablet"),
            ("created", "Phone Tablet Laptop"),
            ("last_seen", "Phone Tablet Laptop"),
        ],
    )
    .await;
    for own_order in ["", INJECTION] {
        assert_eq!(
            rows(query(own_order, false, "")).await,
            "Laptop Tablet Phone"
        );
    }
    test.revoke(phone.current_user.device_id).await;
    test.engine
        .sign_out(&laptop.current_user, &origin())
        .await
        .unwrap();
    assert_filtered(
        rows,
        &[
            ("", "Tablet"),
            (INJECTION, "Tablet"),
            ("revoked", "Phone"),
            ("signed_out", "Laptop"),
            ("all", "Laptop Phone Tablet"),
        ],
    )
    .await;
}

#[tokio::test]
async fn services_and_grants_are_sorted_by_each_column() {
    let test = TestEngine::new().await;
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        add(&test, email, "").await;
    }
    for service in ["photos", "wiki", "albums"] {
        test.wait(1);
        test.service(service).await;
    }
    for (email, service) in [("b", "wiki"), ("c", "albums"), ("a", "photos")] {
        test.wait(1);
        test.grant(&format!("{email}@example.com"), service, "")
            .await;
    }
    let rows = async |query: ListQuery| {
        let filter = AccessGrantFilter::default();
        let page = test.engine.list_grants(&OPERATOR, &filter, &query).await;
        shown(page, |grant| grant.service.clone())
    };
    assert_sorted(
        rows,
        &[
            ("", "photos wiki albums"),
            ("email", "photos wiki albums"),
            (INJECTION, "photos wiki albums"),
            ("service", "albums photos wiki"),
            ("created", "wiki albums photos"),
        ],
    )
    .await;
    for (email, service) in [("a", "albums"), ("b", "albums"), ("c", "photos")] {
        test.grant(&format!("{email}@example.com"), service, "")
            .await;
    }
    let rows = async |query: ListQuery| {
        shown(
            test.engine.list_services(&OPERATOR, &query).await,
            |service| service.name.clone(),
        )
    };
    assert_sorted(
        rows,
        &[
            ("", "albums photos wiki"),
            (INJECTION, "albums photos wiki"),
            ("created", "photos wiki albums"),
            ("grants", "wiki photos albums"),
        ],
    )
    .await;
}

#[tokio::test]
async fn events_are_sorted_by_time_and_filtered_by_noun_and_action() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    test.revoke(ada.current_user.device_id).await;
    let rows = async |query: ListQuery| {
        shown(test.engine.list_events(&OPERATOR, &query).await, |event| {
            event.action.clone()
        })
    };
    let seqs = async |query: ListQuery| {
        shown(test.engine.list_events(&OPERATOR, &query).await, |event| {
            event.seq
        })
    };
    let newest_first = seqs(query("", false, "")).await;
    let oldest_first: Vec<_> = newest_first.rsplit(' ').collect();
    assert!(oldest_first.is_sorted() && oldest_first.len() > 2);
    assert_eq!(seqs(query("time", false, "")).await, oldest_first.join(" "));
    assert_eq!(seqs(query("time", true, "")).await, newest_first);
    assert_eq!(seqs(query(INJECTION, false, "")).await, newest_first);
    assert_filtered(
        rows,
        &[
            ("device", "device.revoked device.registered"),
            ("device.revoked", "device.revoked"),
            ("dev", ""),
            (INJECTION, ""),
        ],
    )
    .await;
}
