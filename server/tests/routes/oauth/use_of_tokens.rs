//! Access tokens in front of services: `/verify/{service}` and `/forward-auth`.

use super::{
    Program,
    device::{terminal, token_of_user},
    photos,
};
use crate::harness::{Service, TestApp, TestResponse};
use axum::{
    body::Body,
    http::{Method, Request},
};
use latchkey_domain::{
    access::{
        access_grant::Scopes,
        permission::Operator,
        service::{Policy, Requirement},
    },
    identity::user::Role,
};
use latchkey_engine::{NewService, RequestOrigin};
use serde_json::json;
use time::Duration;

/// As Traefik and Caddy describe a request, with the client's own headers.
async fn forward(service: &Service<'_>, target: &str, more: &[(&str, &str)]) -> TestResponse {
    let mut headers = vec![
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", target),
    ];
    headers.extend(more);
    service.send(Method::GET, "/forward-auth", &headers).await
}

#[tokio::test]
async fn an_application_asks_about_the_token_of_its_caller() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let (token, own) = (program.token().await, format!("Bearer {}", photos.token));
    let original = format!("Bearer {token}");
    let headers = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original.as_str()),
    ];
    let response = photos.ask("/verify/photos", &headers).await;
    assert_eq!(response.status, 200);
    let mut body = response.json();
    let times = body["token"].take();
    assert_eq!(
        body,
        json!({"subject": program.id, "client_id": program.id, "scopes": ["read", "write"], "token": null})
    );
    let now = test.now().unix_timestamp();
    assert_eq!(
        (&times["issued_at"], &times["expires_at"]),
        (&json!(now), &json!(now + 120))
    );

    // Anything else gets the answer of an unknown device.
    for (path, headers) in [
        ("/verify/photos", &[headers[0]][..]),
        ("/verify/photos", &[headers[1]]),
        ("/verify/photos", &[headers[0], headers[1], headers[1]]),
        ("/verify/photos", &[("authorization", original.as_str())]),
        (
            "/verify/photos",
            &[headers[0], ("x-original-authorization", &token)],
        ),
    ] {
        let response = photos.ask(path, headers).await;
        assert_eq!(
            (response.status.as_u16(), &*response.body),
            (404, ""),
            "{headers:?}"
        );
    }
    test.wait(Duration::seconds(125));
    let response = photos.ask("/verify/photos", &headers).await;
    assert_eq!((response.status.as_u16(), &*response.body), (404, ""));
}

#[tokio::test]
async fn a_proxy_lets_the_token_of_a_client_through_and_tells_the_service_who_it_is() {
    let test = TestApp::with(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let original = format!("Bearer {}", program.token().await);
    let response = forward(&photos, "/albums", &[("authorization", &original)]).await;
    assert_eq!(response.status, 200, "{}", response.body);
    assert_eq!(response.header("latchkey-subject"), Some(&*program.id));
    assert_eq!(response.header("latchkey-scopes"), Some("read write"));
    let assertion = response.header("latchkey-assertion").unwrap();
    assert_eq!(assertion.split('.').count(), 3);
    assert_eq!(response.header("latchkey-assurance"), None);

    test.wait(Duration::seconds(125));
    let response = forward(&photos, "/albums", &[("authorization", &original)]).await;
    assert_eq!(response.status, 401);
    assert_eq!(
        response.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
    assert_eq!(response.json()["error"], "invalid_token");
}

#[tokio::test]
async fn a_proxy_that_sends_a_service_token_passes_the_client_s_own_header_beside_it() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let (own, original) = (
        format!("Bearer {}", photos.token),
        format!("Bearer {}", program.token().await),
    );
    let headers = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original.as_str()),
    ];
    assert_eq!(forward(&photos, "/albums", &headers).await.status, 200);
    // Without the service token, the access token of its client is none.
    let response = forward(&photos, "/albums", &[("authorization", &original)]).await;
    assert_eq!(response.status, 403);
}

#[tokio::test]
async fn an_authorization_that_is_not_ours_is_the_service_s_own() {
    let test = TestApp::with(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    for authorization in ["Basic YTpi", "Bearer abc", "Bearer a.b.c", "Digest x=y"] {
        let headers = [
            ("authorization", authorization),
            ("cookie", cookie.as_str()),
        ];
        assert_eq!(
            forward(&photos, "/", &headers).await.status,
            200,
            "{authorization}"
        );
    }
    // Two credentials that name two users.
    let original = format!("Bearer {}", program.token().await);
    let headers = [
        ("authorization", original.as_str()),
        ("cookie", cookie.as_str()),
    ];
    assert_eq!(forward(&photos, "/", &headers).await.status, 401);
}

/// What `/verify` and `/forward-auth` say of the `Authorization` of a program.
async fn both(photos: &Service<'_>, original: &str) -> [TestResponse; 2] {
    let own = format!("Bearer {}", photos.token);
    let asked = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original),
    ];
    let verified = photos.ask("/verify/photos", &asked).await;
    let forwarded = forward(photos, "/albums", &[("authorization", original)]).await;
    [verified, forwarded]
}

#[tokio::test]
async fn audit_57_a_program_learns_how_recently_its_user_must_have_used_a_passkey() {
    let test = TestApp::with(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    let client = terminal(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut browser = test.with_passkey(&ada).await;
    let token = token_of_user(&test, &mut browser, &client).await;
    let original = format!("Bearer {token}");
    for response in both(&photos, &original).await {
        assert_eq!(response.status, 200, "{}", response.body);
    }
    let strict = NewService {
        hosts: "photos.example.com".to_owned(),
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 60,
            },
            admins_enter: true,
        },
        ..NewService::default()
    };
    let origin = RequestOrigin::default();
    let changed = (test.engine).change_service(&Operator, "photos", strict, &origin);
    changed.await.unwrap();
    test.wait(Duration::seconds(62));
    let [verified, forwarded] = both(&photos, &original).await;
    let expected =
        "error=\"insufficient_user_authentication\", acr_values=\"passkey\", max_age=\"60\"";
    for response in [&verified, &forwarded] {
        assert_eq!(response.status, 401);
        let challenge = response.header("www-authenticate");
        assert_eq!(challenge, Some(&*format!("Bearer {expected}")));
        assert_eq!(response.header("location"), None, "it has no browser");
    }
    // No page to redirect to.
    let error = json!({"error": "insufficient_user_authentication"});
    assert_eq!(verified.json(), error);
    assert_eq!(forwarded.json()["error"], "step_up_required");
}

#[tokio::test]
async fn audit_57_rfc9449_7_1_a_challenge_has_the_scheme_of_the_token() {
    let test = TestApp::with(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    test.service("latchkey", NewService::default()).await;
    let program = Program::add(&test).await;
    let token = program.token().await;
    let algs = "DPoP algs=\"EdDSA ES256 RS256\", error=\"invalid_token\"";
    for (scheme, expected) in [("Bearer", "Bearer error=\"invalid_token\""), ("DPoP", algs)] {
        // One of ours, and not for the management API; with this scheme it has no proof.
        let original = format!("{scheme} {token}");
        if scheme == "DPoP" {
            let refused = forward(&photos, "/albums", &[("authorization", &original)]).await;
            assert_eq!(refused.status, 401);
            assert_eq!(refused.header("www-authenticate"), Some(expected));
        }
        let request = Request::get("/api/v1/users")
            .header("host", test.host())
            .header("authorization", &original);
        let request = request.body(Body::empty()).unwrap();
        let refused = test.anon().send(request).await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.header("www-authenticate"), Some(expected));
    }
}
