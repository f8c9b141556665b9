//! How many tokens a client gets, and how many requests are accepted with them.

use super::{Program, photos, post};
use crate::harness::TestApp;
use latchkey::web::admission::{ProgramQuota, Quotas};
use std::time::Duration as StdDuration;
use time::Duration;

/// Three at once, and one a second.
async fn limited(settings: &[(&'static str, &str)]) -> TestApp {
    let quotas = Quotas {
        program: ProgramQuota {
            requests: 1,
            window: StdDuration::from_secs(1),
            burst: 3,
        },
        ..Quotas::default()
    };
    TestApp::admitting(settings, quotas).await
}

#[tokio::test]
async fn a_client_gets_tokens_within_its_quota_which_nobody_else_uses_up() {
    let test = limited(&[]).await;
    photos(&test).await;
    let program = Program::add(&test).await;
    // Whoever knows its id alone.
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret=wrong",
        program.id
    );
    for _ in 0..5 {
        let refused = post(&test, "/oauth/token", &[], &form).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("ratelimit"), None);
    }
    for left in (0..3).rev() {
        let issued = program.ask("grant_type=client_credentials").await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        let limit = format!("\"program\";r={left}");
        assert_eq!(issued.header("ratelimit"), Some(&*limit));
    }
    let refused = program.ask("grant_type=client_credentials").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"], "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.header("ratelimit"), Some("\"program\";r=0;t=1"));
    let policy = refused.header("ratelimit-policy");
    assert_eq!(policy, Some("\"program\";q=3;w=3"));
    test.wait(Duration::SECOND);
    let issued = program.ask("grant_type=client_credentials").await;
    assert_eq!(issued.status, 200);
}

#[tokio::test]
async fn a_client_asks_about_tokens_within_its_quota_and_a_service_as_often_as_it_likes() {
    let test = limited(&[]).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let form = format!("token={}", program.token().await);
    let ask = async |authorization: &str| {
        let headers = [("authorization", authorization)];
        let response = post(&test, "/oauth/introspect", &headers, &form).await;
        (
            response.status.as_u16(),
            response.header("ratelimit").map(str::to_owned),
        )
    };
    let own = program.basic();
    for left in (0..3).rev() {
        let limit = format!("\"program\";r={left}");
        assert_eq!(ask(&own).await, (200, Some(limit)));
    }
    assert_eq!(ask(&own).await.0, 429);
    for _ in 0..5 {
        let service = format!("Bearer {}", photos.token);
        assert_eq!(ask(&service).await, (200, None));
    }
    // Asking does not stand in the way of the next token.
    let issued = program.ask("grant_type=client_credentials").await;
    assert_eq!(issued.status, 200);
}

#[tokio::test]
async fn a_service_accepts_the_tokens_of_a_client_within_its_quota() {
    let test = limited(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let original = format!("Bearer {}", program.token().await);
    let own = format!("Bearer {}", photos.token);
    let application = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original.as_str()),
    ];
    let proxy = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", "/"),
        ("authorization", original.as_str()),
    ];
    let nginx = [
        ("x-original-method", "GET"),
        ("x-original-url", "https://photos.example.com/"),
        ("authorization", original.as_str()),
    ];
    let (verify, forward_auth) = ("/verify/photos", "/forward-auth");
    for (path, headers, left) in [
        (verify, &application[..], 2),
        (forward_auth, &proxy, 1),
        (forward_auth, &nginx, 0),
    ] {
        let accepted = photos.ask(path, headers).await;
        assert_eq!(accepted.status, 200, "{}", accepted.body);
        let limit = format!("\"program\";r={left}");
        assert_eq!(accepted.header("ratelimit"), Some(&*limit));
    }
    for (path, headers, status) in [
        (verify, &application[..], 429),
        (forward_auth, &proxy, 429),
        // It would turn 429 into 500.
        (forward_auth, &nginx, 403),
    ] {
        let refused = photos.ask(path, headers).await;
        assert_eq!(refused.status, status, "{path}");
        assert_eq!(refused.json()["error"], "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.header("ratelimit"), Some("\"program\";r=0;t=1"));
    }
    test.wait(Duration::SECOND);
    assert_eq!(photos.ask(verify, &application).await.status, 200);
}

#[tokio::test]
async fn audit_57_with_the_default_quotas_one_client_at_one_address_gets_what_is_promised() {
    let test = TestApp::admitting(&[], Quotas::default()).await;
    photos(&test).await;
    let program = Program::add(&test).await;
    // Its burst, and then sixty a second.
    for _ in 0..120 {
        let issued = program.ask("grant_type=client_credentials").await;
        assert_eq!(issued.status, 200, "{}", issued.body);
    }
    test.wait(Duration::seconds(2));
    let form = format!("token={}", program.token().await);
    let basic = program.basic();
    let headers = [("authorization", basic.as_str())];
    for second in 0..5 {
        test.wait(Duration::SECOND);
        for count in 0..40 {
            let issued = program.ask("grant_type=client_credentials").await;
            assert_eq!(issued.status, 200, "{second} {count}: {}", issued.body);
            let asked = post(&test, "/oauth/introspect", &headers, &form).await;
            assert_eq!(asked.status, 200, "{second} {count}: {}", asked.body);
        }
    }
    // The same address still reaches the sign-in page.
    assert_eq!(test.anon().get("/login").await.status, 200);
}

#[tokio::test]
async fn audit_57_a_flood_without_a_right_secret_is_refused_as_rfc_6749_says() {
    let test = TestApp::admitting(&[], Quotas::default()).await;
    photos(&test).await;
    let form = "grant_type=client_credentials&client_id=a&client_secret=b";
    for path in ["/oauth/token", "/oauth/introspect"] {
        let burst = Quotas::default().network_programs.burst / 2;
        for _ in 0..burst {
            let form = format!("{form}&token=abc");
            assert_eq!(post(&test, path, &[], &form).await.status, 401);
        }
    }
    for path in ["/oauth/token", "/oauth/introspect"] {
        // Also to whoever would rather read a page.
        let refused = post(&test, path, &[("accept", "text/html")], form).await;
        assert_eq!(refused.status, 429);
        let kind = refused.header("content-type");
        assert_eq!(kind, Some("application/json"));
        assert_eq!(refused.body, "{\"error\":\"too_many_requests\"}");
        assert_eq!(refused.header("retry-after"), Some("1"));
        let limit = refused.header("ratelimit");
        assert_eq!(limit, Some("\"network\";r=0;t=1"));
    }
    // People of the same network sign in all the same.
    assert_eq!(test.anon().get("/login").await.status, 200);
}
