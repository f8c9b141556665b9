//! What Traefik and Envoy make of our own snippets. Neither is run by the tests, so what their documentation says they do
//! stands here: the request that each asks with, and what it then lets through to the backend.
//!
//! Every list of headers is read out of the rendered snippet: a changed snippet is a changed test.

mod envoy;
mod traefik;
mod yaml;

use super::{HOST, ada, photos};
use crate::harness::{Answer, Browser, House, Service};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use latchkey::config::{Config, Inputs};
use latchkey_app::snippet::{self, Proxy, Site, UNTRUSTED};
use latchkey_domain::{grant::Scopes, host::HostPattern, service::ServiceName, user::Role};

const PROXIES: [Proxy; 2] = [Proxy::Traefik, Proxy::Envoy];

/// Where clients come from.
const CLIENT: &str = "192.0.2.7";

/// The snippet for photos.
fn snippet(proxy: Proxy) -> String {
    let site = Site {
        service: &ServiceName::parse("photos").unwrap(),
        hosts: &[HostPattern::parse(HOST).unwrap()],
        is_https: true,
        inside: &Config::load(&Inputs::default()).unwrap().inside(),
    };
    let mut files = snippet::files(proxy, &site).unwrap();
    assert_eq!(files.len(), 1);
    files.remove(0).text
}

/// A request that comes to the proxy, over https and for the host of photos.
struct Knock<'a> {
    method: &'a str,
    target: &'a str,
    headers: HeaderMap,
}

/// What becomes of it.
#[derive(Debug)]
enum Fate {
    /// The client gets this.
    Denied(Answer),
    /// The backend gets these headers.
    Passed(HeaderMap),
}

impl<'a> Knock<'a> {
    /// A person opens a page.
    fn page(target: &'a str) -> Self {
        let knock = Self {
            method: "GET",
            target,
            headers: HeaderMap::new(),
        };
        knock
            .with("accept", "text/html,*/*;q=0.8")
            .with("sec-fetch-mode", "navigate")
    }

    /// A browser that says everything that only proxies may say.
    fn of_a_liar() -> Self {
        Self::page("/album?page=2")
            .with("cookie", "a=b")
            .with("upgrade", "websocket")
            .with("authorization", "Basic YTpi")
            .with("x-forwarded-host", "forged.example")
            .with("x-forwarded-uri", "/forged")
            .with("x_forwarded_uri", "/forged")
            .with("x-original-url", "https://forged.example/")
            .with("latchkey-subject", "forged")
    }

