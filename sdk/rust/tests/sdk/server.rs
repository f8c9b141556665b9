//! Questions to the server: `/verify/<service>` and introspection (RFC 7662), here against a local server that responds as
//! documented.

use crate::issuer::Issuer;
use latchkey_client::{AcceptedToken, Denied, Service, User, Verifier};
use serde_json::{Value, json};

fn granted() -> Value {
    json!({
        "subject": "5f9f28b81e27a96bde3e393b1effb7c8", "scopes": ["read:username", "read:email"], "username": "Grace",
        "email": "grace@example.com", "device": {"assurance": "passkey"},
        "auth": {"time": 1_795_262_400, "methods": ["hwk", "user"]},
    })
}

#[tokio::test]
async fn verify_a_user_with_access() {
    let server = Issuer::start().await;
    server.answer(200, granted().to_string());
    let service = Service::new(&server.url, "photos", "service-token").unwrap();
    let expected = User {
        subject: "5f9f28b81e27a96bde3e393b1effb7c8".to_owned(),
        scopes: ["read:username", "read:email"].map(str::to_owned).into(),
        username: Some("Grace".to_owned()),
        email: Some("grace@example.com".to_owned()),
        role: None,
        assurance: "passkey".to_owned(),
        auth_time: 1_795_262_400,
        auth_methods: vec!["hwk".to_owned(), "user".to_owned()],
    };
    assert_eq!(service.verify_user("a=b; c=d").await, Ok(expected));
    let request = server.received();
    assert_eq!(request.path, "/verify/photos");
    assert_eq!(request.headers["authorization"], "Bearer service-token");
    assert_eq!(request.headers["cookie"], "a=b; c=d");
    assert!(!request.headers.contains_key("x-original-authorization"));
}

#[tokio::test]
async fn verify_a_program_with_an_access_token() {
    let server = Issuer::start().await;
    let accepted = json!({
        "subject": "s1", "client_id": "c1", "scopes": ["albums:read"],
        "token": {"id": "t1", "issued_at": 1_795_262_400, "expires_at": 1_795_262_520},
    });
    server.answer(200, accepted.to_string());
    let service = Service::new(&format!("{}/", server.url), "a/b?c", "t").unwrap();
    let expected = AcceptedToken {
        subject: "s1".to_owned(),
        client_id: "c1".to_owned(),
        scopes: ["albums:read".to_owned()].into(),
        id: "t1".to_owned(),
        issued_at: 1_795_262_400,
        expires_at: 1_795_262_520,
        user: None,
    };
    assert_eq!(service.verify_token("a.b.c").await, Ok(expected));
    let request = server.received();
    assert_eq!(request.path, "/verify/a%2Fb%3Fc");
    assert_eq!(request.headers["x-original-authorization"], "Bearer a.b.c");
    assert!(!request.headers.contains_key("cookie"));
    let album = "https://photos.example.com/album";
    let found = (service.verify_bound_token("a.b.c", "p.p.p", "PUT", album)).await;
    assert_eq!(found.unwrap().client_id, "c1");
    let bound = server.received().headers;
    for (name, value) in [
        ("x-original-authorization", "DPoP a.b.c"),
        ("dpop", "p.p.p"),
        ("x-original-method", "PUT"),
        ("x-original-url", album),
    ] {
        assert_eq!(bound[name], value);
    }
    // A token that speaks for a user.
    let mut accepted = accepted;
    let user = granted();
    accepted
        .as_object_mut()
        .unwrap()
        .extend(user.as_object().unwrap().clone());
    server.answer(200, accepted.to_string());
    let found = service.verify_token("a.b.c").await.unwrap();
    assert_eq!(found.client_id, "c1");
    server.answer(200, user.to_string());
    assert_eq!(found.user, service.verify_user("a=b").await.ok());
    // The response to a cookie is none to a token.
    server.answer(200, granted().to_string());
    let found = service.verify_token("a.b.c").await;
    assert_eq!(found, Err(Denied::Unavailable(None)));
}

