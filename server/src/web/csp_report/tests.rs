use super::*;
use serde_json::json;

fn violation(body: &serde_json::Value) -> Option<Violation> {
    Violation::of(body.to_string().as_bytes())
}

fn blocked(uri: &str) -> String {
    let body =
        json!({"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": uri}});
    violation(&body).unwrap().blocked
}

#[test]
fn r12_a_line_has_a_known_directive_and_an_origin_and_nothing_else_that_was_sent() {
    for (uri, expected) in [
        (
            "https://evil.example/a?token=secret#x",
            "https://evil.example",
        ),
        (
            "https://user:secret@evil.example:8443/",
            "https://evil.example:8443",
        ),
        ("inline", "inline"),
        ("eval", "eval"),
        ("data:text/html,secret", "data:"),
        ("chrome-extension://abcdef/secret.js", "chrome-extension:"),
        ("", "unknown"),
        ("line\nforged=1", "unknown"),
        (&format!("https://{}.example/", "a".repeat(300)), "unknown"),
    ] {
        assert_eq!(blocked(uri), expected, "{uri}");
    }
    for directive in ["", "script-src\nforged=1", "secret", "sandbox"] {
        let body =
            json!({"csp-report": {"effective-directive": directive, "blocked-uri": "inline"}});
        assert_eq!(
            violation(&body).unwrap().directive,
            "unknown",
            "{directive}"
        );
    }
    let old = json!({"csp-report": {"violated-directive": "img-src 'self' data:", "blocked-uri": "inline"}});
    assert_eq!(violation(&old).unwrap().directive, "img-src");
    for body in [json!([]), json!({}), json!({"csp-report": 1})] {
        assert_eq!(violation(&body), None, "{body}");
    }
}

#[test]
fn audit_9_reports_of_anonymous_clients_are_logged_once_an_hour_and_the_rest_counted() {
    let log = CspReportLog::default();
    let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
    let from = |number: usize| Violation {
        directive: "script-src",
        blocked: format!("https://{number}.example"),
    };
    assert!(log.add(&from(0), at(0)).1);
    assert!(!log.add(&from(0), at(1)).1);
    let logged = (1..10_000).filter(|number| log.add(&from(*number), at(2)).1);
    assert_eq!(logged.count(), KINDS - 1);
    let (ended, is_logged) = log.add(&from(0), at(3600));
    let ended = ended.unwrap();
    assert!(is_logged);
    assert_eq!((ended.repeated, ended.left_out), (1, 10_000 - KINDS as u64));
}
