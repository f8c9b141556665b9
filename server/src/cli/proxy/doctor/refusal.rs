//! An answer that is not the right one, in words: what the proxy has left out or made wrong.

use super::{
    asked::Asked,
    exchange::{Answer, place},
};
use axum::http::header;
use serde::Deserialize;

/// The most that is shown of what somebody else wrote.
const SHOWN_CHARS: usize = 200;

/// Latchkey's word for why.
pub(super) fn word(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Refused {
        error: String,
    }
    serde_json::from_str(&answer.body)
        .ok()
        .map(|Refused { error }| error)
}

/// What somebody else wrote, safe to print (no controls) and not too much of it.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// Why this came back, and what to write.
pub(super) fn explain(asked: &Asked<'_>, answer: &Answer) -> String {
    let status = answer.status.as_u16();
    match (status, word(answer).as_deref()) {
        (_, Some("bad_question")) => format!("Latchkey could not read the proxy's question (bad_question): {}", question()),
        (_, Some("not_for_you")) => format!("Latchkey does not answer this proxy about {} (not_for_you): {}", place(asked.url), caller(asked)),
        (_, Some("closed")) => "Latchkey says that the rules close this path (closed), and they do not: the proxy asks about another path. Send X-Forwarded-Uri as it came (nginx: $request_uri in X-Original-URL)".to_owned(),
        (_, Some("no_access")) => format!("Latchkey knows the person, who has no grant for {0} (no_access): latchkey grant add EMAIL {0}", asked.service),
        (401, Some("sign_in_required" | "step_up_required")) => "Latchkey, or the proxy, took this for a script and led nobody to the sign-in page: pass Accept and Sec-Fetch-Mode on to /forward-auth, and let its answer through (nginx: auth_request_set $latchkey_location $upstream_http_latchkey_location; and return 302 $latchkey_location; where error_page 401 leads)".to_owned(),
        (401, _) if answer.headers.contains_key(header::WWW_AUTHENTICATE) => "answered 401 with a password prompt, which Latchkey never shows: another login stands here, or the backend was reached without a sign-in. Take the other one out, and put the lines of the snippet in".to_owned(),
        (401, _) => "answered 401 in words that are not Latchkey's: the proxy keeps the sign-in page back (nginx: error_page 401 = @latchkey; and its location, as in the snippet)".to_owned(),
        (403, _) => format!("answered 403 and does not say why, as nginx does when Latchkey refuses its question. Latchkey's log has the reason. \"no question\": {}. \"may not\": {}", question(), caller(asked)),
        (404, _) => "answered 404: the backend was reached without a sign-in, or the proxy knows no such host, or it asks Latchkey at another path than /forward-auth".to_owned(),
        (500.., _) => format!("answered {status}: {}", unreachable(asked)),
        _ => format!("answered {status}, which neither Latchkey nor the snippet does: another part of the proxy's configuration stands before it"),
    }
}

/// The headers of a question.
const fn question() -> &'static str {
    "send X-Forwarded-Method, X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Uri, each once and none empty (nginx: proxy_set_header X-Original-Method $request_method; and proxy_set_header X-Original-URL $scheme://$http_host$request_uri; and none of the X-Forwarded- ones)"
}

/// Whom Latchkey answers.
fn caller(asked: &Asked<'_>) -> String {
    let service = asked.service;
    let trust = match asked.is_trusting {
        true => ", or add the proxy's address to proxy.forward_auth (proxy.trusted is not enough)",
        false => "",
    };
    format!(
        "send Authorization: Bearer and the token of {service}, not another's and not an old one (latchkey service rotate-token {service} makes a new one){trust}; and the host that the browser asked for as X-Forwarded-Host (nginx: $http_host)"
    )
}

/// Why a proxy had no answer.
fn unreachable(asked: &Asked<'_>) -> String {
    let internal = asked.internal;
    match asked.is_up {
        true => format!(
            "the proxy got no usable answer, neither from Latchkey nor from the backend. Latchkey answers here at {internal}: let the proxy ask http://{internal}/forward-auth (in a container, 127.0.0.1 is the container itself), and see that the backend runs"
        ),
        false => format!(
            "Latchkey does not answer at {internal}: start it (latchkey serve), or correct internal_addr and what the proxy asks"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::judging::{answer, asked};
    use super::*;

    #[test]
    fn every_refusal_says_what_to_write() {
        for (status, body, expected) in [
            (
                403,
                r#"{"error":"bad_question"}"#,
                "X-Forwarded-Uri, each once",
            ),
            (403, r#"{"error":"not_for_you"}"#, "the token of photos"),
            (403, r#"{"error":"closed"}"#, "$request_uri"),
            (
                403,
                r#"{"error":"no_access"}"#,
                "latchkey grant add EMAIL photos",
            ),
            (
                403,
                "<h1>403 Forbidden</h1>",
                "\"no question\": send X-Forwarded-Method",
            ),
            (
                401,
                r#"{"error":"sign_in_required"}"#,
                "pass Accept and Sec-Fetch-Mode",
            ),
            (401, "<h1>401</h1>", "error_page 401"),
            (404, "", "/forward-auth"),
            (
                500,
                "",
                "let the proxy ask http://127.0.0.1:3001/forward-auth",
            ),
            (418, "", "another part"),
        ] {
            let said = explain(&asked(), &answer(status, &[], body));
            assert!(said.contains(expected), "{status} {body}: {said}");
        }
        let password = answer(401, &[("www-authenticate", "Basic realm=x")], "");
        assert!(explain(&asked(), &password).contains("another login"));
    }

    #[test]
    fn what_is_down_or_trusted_is_told_apart() {
        let down = Asked {
            is_up: false,
            ..asked()
        };
        assert!(explain(&down, &answer(502, &[], "")).contains("latchkey serve"));
        let not_for_you = answer(403, &[], r#"{"error":"not_for_you"}"#);
        assert!(!explain(&asked(), &not_for_you).contains("proxy.forward_auth"));
        let trusting = Asked {
            is_trusting: true,
            ..asked()
        };
        assert!(explain(&trusting, &not_for_you).contains("proxy.forward_auth"));
    }

    #[test]
    fn r12_what_others_wrote_is_cut_and_has_no_controls() {
        assert_eq!(quoted("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert!(quoted(&"x".repeat(10_000)).chars().count() <= SHOWN_CHARS + 1);
    }
}
