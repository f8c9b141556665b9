//! Every device with every token at every service by every method, against the table as it is written.

use super::strict;
use crate::harness::{Service, TestApp, TestResponse, TestUser};
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::Scopes, access::permission::Operator, identity::user::Role,
};
use latchkey_engine::{NewService, RequestOrigin};
use std::collections::BTreeMap;
use time::Duration;

/// Whose device cookie the `Cookie` headers have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum CookieOf {
    /// No device that counts.
    NoDevice,
    /// A device of a user without a grant.
    UserWithoutGrant,
    /// A device of a user with grants for `photos` and `bank`.
    UserWithGrants,
}

/// Whose token the `Authorization` headers have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TokenOf {
    NoService,
    Photos,
    Bank,
}

/// The table.
fn expected(
    method: &Method,
    service: &str,
    token_of: TokenOf,
    cookie_of: CookieOf,
) -> (u16, &'static str) {
    let own = match token_of {
        TokenOf::NoService => None,
        TokenOf::Photos => Some("photos"),
        TokenOf::Bank => Some("bank"),
    };
    if !matches!(*method, Method::GET | Method::HEAD) {
        return (404, "");
    }
    match (own, cookie_of) {
        (None, _) | (_, CookieOf::NoDevice) => (404, ""),
        (Some(own), _) if own != service => (404, "Service Not Found!"),
        (Some(_), CookieOf::UserWithoutGrant) => (401, "User does not have access to this service"),
        (Some("bank"), CookieOf::UserWithGrants) => (
            401,
            r#"{"error":"step_up_required","url":"http://localhost:3000/login?step_up=1"}"#,
        ),
        (Some(_), CookieOf::UserWithGrants) => (200, "{"),
    }
}

#[tokio::test]
async fn r36_r37_every_combination_of_token_and_device_gets_the_documented_response() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let bob = test.user("bob@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    let bank = test.service("bank", strict()).await;
    for service in ["photos", "bank"] {
        test.grant(&ada, service, Scopes::NONE).await;
    }
    let cookies = cookies(&test, &ada, &bob).await;
    let tokens = tokens(&test, &photos, &bank).await;
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get",
        "BREW",
    ];

    let mut seen = BTreeMap::new();
    let mut count = 0;
    for method in methods {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for service in ["photos", "bank", "nowhere", ""] {
            for (token, authorization, token_of) in &tokens {
                for (cookie, lines, cookie_of) in &cookies {
                    let what = format!("{method} {service:?}, token {token}, cookie {cookie}");
                    let headers: Vec<_> = authorization
                        .iter()
                        .map(|line| ("authorization", line.as_str()))
                        .chain(lines.iter().map(|line| ("cookie", line.as_str())))
                        .collect();
                    let response = photos
                        .send(method.clone(), &format!("/verify/{service}"), &headers)
                        .await;
                    let (status, body) = match service {
                        // The path of no verify at all.
                        "" => (404, ""),
                        _ => expected(&method, service, *token_of, *cookie_of),
                    };
                    check(&response, status, body, &what, method == Method::HEAD);
                    // One answer to one situation, to the last header.
                    let shown = response.fingerprint();
                    if status != 200 && method != Method::HEAD {
                        let first = seen.entry((status, body)).or_insert_with(|| shown.clone());
                        assert_eq!(*first, shown, "{what}");
                    }
                    count += 1;
                }
            }
        }
    }
    assert_eq!(seen.len(), 4, "every refusal of the table was met");
    assert_eq!(count, methods.len() * 4 * tokens.len() * cookies.len());
}

fn check(response: &TestResponse, status: u16, body: &str, what: &str, is_head: bool) {
    assert_eq!(
        response.status.as_u16(),
        status,
        "{what}: {}",
        response.body
    );
    match (is_head, status) {
        (true, _) => assert_eq!(response.body, "", "{what}"),
        (false, 200) => assert!(response.body.starts_with(body), "{what}: {}", response.body),
        (false, _) => assert_eq!(response.body, body, "{what}"),
    }
    assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(
        response.header("x-content-type-options"),
        Some("nosniff"),
        "{what}"
    );
    for never in [
        "set-cookie",
        "location",
        "www-authenticate",
        "allow",
        "server",
    ] {
        assert_eq!(response.header(never), None, "{what}");
    }
}

