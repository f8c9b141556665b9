//! Content-Security-Policy (CSP Level 3): what a page may load, run and talk to.
//!
//! Scripts: our own files, and the one inline script that starts the islands, by its nonce.
//! `'wasm-unsafe-eval'` lets them compile wasm and nothing else. Forms go to ourselves; because
//! Chromium applies `form-action` to the redirects of the response, too, the sign-in page also names the host of its
//! target. Only this one: all of them would tell anonymous clients which services exist, and proxies respond with 502 to
//! headers that are too long.

use crate::response;
use http::header::CONTENT_SECURITY_POLICY;
use leptos::nonce::use_nonce;

/// To where browsers report what a policy forbade.
pub const REPORT_PATH: &str = "/csp-report";

/// Sets the policy of this page; a later call replaces an earlier one.
pub(crate) fn send(form_target: Option<&str>) {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    response::set_header(
        CONTENT_SECURITY_POLICY,
        &policy(nonce.as_deref(), form_target),
    );
}

/// `form_target` is the host of a checked target ([`latchkey_domain::request::return_to::ReturnTo::host`]): it has no
/// letter that could end the directive.
fn policy(nonce: Option<&str>, form_target: Option<&str>) -> String {
    let nonce = nonce
        .map(|nonce| format!(" 'nonce-{nonce}'"))
        .unwrap_or_default();
    let target = form_target
        .map(|host| format!(" {host}"))
        .unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'none'; manifest-src 'self'; base-uri 'none'; form-action 'self'{target}; \
         frame-ancestors 'none'; object-src 'none'; report-uri {REPORT_PATH}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_scripts_run_and_nobody_frames_our_pages() {
        let policy = policy(Some("abc"), None);
        for part in [
            "default-src 'none'",
            "script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';",
            "form-action 'self';",
            "frame-ancestors 'none'",
            "report-uri /csp-report",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }

    #[test]
    fn audit_10_a_form_may_redirect_to_the_requested_service_only() {
        assert!(
            policy(None, Some("localhost:8443")).contains("form-action 'self' localhost:8443;")
        );
    }
}
