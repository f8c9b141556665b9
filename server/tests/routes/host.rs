//! The `Host` of requests.

use crate::harness::{HOST, TestApp, TestResponse};
use axum::{body::Body, http::Request};
use latchkey_app::enrolment_url::enrolment_url;

async fn login(test: &TestApp, headers: &[(&str, &str)]) -> TestResponse {
    let mut request = Request::get("/login").header("accept", "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    test.anon().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn r2_case_and_trailing_dot_are_the_same_host() {
    let test = TestApp::open().await;
    for host in [HOST, "LOCALHOST:3000", "LocalHost:3000"] {
        assert_eq!(login(&test, &[("host", host)]).await.status, 200, "{host}");
    }
    let dotted = login(&test, &[("host", "localhost.:3000")]).await;
    assert_eq!(
        (dotted.status.as_u16(), dotted.location()),
        (308, "//localhost:3000/login")
    );
}

#[tokio::test]
async fn field_4_a_host_with_a_trailing_dot_redirects_to_the_one_without() {
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("server.hosts", "latchkey.internal:3000"),
    ])
    .await;
    let ask = async |method: &str, uri: &str, host: &str| {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("host", host)
            .header("origin", format!("https://{host}"))
            .body(Body::empty())
            .unwrap();
        test.anon().send(request).await
    };
    for (host, name) in [
        ("login.example.com.", "login.example.com"),
        ("LOGIN.example.com.", "login.example.com"),
        ("login.example.com.:443", "login.example.com"),
        ("latchkey.internal.:3000", "latchkey.internal:3000"),
    ] {
        for method in ["GET", "HEAD"] {
            for page in [
                "/",
                "/login?return_to=%2Fdevices&x=1",
                "//evil.example/x",
                "/favicon.svg",
            ] {
                let response = ask(method, page, host).await;
                assert_eq!(
                    (response.status.as_u16(), response.location()),
                    (308, &*format!("//{name}{page}")),
                    "{method} {host}"
                );
            }
        }
        // A form was written on a page of another origin: it is not sent on.
        let form = ask("POST", "/actions/device/register", host).await;
        assert_eq!(form.status, 421, "{host}");
        assert!(
            form.header("location").is_none()
                && form
                    .body
                    .contains("Nothing was changed; open https://login.example.com/"),
            "{}",
            form.body
        );
    }
    let absolute = ask(
        "GET",
        "https://login.example.com./login",
        "login.example.com",
    )
    .await;
    assert_eq!(
        (absolute.status.as_u16(), absolute.location()),
        (308, "//login.example.com/login")
    );
    for other in [
        "evil.example.",
        "login.example.com..",
        "login.example.com.:80",
        ".",
    ] {
        let response = ask("GET", "/login", other).await;
        assert_eq!(response.status, 421, "{other}");
        assert!(response.header("location").is_none());
    }
    for same in ["login.example.com:443", "LOGIN.EXAMPLE.COM"] {
        assert_eq!(ask("GET", "/login", same).await.status, 200, "{same}");
    }
}

#[tokio::test]
async fn r28_must_survive_22_an_unknown_host_gets_421() {
    let test = TestApp::open().await;
    for host in [
        "evil.example",
        "localhost",
        "localhost:3001",
        "localhost:3000.evil.example",
        "localhost:3000@evil.example",
        "localhost:3000, evil.example",
        "127.0.0.1:3000",
        "",
        " ",
        "localhost:3000:3000",
        "[::1]:3000",
        "localhost..:3000",
        "localhost:03000",
    ] {
        let response = login(&test, &[("host", host)]).await;
        assert_eq!(response.status, 421, "{host:?}");
        assert_eq!(
            response.body,
            "Latchkey does not serve this host. Open http://localhost:3000/\n\
             If this is that address, the proxy in front of Latchkey must forward the Host header unchanged.\n"
        );
    }
    assert_eq!(login(&test, &[]).await.status, 421, "no host at all");
    assert_eq!(
        login(&test, &[("host", HOST), ("host", "evil.example")])
            .await
            .status,
        421,
        "two hosts"
    );
    assert_eq!(
        login(&test, &[("host", HOST), ("host", HOST)]).await.status,
        421,
        "even the same one"
    );
    let absolute = Request::get("http://evil.example/login")
        .header("host", HOST)
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        test.anon().send(absolute).await.status,
        421,
        "a whole URL in the request line"
    );
}

#[tokio::test]
async fn extra_hosts_can_be_allowed_and_the_default_port_omitted() {
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("server.hosts", "latchkey.internal:3000"),
    ])
    .await;
    for host in [
        "login.example.com",
        "login.example.com:443",
        "Login.Example.Com",
        "latchkey.internal:3000",
    ] {
        assert_eq!(login(&test, &[("host", host)]).await.status, 200, "{host}");
    }
    for host in [
        "login.example.com:80",
        "login.example.com:8443",
        "latchkey.internal",
        "a.login.example.com",
    ] {
        assert_eq!(login(&test, &[("host", host)]).await.status, 421, "{host}");
    }
}

#[tokio::test]
async fn r28_forwarded_hosts_do_not_appear_in_links() {
    let test = TestApp::open().await;
    let forged = [
        ("host", HOST),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-server", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "//evil.example"),
        ("x-original-url", "/admin"),
        ("x-rewrite-url", "/admin"),
    ];
    let response = login(&test, &forged).await;
    assert_eq!(response.status, 200);
    assert!(!response.body.contains("evil.example"), "{}", response.body);
    let mut request = Request::get("/devices").header("accept", "text/html");
    for (name, value) in forged {
        request = request.header(name, value);
    }
    let response = test.anon().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (response.status.as_u16(), response.location()),
        (303, "/login?return_to=%2Fdevices")
    );
    let code = test.invite("ada@example.com", "").await;
    let link = enrolment_url(test.engine.public_url().as_str(), &code);
    assert!(
        link.expose_secret()
            .starts_with("http://localhost:3000/enrol/")
    );
}
