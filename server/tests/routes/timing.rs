//! What the time of a response tells about who exists: a measurement, not a test. `cargo xtask bench timing` runs it.
//!
//! Requests for what exists and for what does not are sent in pairs, in an order that changes, and compared by the Mann-Whitney U
//! test. What is tested with every change is that both do the same work: the same statements and the same number of hashes.

mod mann_whitney;

use crate::{harness::TestApp, recovery};
use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use latchkey_domain::access::permission::Operator;
use latchkey_domain::identity::user::Role;
use latchkey_domain::tokens::client::ClientKind;
use latchkey_engine::{NewClient, RequestOrigin};
use mann_whitney::Comparison;
use std::time::Instant;
use time::Duration;

/// Each has twenty codes a day, of which the first is not counted here.
const USERS: usize = 530;
const ROUNDS: usize = 20;

/// Another one for each request: a network has few attempts.
fn from_another_network(request: &mut Request<Body>, number: usize) {
    let [.., a, b, c] = u32::try_from(number).unwrap().to_be_bytes();
    let address = HeaderValue::from_str(&format!("10.{a}.{b}.{c}")).unwrap();
    request.headers_mut().insert("x-forwarded-for", address);
}

/// Sends `known` and `unknown` of each index in turn and compares their times.
async fn compare(
    test: &TestApp,
    what: &str,
    indices: usize,
    known: impl Fn(usize) -> Request<Body>,
    unknown: impl Fn(usize) -> Request<Body>,
) {
    let (mut times, mut number, mut state) = ([Vec::new(), Vec::new()], 0, 7_u64);
    for round in 0..ROUNDS {
        // Longer than the longest delay.
        test.wait(Duration::seconds(61));
        for index in 0..indices {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let order = match state >> 63 {
                0 => [0, 1],
                _ => [1, 0],
            };
            let mut statuses = [0; 2];
            for kind in order {
                let mut request =
                    [&known as &dyn Fn(usize) -> Request<Body>, &unknown][kind](index);
                from_another_network(&mut request, number);
                number += 1;
                let mut browser = test.anon();
                let start = Instant::now();
                let response = browser.send(request).await;
                if round > 0 {
                    times[kind].push(start.elapsed().as_secs_f64() * 1e6);
                }
                statuses[kind] = response.status.as_u16();
            }
            assert_eq!(statuses[0], statuses[1], "{what}");
        }
    }
    println!("{what}: {}", Comparison::of(&times[0], &times[1]));
}

async fn open() -> TestApp {
    TestApp::with(&[("proxy.trusted", "192.0.2.0/24")]).await
}

#[tokio::test]
#[ignore = "a measurement of minutes: `cargo xtask bench timing`"]
async fn codes() {
    for path in ["/actions/device/register", "/device/add"] {
        let test = open().await;
        for index in 0..USERS {
            test.user(&format!("known{index:03}@example.com"), Role::Member)
                .await;
        }
        let browser = test.anon();
        let form = |name: &str, index: usize| {
            let email = format!("{name}{index:03}@example.com");
            browser.form(path, &[("email", &email), ("code", "000000")])
        };
        let (known, unknown) = (|index| form("known", index), |index| form("other", index));
        compare(&test, path, USERS, known, unknown).await;
    }
}

/// Sign-ins that are alike but for their score, which has no effect yet: whoever signs in must not learn it.
#[tokio::test]
#[ignore = "a measurement of minutes: `cargo xtask bench timing`"]
async fn scores() {
    const SCORED: usize = 100;
    let test = TestApp::with(&[
        ("proxy.trusted", "192.0.2.0/24"),
        ("risk.mode", "shadow"),
        ("risk.weights", "automation=100"),
    ])
    .await;
    let mut users = Vec::new();
    for index in 0..SCORED * 2 {
        let email = format!("user{index:03}@example.com");
        users.push(test.user(&email, Role::Member).await);
    }
    let browser = test.anon();
    // As long as the other, and each user once in a round.
    let sign_in = |index: usize, agent: &'static str| {
        let user = &users[index];
        let code = user.code(test.now());
        let fields = [("email", &*user.email), ("code", &*code)];
        let mut form = browser.form("/actions/device/register", &fields);
        let agent = HeaderValue::from_static(agent);
        form.headers_mut().insert(header::USER_AGENT, agent);
        form
    };
    let low = |index: usize| {
        sign_in(
            index * 2,
            "Mozilla/5.0 (X11; Linux x86_64) Firefoxyyyyyy/140.0",
        )
    };
    let high = |index: usize| {
        sign_in(
            index * 2 + 1,
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0",
        )
    };
    let other = |index: usize| {
        sign_in(
            index * 2 + 1,
            "Mozilla/5.0 (X11; Linux x86_64) Firefoxyyyyyy/140.0",
        )
    };
    compare(&test, "a sign-in, high and low score", SCORED, high, low).await;
    compare(&test, "a sign-in, both low", SCORED, other, low).await;
}