#[tokio::test]
async fn verify_every_denial() {
    let mut server = Issuer::start().await;
    let service = Service::new(&server.url, "photos", "service-token").unwrap();
    let page = "https://login.example.com/login?step_up=1";
    let step_up = json!({"error": "step_up_required", "url": page}).to_string();
    let mut incomplete = granted();
    incomplete["auth"] = Value::Null;
    for (status, body, expected) in [
        (401, step_up, Denied::StepUpRequired(page.to_owned())),
        (
            401,
            "User does not have access to this service".to_owned(),
            Denied::NoAccess,
        ),
        (404, String::new(), Denied::Unauthenticated),
        (
            404,
            "Service Not Found!".to_owned(),
            Denied::ServiceNotFound,
        ),
        (
            401,
            json!({"error": "use_dpop_nonce"}).to_string(),
            Denied::UseDpopNonce(String::new()),
        ),
        (429, String::new(), Denied::RateLimited(Some(2))),
        (503, String::new(), Denied::Unavailable(Some(2))),
        (500, String::new(), Denied::Unavailable(Some(2))),
        (302, String::new(), Denied::Unavailable(Some(2))),
        (200, String::new(), Denied::Unavailable(None)),
        (200, "[]".to_owned(), Denied::Unavailable(None)),
        (200, incomplete.to_string(), Denied::Unavailable(None)),
        (200, " ".repeat(70_000), Denied::Unavailable(None)),
    ] {
        server.answer(status, body.clone());
        let found = service.verify_user("a=b; c=d").await;
        let code = match expected {
            Denied::StepUpRequired(_) => "step_up_required",
            Denied::NoAccess => "no_access",
            Denied::Unauthenticated => "unauthenticated",
            Denied::ServiceNotFound => "service_not_found",
            Denied::UseDpopNonce(_) => "use_dpop_nonce",
            Denied::RateLimited(_) => "rate_limited",
            Denied::Unavailable(_) => "unavailable",
        };
        assert_eq!(expected.code(), code);
        assert_eq!(found, Err(expected), "{status} {body:.40}");
    }
    server.stop().await;
    assert_eq!(
        service.verify_user("a=b; c=d").await,
        Err(Denied::Unavailable(None))
    );
}

#[tokio::test]
async fn introspection() {
    let server = Issuer::start().await;
    let verifier = Verifier::new(&server.url, "photos").unwrap();
    for (status, body, expected) in [
        (200, r#"{"active":true,"sub":"x"}"#, "ok"),
        (200, r#"{"active":true,"aud":"photos"}"#, "ok"),
        (200, r#"{"active":true,"aud":["photos"]}"#, "ok"),
        (200, r#"{"active":true,"aud":"mail"}"#, "audience"),
        (200, r#"{"active":true,"cnf":{"jkt":"x"}}"#, "dpop"),
        (200, r#"{"active":false}"#, "inactive"),
        (200, r#"{"active":"true"}"#, "inactive"),
        (200, r#"{"active":1}"#, "inactive"),
        (200, "{}", "inactive"),
        (200, "[]", "inactive"),
        (200, "{", "unavailable"),
        (401, "{}", "unavailable"),
        (500, r#"{"active":true}"#, "unavailable"),
    ] {
        server.answer(status, body);
        let said = verifier.introspect("client:1", "s e&cret", "a.b.c").await;
        let found = said.err().map_or("ok", |error| error.code());
        assert_eq!(found, expected, "{status} {body}");
    }
    let request = server.received();
    assert_eq!(request.path, "/oauth/introspect");
    assert_eq!(request.body, "token=a.b.c");
    let expected = "application/x-www-form-urlencoded";
    assert_eq!(request.headers["content-type"], expected);
    // client%3A1:s+e%26cret
    let expected = "Basic Y2xpZW50JTNBMTpzK2UlMjZjcmV0";
    assert_eq!(request.headers["authorization"], expected);
}
