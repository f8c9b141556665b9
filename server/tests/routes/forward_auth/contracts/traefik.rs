//! Traefik 3: <https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/>
//!
//! 1. The middlewares of the router are walked in their order.
//! 2. `headers` takes out what stands in `customRequestHeaders` with nothing.
//! 3. `forwardAuth` asks with GET: the headers of `authRequestHeaders`, none of them of one hop only, and the request in
//!    `X-Forwarded-*`; what the client wrote in those counts only with `trustForwardHeader`.
//! 4. 2xx: the headers of `authResponseHeaders` are replaced by those of the answer, and so are all whose name matches
//!    `authResponseHeadersRegex`. Anything else: the whole answer goes to the client. No answer: 500.

use super::{CLIENT, Fate, Knock, lines, yaml::Node};
use crate::{
    forward_auth::HOST,
    harness::{Answer, Service},
};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use regex::bytes::Regex;
use std::net::Ipv4Addr;

/// Headers of one hop only.
const HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
];

/// Headers in which proxies say where a request came from.
const FORWARDED: [&str; 8] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-forwarded-uri",
];

/// Where Traefik asks from, as the snippet tells Latchkey.
pub(super) fn address(snippet: &str) -> Ipv4Addr {
    let trusted = snippet
        .split_once("LATCHKEY_PROXY_TRUSTED=")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap();
    trusted.strip_suffix("/32").unwrap().parse().unwrap()
}

/// What becomes of a request.
pub(super) async fn pass(snippet: &str, latchkey: Option<&Service<'_>>, knock: &Knock<'_>) -> Fate {
    let root = Node::parse(snippet);
    let http = root.at("http");
    let mut headers = knock.headers.clone();
    for name in http.at("routers").at("photos").at("middlewares").texts() {
        let middleware = http.at("middlewares").at(name);
        if let Some(own) = middleware.find("headers") {
            for (name, value) in own.at("customRequestHeaders").entries() {
                assert_eq!(value, "", "{name} is taken out");
                headers.remove(name);
            }
            continue;
        }
        let auth = middleware.at("forwardAuth");
        let Some(latchkey) = latchkey else {
            return Fate::Denied(Answer {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                headers: HeaderMap::new(),
                body: String::new(),
            });
        };
        let (_, path) = auth.at("address").text().rsplit_once(":3001").unwrap();
        let question = question(&auth, knock, &headers);
        let from = address(snippet).octets();
        let answer = latchkey
            .send_from(from, Method::GET, path, &lines(&question))
            .await;
        if !answer.status.is_success() {
            return Fate::Denied(answer);
        }
        for name in auth.at("authResponseHeaders").texts() {
            take_over(&mut headers, &answer, |known| {
                known == name.to_ascii_lowercase()
            });
        }
        if let Some(pattern) = auth.find("authResponseHeadersRegex") {
            let pattern = Regex::new(&format!("(?-u){}", pattern.text())).unwrap();
            take_over(&mut headers, &answer, |name| {
                pattern.is_match(name.as_bytes())
            });
        }
    }
    Fate::Passed(headers)
}

/// The headers of the question.
pub(super) fn question(
    auth: &Node<'_>,
    knock: &Knock<'_>,
    headers: &HeaderMap,
) -> Vec<(String, String)> {
    let is_trusted = auth.at("trustForwardHeader").text() != "false";
    let allowed: Vec<_> = auth
        .at("authRequestHeaders")
        .texts()
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    let is_copied = |name: &str| {
        let is_allowed = allowed.is_empty() || allowed.iter().any(|allowed| allowed == name);
        match FORWARDED.contains(&name) {
            true => is_trusted,
            false => is_allowed && !HOP.contains(&name),
        }
    };
    let mut asked: Vec<_> = headers
        .iter()
        .filter(|(name, _)| is_copied(name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    for (name, value) in [
        ("x-forwarded-for", CLIENT),
        ("x-forwarded-method", knock.method),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-host", HOST),
        ("x-forwarded-uri", knock.target),
    ] {
        if asked.iter().all(|(known, _)| known != name) {
            asked.push((name.to_owned(), value.to_owned()));
        }
    }
    asked
}

/// Headers of the answer stand for those that the client sent by these names.
fn take_over(headers: &mut HeaderMap, answer: &Answer, is_named: impl Fn(&str) -> bool) {
    let forged: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_named(name.as_str()))
        .cloned()
        .collect();
    for name in forged {
        headers.remove(name);
    }
    for (name, value) in &answer.headers {
        if is_named(name.as_str()) {
            headers.append(name, value.clone());
        }
    }
}

#[test]
fn the_question_is_the_request_and_nothing_that_a_client_wrote_about_it() {
    let snippet = super::snippet(super::Proxy::Traefik);
    let root = Node::parse(&snippet);
    let auth = root
        .at("http")
        .at("middlewares")
        .at("photos-latchkey")
        .at("forwardAuth");
    let knock = Knock::of_a_liar();
    let mut asked = question(&auth, &knock, &knock.headers);
    asked.sort();
    assert_eq!(
        lines(&asked),
        [
            ("accept", "text/html,*/*;q=0.8"),
            ("cookie", "a=b"),
            ("sec-fetch-mode", "navigate"),
            ("x-forwarded-for", CLIENT),
            ("x-forwarded-host", HOST),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-port", "443"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-uri", "/album?page=2"),
        ]
    );
}