    /// A script asks for something.
    fn script(method: &'a str, target: &'a str) -> Self {
        let page = Self {
            method,
            ..Self::page(target)
        };
        page.with("accept", "*/*").with("sec-fetch-mode", "cors")
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// From a device.
    fn by(self, browser: &Browser<'_>) -> Self {
        let cookie = format!("__Host-latchkey={}", browser.device_cookie().unwrap());
        self.with("cookie", &cookie)
    }

    async fn at(&self, proxy: Proxy, latchkey: Option<&Service<'_>>) -> Fate {
        let snippet = snippet(proxy);
        match proxy {
            Proxy::Traefik => traefik::pass(&snippet, latchkey, self).await,
            Proxy::Envoy => envoy::pass(&snippet, latchkey, self).await,
            Proxy::Nginx | Proxy::Caddy | Proxy::Haproxy => panic!("run by the browser tests"),
        }
    }

    async fn denied(&self, proxy: Proxy, latchkey: &Service<'_>) -> Answer {
        match self.at(proxy, Some(latchkey)).await {
            Fate::Denied(answer) => answer,
            Fate::Passed(headers) => panic!("{proxy:?} let it through: {headers:?}"),
        }
    }

    async fn passed(&self, proxy: Proxy, latchkey: &Service<'_>) -> HeaderMap {
        match self.at(proxy, Some(latchkey)).await {
            Fate::Passed(headers) => headers,
            Fate::Denied(answer) => panic!("{proxy:?} denied it: {answer:?}"),
        }
    }
}

/// Headers as they are sent.
fn lines(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A Latchkey that believes Traefik's address, as its snippet says.
async fn house() -> House {
    let trusted = format!("{}/32", traefik::address(&snippet(Proxy::Traefik)));
    House::with(&[("proxy.trusted", &trusted)]).await
}

/// Names in which a service may look for a person.
fn names() -> Vec<String> {
    let inside = Config::load(&Inputs::default()).unwrap().inside();
    let own = inside.identity.all().map(|(_, name)| name.to_string());
    own.into_iter()
        .chain(UNTRUSTED.map(str::to_ascii_lowercase))
        .collect()
}

/// Everything that some server takes for a name: all but letters and digits may be one letter to
/// it, or only the first of several (CVE-2026-88011).
fn spellings(name: &str) -> Vec<String> {
    let all = "-_.!#$%&'*+^`|~".chars();
    let each = all.map(|letter| name.replace('-', &letter.to_string()));
    let first = ["_", "."].map(|letter| name.replacen('-', letter, 1));
    let last = ["_", "."].map(|letter| {
        let (before, behind) = name.rsplit_once('-').unwrap();
        format!("{before}{letter}{behind}")
    });
    let mixed = name.replacen('-', "_", 1).replace('-', ".");
    each.chain(first).chain(last).chain([mixed]).collect()
}

/// What a client says of itself.
fn forged(knock: Knock<'_>) -> Knock<'_> {
    names()
        .iter()
        .flat_map(|name| spellings(name))
        .fold(knock, |knock, name| knock.with(&name, "forged"))
}

fn said(headers: &HeaderMap) -> Vec<&str> {
    let is_forged = |(_, value): &(&HeaderName, &HeaderValue)| *value == "forged";
    let forged = headers.iter().filter(is_forged);
    forged.map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_stranger_who_opens_a_page_is_led_to_the_sign_in_page_and_back() {
    let house = house().await;
    let photos = photos(&house, "").await;
    for proxy in PROXIES {
        let answer = Knock::page("/album?page=2").denied(proxy, &photos).await;
        assert_eq!(answer.status, 302, "{proxy:?}");
        assert_eq!(
            answer.location(),
            "http://localhost:3000/login?return_to=https%3A%2F%2Fphotos.example.com%2Falbum%3Fpage%3D2"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_stranger_who_is_no_page_is_told() {
    let house = house().await;
    let photos = photos(&house, "").await;
    for proxy in PROXIES {
        for knock in [
            Knock::script("GET", "/api"),
            Knock::script("DELETE", "/api"),
            Knock {
                method: "POST",
                ..Knock::page("/upload")
            },
            Knock::script("GET", "/socket")
                .with("sec-fetch-mode", "websocket")
                .with("connection", "upgrade")
                .with("upgrade", "websocket"),
        ] {
            let answer = knock.denied(proxy, &photos).await;
            assert_eq!(answer.status, 401, "{proxy:?} {}", knock.target);
            assert_eq!(answer.header("location"), None);
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.json()["error"], "sign_in_required");
        }
    }
}

#[tokio::test]
async fn whoever_has_a_grant_comes_in_and_the_backend_learns_who_it_is() {
    let house = house().await;
    let photos = photos(&house, "").await;
    let laptop = ada(&house, Role::User, Scopes::ALL).await;
    let verified = photos.verify(&laptop).await.json();
    for proxy in PROXIES {
        let headers = Knock::page("/album")
            .by(&laptop)
            .passed(proxy, &photos)
            .await;
        for (name, value) in [
            ("latchkey-subject", verified["subject"].as_str().unwrap()),
            ("latchkey-email", "ada@example.com"),
            ("latchkey-role", "user"),
            ("latchkey-assurance", "registered"),
            ("latchkey-scopes", "read:username read:email read:user-role"),
        ] {
            let values: Vec<_> = headers.get_all(name).into_iter().collect();
            assert_eq!(values, [value], "{proxy:?} {name}");
        }
        assert!(headers.contains_key("latchkey-assertion"), "{proxy:?}");
    }
}

#[tokio::test]
async fn r20_r25_must_survive_20_no_spelling_of_an_identity_reaches_the_backend() {
    let house = house().await;
    let photos = photos(&house, "public GET /assets/*").await;
    let laptop = ada(&house, Role::User, Scopes::NONE).await;
    for proxy in PROXIES {
        let stranger = forged(Knock::page("/assets/app.js"));
        let headers = stranger.passed(proxy, &photos).await;
        assert_eq!(said(&headers), [""; 0], "{proxy:?}, a stranger");
        assert!(!headers.contains_key("latchkey-subject"));

        let member = forged(Knock::page("/album")).by(&laptop);
        let headers = member.passed(proxy, &photos).await;
        assert_eq!(said(&headers), [""; 0], "{proxy:?}, a member");
        assert!(headers.contains_key("latchkey-subject"));
        // Without the scope there is no answer that could replace what was forged.
        assert!(!headers.contains_key("latchkey-email"));
        assert!(headers.contains_key("accept"));
    }
}

#[tokio::test]
async fn the_backend_gets_every_cookie_but_ours() {
    let house = house().await;
    let photos = photos(&house, "public GET /assets/*").await;
    let laptop = ada(&house, Role::User, Scopes::NONE).await;
    let ours = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let more = format!("a=b; {ours}; __Secure-latchkey=x; c=d");
    for proxy in PROXIES {
        for path in ["/album", "/assets/app.js"] {
            for (sent, seen) in [(&more, Some("a=b; c=d")), (&ours, None)] {
                let knock = Knock::page(path).with("cookie", sent);
                let headers = knock.passed(proxy, &photos).await;
                let cookies = headers.get("cookie").map(HeaderValue::as_bytes);
                assert_eq!(cookies, seen.map(str::as_bytes), "{proxy:?} {path}");
            }
        }
    }
}

#[tokio::test]
async fn r21_must_survive_21_what_a_client_says_of_its_request_is_not_believed() {
    let house = house().await;
    let photos = photos(&house, "public GET /assets/*\nadmins /settings/*").await;
    let laptop = ada(&house, Role::User, Scopes::NONE).await;
    let lie = |knock: Knock<'static>| {
        let lies = [
            ("x-forwarded-uri", "/assets/app.js"),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-host", "wiki.example.com"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-for", "10.0.0.2"),
            ("x-original-url", "https://photos.example.com/assets/app.js"),
            ("x-original-method", "GET"),
            ("x_forwarded_uri", "/assets/app.js"),
            ("x.original.url", "https://photos.example.com/assets/app.js"),
            ("authorization", "Bearer forged"),
        ];
        lies.iter()
            .fold(knock, |knock, (name, value)| knock.with(name, value))
    };
    for proxy in PROXIES {
        let stranger = lie(Knock::page("/album")).denied(proxy, &photos).await;
        assert_eq!(stranger.status, 302, "{proxy:?}");
        assert!(
            stranger
                .location()
                .ends_with("?return_to=https%3A%2F%2Fphotos.example.com%2Falbum")
        );
        let post = Knock {
            method: "POST",
            ..Knock::page("/assets/app.js")
        };
        assert_eq!(
            lie(post).denied(proxy, &photos).await.status,
            401,
            "{proxy:?}"
        );
        let settings = lie(Knock::page("/settings/users")).by(&laptop);
        assert_eq!(
            settings.denied(proxy, &photos).await.status,
            403,
            "{proxy:?}"
        );
    }
}

#[tokio::test]
async fn without_a_grant_a_person_sees_why_and_a_script_is_told() {
    let house = house().await;
    let photos = photos(&house, "").await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    for proxy in PROXIES {
        let page = Knock::page("/").by(&laptop).denied(proxy, &photos).await;
        assert_eq!(page.status, 403, "{proxy:?}");
        assert!(page.body.contains(HOST), "{proxy:?}");
        for name in ["content-security-policy", "content-type", "cache-control"] {
            assert!(page.header(name).is_some(), "{proxy:?} {name}");
        }
        let script = Knock::script("GET", "/").by(&laptop);
        let script = script.denied(proxy, &photos).await;
        assert_eq!(script.status, 403, "{proxy:?}");
        assert_eq!(script.json()["error"], "no_access");
    }
}

#[tokio::test]
async fn must_survive_23_without_latchkey_or_its_database_nobody_comes_in() {
    let house = house().await;
    let photos = photos(&house, "").await;
    let laptop = ada(&house, Role::User, Scopes::NONE).await;
    let knock = forged(Knock::page("/")).by(&laptop);
    let assert_denied = |fate: Fate, proxy| match fate {
        Fate::Denied(answer) => assert!(answer.status.as_u16() >= 400, "{proxy:?}"),
        Fate::Passed(headers) => panic!("{proxy:?} let it through: {headers:?}"),
    };
    for proxy in PROXIES {
        assert_denied(knock.at(proxy, None).await, proxy);
    }
    house.break_database().await;
    for proxy in PROXIES {
        assert_denied(knock.at(proxy, Some(&photos)).await, proxy);
    }
}
