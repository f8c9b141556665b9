//! Envoy: <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto>
//!
//! 1. The filters are walked in their order, over header names in lower case. `exact` minds the case.
//! 2. `header_mutation` takes out what `remove` names and what `remove_on_match` matches as a whole.
//! 3. `ext_authz` asks with the method, the host, and the path behind `path_prefix`; of the client's headers come along
//!    `authorization` and those that `allowed_headers` match; `headers_to_add` override.
//! 4. 200: the headers of the answer that `allowed_upstream_headers` match override the client's, and those named in
//!    `x-envoy-auth-headers-to-remove` are taken out (`OkHttpResponse.headers_to_remove`). 5xx or no answer: 403,
//!    or let through with `failure_mode_allow`. Anything else goes to the client, with the headers
//!    that `allowed_client_headers` match.

use super::{CLIENT, Fate, Knock, lines, yaml::Node};
use crate::{
    forward_auth::HOST,
    harness::{Answer, Service},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use latchkey_app::snippet::TOKEN;
use regex::bytes::Regex;

/// What a client is told without being allowed.
const TOLD: [&str; 3] = ["content-length", "location", "www-authenticate"];

/// Headers of the request that the answer wants taken out.
const REMOVED: &str = "x-envoy-auth-headers-to-remove";

/// What becomes of a request.
pub(super) async fn pass(snippet: &str, latchkey: Option<&Service<'_>>, knock: &Knock<'_>) -> Fate {
    let mut headers = knock.headers.clone();
    // The connection manager's part, which the snippet asks for beside the filters.
    assert!(snippet.contains("use_remote_address: true"), "{snippet}");
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    headers.insert("x-forwarded-for", HeaderValue::from_static(CLIENT));
    for filter in Node::parse(snippet).items() {
        let config = filter.at("typed_config");
        match filter.at("name").text() {
            "envoy.filters.http.header_mutation" => mutate(&config, &mut headers),
            "envoy.filters.http.ext_authz" => {
                match authorize(&config, latchkey, knock, &headers).await {
                    Fate::Passed(passed) => headers = passed,
                    denied => return denied,
                }
            }
            other => panic!("{other}"),
        }
    }
    Fate::Passed(headers)
}

fn mutate(config: &Node<'_>, headers: &mut HeaderMap) {
    for mutation in config.at("mutations").at("request_mutations").items() {
        if let Some(name) = mutation.find("remove") {
            headers.remove(name.text());
            continue;
        }
        let matcher = mutation.at("remove_on_match").at("key_matcher");
        let odd: Vec<HeaderName> = headers
            .keys()
            .filter(|name| is_matched(&matcher, name.as_str()))
            .cloned()
            .collect();
        for pseudo in [":authority", ":method", ":path", ":scheme"] {
            assert!(!is_matched(&matcher, pseudo), "{pseudo} stays");
        }
        for name in odd {
            headers.remove(name);
        }
    }
}

async fn authorize(
    config: &Node<'_>,
    latchkey: Option<&Service<'_>>,
    knock: &Knock<'_>,
    headers: &HeaderMap,
) -> Fate {
    let error = || match config.at("failure_mode_allow").text() {
        "true" => Fate::Passed(headers.clone()),
        _ => Fate::Denied(Answer {
            status: StatusCode::FORBIDDEN,
            headers: HeaderMap::new(),
            body: String::new(),
        }),
    };
    let Some(latchkey) = latchkey else {
        return error();
    };
    let service = config.at("http_service");
    let path = format!("{}{}", service.at("path_prefix").text(), knock.target);
    let question: Vec<_> = question(config, headers)
        .into_iter()
        .map(|(name, value)| (name, value.replace(TOKEN, &latchkey.token)))
        .collect();
    let method = knock.method.parse().unwrap();
    let mut answer = latchkey.send(method, &path, &lines(&question)).await;
    let response = service.at("authorization_response");
    if answer.status.is_server_error() {
        return error();
    }
    if answer.status != StatusCode::OK {
        let allowed = response.at("allowed_client_headers");
        let hidden: Vec<HeaderName> = answer
            .headers
            .keys()
            .filter(|name| !TOLD.contains(&name.as_str()) && !is_listed(&allowed, name.as_str()))
            .cloned()
            .collect();
        for name in hidden {
            answer.headers.remove(name);
        }
        return Fate::Denied(answer);
    }
    let allowed = response.at("allowed_upstream_headers");
    let mut passed = headers.clone();
    for (name, value) in &answer.headers {
        if is_listed(&allowed, name.as_str()) {
            passed.insert(name, value.clone());
        }
    }
    for name in answer
        .header(REMOVED)
        .into_iter()
        .flat_map(|all| all.split(','))
    {
        passed.remove(name.trim());
    }
    Fate::Passed(passed)
}

/// The headers of the question.
fn question(config: &Node<'_>, headers: &HeaderMap) -> Vec<(String, String)> {
    let allowed = config.at("allowed_headers");
    let added: Vec<_> = config
        .at("http_service")
        .at("authorization_request")
        .at("headers_to_add")
        .items()
        .iter()
        .map(|header| {
            (
                header.at("key").text().to_owned(),
                header.at("value").text().to_owned(),
            )
        })
        .collect();
    let is_copied = |name: &str| {
        (name == "authorization" || is_listed(&allowed, name))
            && added.iter().all(|(added, _)| added != name)
    };
    headers
        .iter()
        .filter(|(name, _)| is_copied(name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .chain([
            ("host".to_owned(), HOST.to_owned()),
            ("content-length".to_owned(), "0".to_owned()),
        ])
        .chain(added.iter().cloned())
        .collect()
}

fn is_listed(list: &Node<'_>, name: &str) -> bool {
    list.at("patterns")
        .items()
        .iter()
        .any(|pattern| is_matched(pattern, name))
}

fn is_matched(pattern: &Node<'_>, name: &str) -> bool {
    match pattern.find("exact") {
        Some(exact) => exact.text() == name,
        None => {
            let whole = pattern.at("safe_regex").at("regex");
            let whole = format!("(?-u)^(?:{})$", whole.text());
            Regex::new(&whole).unwrap().is_match(name.as_bytes())
        }
    }
}

#[test]
fn the_question_is_the_request_with_the_token_of_the_service() {
    let snippet = super::snippet(super::Proxy::Envoy);
    let filters = Node::parse(&snippet).items();
    let names: Vec<_> = filters
        .iter()
        .map(|filter| filter.at("name").text())
        .collect();
    assert_eq!(
        names,
        [
            "envoy.filters.http.header_mutation",
            "envoy.filters.http.ext_authz"
        ],
        "what browsers say of themselves is taken out before Latchkey speaks"
    );
    let knock = Knock::of_a_liar();
    let mut asked = question(&filters[1].at("typed_config"), &knock.headers);
    asked.sort();
    assert_eq!(
        lines(&asked),
        [
            ("accept", "text/html,*/*;q=0.8"),
            ("authorization", "Bearer <token>"),
            ("content-length", "0"),
            ("cookie", "a=b"),
            ("host", HOST),
            ("sec-fetch-mode", "navigate"),
            ("upgrade", "websocket"),
        ]
    );
}

#[test]
fn must_survive_23_what_cannot_be_asked_is_not_let_in() {
    let snippet = super::snippet(super::Proxy::Envoy);
    let filters = Node::parse(&snippet).items();
    let config = filters[1].at("typed_config");
    assert_eq!(config.at("failure_mode_allow").text(), "false");
}
