//! `/admin/audit/events`: the live view of the audit log.

mod proxies;

use crate::harness::{Browser, TestApp};
use axum::{
    body::{Body, BodyDataStream},
    extract::ConnectInfo,
    http::{Method, Response},
};
use futures_util::StreamExt;
use latchkey_domain::{access::permission::Operator, id::UserId, identity::user::Role};
use latchkey_engine::{NewService, RequestOrigin};
use std::net::SocketAddr;
use tower::ServiceExt;

async fn open(browser: &Browser<'_>, query: &str, last_id: Option<i64>) -> Response<Body> {
    let path = format!("/admin/audit/events{query}");
    let mut request = browser.request(Method::GET, &path);
    if let Some(last_id) = last_id {
        request = request.header("last-event-id", last_id.to_string());
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer = ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 40_000)));
    request.extensions_mut().insert(peer);
    browser.app().public.clone().oneshot(request).await.unwrap()
}

async fn next(stream: &mut BodyDataStream) -> Option<String> {
    let part = stream.next().await?.unwrap();
    Some(String::from_utf8(part.to_vec()).unwrap())
}

async fn stream(browser: &Browser<'_>, query: &str, last_id: Option<i64>) -> BodyDataStream {
    let mut stream = open(browser, query, last_id)
        .await
        .into_body()
        .into_data_stream();
    assert!(
        next(&mut stream)
            .await
            .unwrap()
            .starts_with("retry: 3000\nid: ")
    );
    stream
}

async fn change(test: &TestApp, hosts: &str) {
    let new = NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    let changed = test
        .engine
        .change_service(&Operator, "photos", new, &RequestOrigin::default())
        .await;
    changed.unwrap();
}

async fn newest(test: &TestApp) -> i64 {
    test.engine.last_entry(&Operator).await.unwrap()
}

/// An administrator, and another one who stays.
async fn administrator(test: &TestApp) -> (UserId, Browser<'_>) {
    let root = test.user("root@example.com", Role::Admin).await;
    test.with_passkey(&root).await;
    let ada = test.user("ada@example.com", Role::Admin).await;
    (ada.id, test.with_passkey(&ada).await)
}

