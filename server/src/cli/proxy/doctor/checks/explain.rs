//! Explains an unexpected response: which part of the proxy's configuration is missing or wrong.

use crate::cli::{
    finding::Finding,
    proxy::doctor::{
        exchange::{ProbeResponse, host_and_port},
        probe_context::ProbeContext,
    },
};
use axum::http::header;
use serde::Deserialize;

/// How much text from a response is shown.
const MAX_QUOTED_CHARS: usize = 200;

/// The error code in Latchkey's responses.
pub(super) fn error_code(response: &ProbeResponse) -> Option<String> {
    #[derive(Deserialize)]
    struct ErrorBody {
        error: String,
    }
    serde_json::from_str(&response.body)
        .ok()
        .map(|ErrorBody { error }| error)
}

/// Text from a response, made safe to print: without control characters, and truncated.
pub(super) fn quote(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(MAX_QUOTED_CHARS)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(MAX_QUOTED_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// A failed finding that says why this response came back and how to fix it.
pub(super) fn explain(
    check: &'static str,
    context: &ProbeContext<'_>,
    response: &ProbeResponse,
) -> Finding {
    let status = response.status.as_u16();
    let (code, message) = match (status, error_code(response).as_deref()) {
        (_, Some("bad_question")) => (
            "forwarded_request_invalid",
            format!("Latchkey could not read the forwarded request (bad_question): {}", forwarded_headers()),
        ),
        (_, Some("not_for_you")) => (
            "proxy_not_authorized",
            format!("this proxy is not authorized to ask about {} (not_for_you): {}", host_and_port(context.url), proxy_credentials(context)),
        ),
        (_, Some("closed")) => (
            "wrong_path_forwarded",
            "Latchkey denies this path by a rule (closed), and no rule denies it: the proxy sends Latchkey another path. Send X-Forwarded-Uri unchanged (nginx: $request_uri in X-Original-URL)".to_owned(),
        ),
        (_, Some("no_access")) => (
            "no_grant",
            format!("the user has no grant for {0} (no_access): latchkey grant add EMAIL {0}", context.service),
        ),
        (401, Some("sign_in_required" | "step_up_required")) => (
            "treated_as_script",
            "Latchkey or the proxy treated this as a script and did not redirect to the sign-in page: forward Accept and Sec-Fetch-Mode to /forward-auth, and return its Location (nginx: auth_request_set $latchkey_location $upstream_http_latchkey_location; and return 302 $latchkey_location; in the location of error_page 401)".to_owned(),
        ),
        (401, _) if response.headers.contains_key(header::WWW_AUTHENTICATE) => (
            "other_login",
            "responded with 401 and a password prompt, which Latchkey never sends: another login is active here, or the backend was reached without a sign-in. Remove the other login, and add the lines of the snippet".to_owned(),
        ),
        (401, _) => (
            "login_redirect_missing",
            "responded with 401, but not with Latchkey's response: the proxy does not redirect to the sign-in page (nginx: error_page 401 = @latchkey; and its location, as in the snippet)".to_owned(),
        ),
        (403, _) => (
            "refused_without_reason",
            format!("responded with 403 and no reason, as nginx does when Latchkey refuses the forwarded request. Latchkey's log has the reason. If it is the forwarded request: {}. If it is the proxy: {}", forwarded_headers(), proxy_credentials(context)),
        ),
        (404, _) => (
            "not_found",
            "responded with 404: the backend was reached without a sign-in, or the proxy does not serve this host, or it sends Latchkey another path than /forward-auth".to_owned(),
        ),
        (500.., _) => (
            "proxy_error",
            format!("responded with {status}: {}", upstream_failure(context)),
        ),
        _ => (
            "unexpected_status",
            format!("responded with {status}, which neither Latchkey nor the snippet does: another part of the proxy's configuration takes precedence"),
        ),
    };
    Finding::failed(check, code, message)
}

/// The headers of a forwarded request.
const fn forwarded_headers() -> &'static str {
    "send X-Forwarded-Method, X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Uri, each once and none empty (nginx: proxy_set_header X-Original-Method $request_method; and proxy_set_header X-Original-URL $scheme://$http_host$request_uri; and none of the X-Forwarded- ones)"
}

/// How a proxy is authorized.
fn proxy_credentials(context: &ProbeContext<'_>) -> String {
    let service = context.service;
    let address = match context.trusts_addresses {
        true => ", or add the proxy's address to proxy.forward_auth (proxy.trusted is not enough)",
        false => "",
    };
    format!(
        "send Authorization: Bearer with the current token of {service} (latchkey service rotate-token {service} makes a new one){address}; and the host that the browser requested as X-Forwarded-Host (nginx: $http_host)"
    )
}

/// Why a proxy responds with 5xx.
fn upstream_failure(context: &ProbeContext<'_>) -> String {
    let internal = context.internal_addr;
    match context.latchkey_is_up {
        true => format!(
            "the proxy got no usable response from Latchkey or from the backend. Latchkey is reachable from here at {internal}: let the proxy use http://{internal}/forward-auth (in a container, 127.0.0.1 is the container itself), and check that the backend runs"
        ),
        false => format!(
            "Latchkey is not reachable at {internal}: start it (latchkey serve), or correct internal_addr and the address in the proxy's configuration"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{context, response};
    use super::*;

    #[test]
    fn every_refusal_is_explained() {
        for (status, body, code, remedy) in [
            (
                403,
                r#"{"error":"bad_question"}"#,
                "forwarded_request_invalid",
                "X-Forwarded-Uri, each once",
            ),
            (
                403,
                r#"{"error":"not_for_you"}"#,
                "proxy_not_authorized",
                "the current token of photos",
            ),
            (
                403,
                r#"{"error":"closed"}"#,
                "wrong_path_forwarded",
                "$request_uri",
            ),
            (
                403,
                r#"{"error":"no_access"}"#,
                "no_grant",
                "latchkey grant add EMAIL photos",
            ),
            (
                403,
                "<h1>403 Forbidden</h1>",
                "refused_without_reason",
                "forwarded request: send X-Forwarded-Method",
            ),
            (
                401,
                r#"{"error":"sign_in_required"}"#,
                "treated_as_script",
                "forward Accept and Sec-Fetch-Mode",
            ),
            (
                401,
                "<h1>401</h1>",
                "login_redirect_missing",
                "error_page 401",
            ),
            (404, "", "not_found", "/forward-auth"),
            (
                500,
                "",
                "proxy_error",
                "let the proxy use http://127.0.0.1:3001/forward-auth",
            ),
            (418, "", "unexpected_status", "another part"),
        ] {
            let finding = explain("page", &context(), &response(status, &[], body));
            assert_eq!(finding.code, code, "{status} {body}");
            let message = finding.message;
            assert!(message.contains(remedy), "{status} {body}: {message}");
        }
        let password = response(401, &[("www-authenticate", "Basic realm=x")], "");
        assert_eq!(explain("page", &context(), &password).code, "other_login");
    }

    #[test]
    fn the_remedy_depends_on_the_configuration() {
        let message = |context, response: &_| explain("page", &context, response).message;
        let down = ProbeContext {
            latchkey_is_up: false,
            ..context()
        };
        assert!(message(down, &response(502, &[], "")).contains("latchkey serve"));
        let not_authorized = response(403, &[], r#"{"error":"not_for_you"}"#);
        assert!(!message(context(), &not_authorized).contains("proxy.forward_auth"));
        let trusting = ProbeContext {
            trusts_addresses: true,
            ..context()
        };
        assert!(message(trusting, &not_authorized).contains("proxy.forward_auth"));
    }

    #[test]
    fn r12_quoted_text_is_truncated_and_has_no_control_characters() {
        assert_eq!(quote("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert!(quote(&"x".repeat(10_000)).chars().count() <= MAX_QUOTED_CHARS + 1);
    }
}