type Case<T> = (&'static str, Vec<String>, T);

async fn cookies(test: &TestApp, ada: &TestUser, bob: &TestUser) -> Vec<Case<CookieOf>> {
    let (operator, nobody) = (Operator, RequestOrigin::default());
    let mut ended = Vec::new();
    for email in [
        "revoked@example.com",
        "disabled@example.com",
        "deleted@example.com",
    ] {
        let user = test.user(email, Role::Member).await;
        test.grant(&user, "photos", Scopes::NONE).await;
        let cookie = test
            .signed_in(&user)
            .await
            .device_cookie()
            .unwrap()
            .to_owned();
        ended.push((user, cookie));
    }
    let [revoked, disabled, deleted] = &ended[..] else {
        unreachable!()
    };
    let device = test.devices_of(revoked.0.id).await[0].id;
    test.engine
        .revoke_device(&operator, device, &[], &nobody)
        .await
        .unwrap();
    test.engine
        .disable_user(&operator, disabled.0.id, &nobody)
        .await
        .unwrap();
    test.engine
        .delete_user(&operator, deleted.0.id, &nobody)
        .await
        .unwrap();
    let expired = test
        .signed_in(ada)
        .await
        .device_cookie()
        .unwrap()
        .to_owned();
    test.wait(Duration::days(91));
    let guest = test
        .signed_in(ada)
        .await
        .device_cookie()
        .unwrap()
        .to_owned();
    let anonymous = test
        .signed_in(bob)
        .await
        .device_cookie()
        .unwrap()
        .to_owned();

    let ours = |value: &str| format!("__Host-latchkey={value}");
    let flipped = |place: usize| {
        let mut bytes = guest.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let wrong = |name, lines: &[String]| (name, lines.to_vec(), CookieOf::NoDevice);
    vec![
        wrong("absent", &[]),
        wrong("empty", &[ours("")]),
        wrong("malformed", &[ours("not base64!")]),
        wrong("of another version", &[ours(&flipped(0))]),
        wrong("with another secret", &[ours(&flipped(50))]),
        wrong("with another tag", &[ours(&flipped(guest.len() - 1))]),
        wrong("cut off", &[ours(&guest[..guest.len() - 1])]),
        wrong("too long", &[ours(&format!("{guest}A"))]),
        wrong("much too long", &[ours(&"A".repeat(8000))]),
        wrong("twice in a line", &[format!("{0}; {0}", ours(&guest))]),
        wrong("in two lines", &[ours(&guest), ours(&guest)]),
        wrong("under another name", &[format!("latchkey={guest}")]),
        wrong(
            "under the name of a domain",
            &[format!("__Secure-latchkey={guest}")],
        ),
        wrong("in quotes", &[ours(&format!("\"{guest}\""))]),
        wrong("revoked", &[ours(&revoked.1)]),
        wrong("of an account that is switched off", &[ours(&disabled.1)]),
        wrong("of a deleted account", &[ours(&deleted.1)]),
        wrong("expired", &[ours(&expired)]),
        (
            "of somebody without a grant",
            vec![ours(&anonymous)],
            CookieOf::UserWithoutGrant,
        ),
        ("good", vec![ours(&guest)], CookieOf::UserWithGrants),
        (
            "good, among others",
            vec![format!("a=b; {}; c", ours(&guest)), "x=y".to_owned()],
            CookieOf::UserWithGrants,
        ),
    ]
}

async fn tokens(test: &TestApp, photos: &Service<'_>, bank: &Service<'_>) -> Vec<Case<TokenOf>> {
    let (operator, nobody) = (Operator, RequestOrigin::default());
    let rotated = test.service("rotated", NewService::default()).await;
    test.engine
        .rotate_service_token(&operator, "rotated", Duration::ZERO, &nobody)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let bearer = |token: &str| format!("Bearer {token}");
    let (label, secret) = photos.token.split_at("lk_0123456789abcdef".len());
    let wrong = |name, lines: &[String]| (name, lines.to_vec(), TokenOf::NoService);
    vec![
        wrong("absent", &[]),
        wrong("empty", &["Bearer ".to_owned()]),
        wrong("malformed", &[bearer("lk_x")]),
        wrong("of another scheme", &[format!("Basic {}", photos.token)]),
        wrong("without a scheme", std::slice::from_ref(&photos.token)),
        wrong(
            "with another secret",
            &[bearer(&format!("{label}_{}", "A".repeat(43)))],
        ),
        wrong(
            "with another label",
            &[bearer(&format!("lk_0123456789abcdef{secret}"))],
        ),
        wrong("retired", &[bearer(&rotated.token)]),
        wrong("twice", &[bearer(&photos.token), bearer(&photos.token)]),
        ("of photos", vec![bearer(&photos.token)], TokenOf::Photos),
        ("of bank", vec![bearer(&bank.token)], TokenOf::Bank),
    ]
}