#[tokio::test]
async fn new_entries_of_the_filter_are_sent_as_rows_and_a_browser_that_comes_back_misses_none() {
    let test = TestApp::open().await;
    let (_, admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let response = open(&admin, "?filter=service", None).await;
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(
        (header("cache-control"), header("x-accel-buffering")),
        (Some("no-store"), Some("no"))
    );
    let mut events = response.into_body().into_data_stream();
    next(&mut events).await.unwrap();
    let before = newest(&test).await;
    test.user("eve@example.com", Role::Member).await;
    change(&test, "a.example.com").await;
    let shown = next(&mut events).await.unwrap();
    let seq = newest(&test).await;
    assert!(
        shown.starts_with(&format!("id: {seq}\ndata: <tr>")),
        "{shown}"
    );
    assert!(shown.contains("a.example.com") && !shown.contains("eve@example.com"));
    assert!(shown.ends_with(&format!("\n\nid: {seq}\n\n")), "{shown}");
    drop(events);
    change(&test, "b.example.com").await;
    let mut again = stream(&admin, "?filter=service&after=1", Some(seq)).await;
    let missed = next(&mut again).await.unwrap();
    assert_eq!(missed.matches("data: <tr>").count(), 1);
    assert!(missed.contains("b.example.com"));
    let mut from_address = stream(&admin, &format!("?filter=service&after={before}"), None).await;
    assert_eq!(
        next(&mut from_address)
            .await
            .unwrap()
            .matches("data: <tr>")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_text_of_several_lines_stays_one_event() {
    let test = TestApp::open().await;
    let (_, admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let mut events = stream(&admin, "", None).await;
    let new = NewService {
        rules: "public /a\npublic /<b>".to_owned(),
        ..NewService::default()
    };
    let origin = RequestOrigin::default();
    let changed = (test.engine).change_service(&Operator, "photos", new, &origin);
    changed.await.unwrap();
    let shown = next(&mut events).await.unwrap();
    let lines: Vec<_> = shown.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.is_empty() || line.starts_with("id: ") || line.starts_with("data: ")),
        "{shown}"
    );
    assert!(shown.contains("data: public /&lt;b&gt;"), "{shown}");
}

#[tokio::test]
async fn the_stream_ends_when_its_user_may_read_no_more() {
    for end in ["device", "role", "session"] {
        let test = TestApp::open().await;
        let (ada, mut admin) = administrator(&test).await;
        let mut events = stream(&admin, "", None).await;
        let origin = RequestOrigin::default();
        match end {
            "device" => {
                let device = test.devices_of(ada).await[0].id;
                test.engine
                    .revoke_device(&Operator, device, &[], &origin)
                    .await
                    .map(drop)
                    .unwrap();
            }
            "role" => test
                .engine
                .set_role(&Operator, ada, Role::Member, &origin)
                .await
                .unwrap(),
            _ => assert_eq!(
                admin.post("/actions/session/sign-out", &[]).await.status,
                303
            ),
        }
        assert_eq!(
            next(&mut events).await.as_deref(),
            Some("event: end\ndata:\n\n"),
            "{end}"
        );
        assert_eq!(next(&mut events).await, None, "{end}");
    }
}

#[tokio::test]
async fn only_auditors_have_streams_and_each_has_four() {
    let test = TestApp::open().await;
    let (_, admin) = administrator(&test).await;
    let member = test.user("eve@example.com", Role::Member).await;
    let member = test.signed_in(&member).await;
    assert_eq!(open(&member, "", None).await.status(), 403);
    assert_eq!(open(&test.anon(), "", None).await.status(), 303);
    assert_eq!(open(&admin, "?network=nowhere", None).await.status(), 400);
    let mut open_streams = Vec::new();
    for _ in 0..4 {
        open_streams.push(stream(&admin, "", None).await);
    }
    assert_eq!(open(&admin, "", None).await.status(), 429);
    open_streams.pop();
    open_streams.push(stream(&admin, "", None).await);
}

#[tokio::test]
async fn who_missed_too_much_loads_the_page_again() {
    let test = TestApp::open().await;
    let (_, admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let before = newest(&test).await;
    for number in 0..101 {
        change(&test, &format!("{number}.example.com")).await;
    }
    let mut events = stream(&admin, "", Some(before)).await;
    assert_eq!(
        next(&mut events).await.as_deref(),
        Some("event: reset\ndata:\n\n")
    );
    assert_eq!(next(&mut events).await, None);
    for nonsense in [i64::MIN, -1, i64::MAX] {
        drop(stream(&admin, "?filter=mail", Some(nonsense)).await);
    }
}

#[tokio::test]
async fn the_live_view_and_the_page_go_on_while_old_entries_are_removed() {
    let test = TestApp::open().await;
    let (_, mut admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let mut events = stream(&admin, "?filter=service", None).await;
    let before = test.engine.now() + time::Duration::SECOND;
    test.engine.prune_events(&Operator, before).await.unwrap();
    change(&test, "a.example.com").await;
    let shown = next(&mut events).await.unwrap();
    assert!(shown.contains("a.example.com"), "{shown}");
    let page = admin.get("/admin/audit").await;
    assert!(page.status == 200 && page.body.contains("a.example.com"));
    let verified = admin.get("/admin/audit?verify=1").await;
    assert!(verified.body.contains("Pruned until "), "{}", verified.body);
    assert_eq!(
        admin.get("/admin/audit/export?format=jsonl").await.status,
        200
    );
}

#[tokio::test]
async fn audit_49_pages_and_copies_say_on_which_device_something_was_done() {
    let test = TestApp::open().await;
    let (_, mut admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let own = admin.get("/activity").await;
    assert!(own.body.contains("from "), "{}", own.body);
    let copy = admin.get("/admin/audit/export?format=csv").await.body;
    assert!(
        copy.lines()
            .next()
            .unwrap()
            .ends_with(",device,device_name,session,client")
    );
    let list = admin.get("/admin/audit").await.body;
    let (_, rest) = list
        .split_once("from <a href=\"/admin/audit?device=")
        .unwrap();
    let device = rest.split('"').next().unwrap().to_owned();
    let found = admin.get(&format!("/admin/audit?device={device}")).await;
    assert!(
        found.status == 200 && found.body.contains("passkey.added"),
        "{}",
        found.body
    );
}

#[tokio::test]
async fn the_page_offers_the_live_view_where_the_newest_entry_is_at_the_top() {
    let test = TestApp::open().await;
    let (_, mut admin) = administrator(&test).await;
    let page = admin.get("/admin/audit?filter=user").await;
    assert!(
        page.body
            .contains("href=\"/admin/audit?filter=user&amp;live=1\"")
    );
    let live = admin.get("/admin/audit?filter=user&live=1").await;
    let source = format!(
        "data-live=\"/admin/audit/events?filter=user&amp;after={}\"",
        newest(&test).await
    );
    assert!(live.body.contains(&source) && live.body.contains("role=\"status\""));
    // There is a table for the first row.
    let none = admin.get("/admin/audit?filter=mail&live=1").await;
    assert!(none.body.contains("<tbody>"));
    let oldest_first = admin.get("/admin/audit?sort=time&live=1").await;
    assert!(!oldest_first.body.contains("data-live="));
}

#[tokio::test]
async fn the_check_of_the_chain_ends_without_a_script_and_can_be_left() {
    let test = TestApp::open().await;
    let (_, mut admin) = administrator(&test).await;
    let page = admin.get("/admin/audit?verify=1").await;
    assert!(page.body.contains("The chain is intact."), "it is short");
    assert!(page.header("refresh").is_none());
    let again = admin.get("/admin/audit?check=1").await;
    assert!(
        again.body.contains("The chain is intact."),
        "the result is kept"
    );
    test.sql("UPDATE audit_events SET detail = 'x' WHERE seq = 2")
        .await;
    assert!(
        admin
            .get("/admin/audit?check=1")
            .await
            .body
            .contains("The chain is intact.")
    );
    let broken = admin.get("/admin/audit?verify=1").await;
    assert!(broken.body.contains("The chain is broken at entry 2."));
}