#[tokio::test]
#[ignore = "a measurement of minutes: `cargo xtask bench timing`"]
async fn recovery_codes() {
    let path = "/actions/recovery/use";
    for (what, ends) in [("used", false), ("of disabled users", true)] {
        let test = open().await;
        let mut codes = Vec::new();
        for index in 0..USERS / 10 {
            let email = format!("known{index:03}@example.com");
            let user = test.user(&email, Role::Member).await;
            codes.extend(recovery::codes(&mut test.signed_in(&user).await).await);
            if ends {
                test.disable(&user).await;
            }
        }
        for code in codes.iter().filter(|_| !ends) {
            let mut request = test.anon().form(path, &[("code", code)]);
            from_another_network(&mut request, codes.len());
            assert!(test.anon().send(request).await.status.is_redirection());
        }
        let browser = test.anon();
        let form = |code: &str| browser.form(path, &[("code", code)]);
        let never = |index: usize| format!("0123456789abcdefghj{:04}", index % 1000);
        let known = |index: usize| form(&codes[index]);
        let unknown = |index: usize| form(&never(index));
        let name = format!("{path}, {what}");
        compare(&test, &name, codes.len(), known, unknown).await;
    }
}

#[tokio::test]
#[ignore = "a measurement of minutes: `cargo xtask bench timing`"]
async fn links() {
    let test = open().await;
    let mut used = Vec::new();
    for index in 0..USERS {
        let code = test
            .invite(&format!("guest{index:03}@example.com"), "")
            .await;
        used.push(latchkey_app::enrolment_url::enrolment_url("", &code));
    }
    // Links that have ended, beside links that never were.
    test.wait(Duration::hours(25));
    let browser = test.anon();
    let page = |path: &str| {
        browser
            .request(axum::http::Method::GET, path)
            .body(Body::empty())
            .unwrap()
    };
    let never = |index: usize| format!("/enrol/0123456789abcdefghj{:04}", index % 1000);
    let ended = |index: usize| page(used[index].expose_secret());
    compare(&test, "/enrol", USERS, ended, |index| page(&never(index))).await;
}

#[tokio::test]
#[ignore = "a measurement of minutes: `cargo xtask bench timing`"]
async fn clients() {
    let test = open().await;
    test.service("photos", latchkey_engine::NewService::default())
        .await;
    let mut ids = Vec::new();
    let (operator, origin) = (Operator, RequestOrigin::default());
    test.engine
        .change_access_tokens(
            &operator,
            "photos",
            latchkey_engine::NewAccessTokens::new(
                "read",
                latchkey_domain::tokens::policy::TokenUse::Reusable,
            ),
            &origin,
        )
        .await
        .unwrap();
    for index in 0..100 {
        let new = NewClient::new(
            &format!("Client {index}"),
            ClientKind::Confidential,
            "photos",
            "read",
        );
        let added = test
            .engine
            .add_client(&operator, new, &origin)
            .await
            .unwrap();
        let (client, secret) = added.commit().await.unwrap();
        ids.push((
            client.id.to_string(),
            secret.unwrap().expose_secret().to_owned(),
        ));
    }
    // Ids that differ in a digit, and secrets of other clients.
    let never = |index: usize| {
        let (front, last) = ids[index % 100].0.split_at(35);
        format!("{front}{}", if last == "0" { "1" } else { "0" })
    };
    for (path, body) in [
        ("/oauth/token", "grant_type=client_credentials"),
        ("/oauth/introspect", "token=x"),
        ("/oauth/revoke", "token=x"),
    ] {
        let request = |id: &str, secret: &str| {
            let credentials = BASE64_STANDARD.encode(format!("{id}:{secret}"));
            Request::post(path)
                .header(header::HOST, test.host())
                .header(header::AUTHORIZATION, format!("Basic {credentials}"))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body))
                .unwrap()
        };
        let secret = |index: usize| &ids[(index + 1) % 100].1;
        let known = |index: usize| request(&ids[index % 100].0, secret(index));
        let unknown = |index: usize| request(&never(index), secret(index));
        compare(&test, path, USERS, known, unknown).await;
        // What the measurement itself finds in nothing.
        let control = format!("{path}, both unknown");
        compare(&test, &control, USERS, unknown, unknown).await;
    }
}
