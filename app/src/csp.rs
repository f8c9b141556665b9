//! Content-Security-Policy (CSP Level 3): what a page may load, run and talk to.
//!
//! Scripts: our own files, and the one inline script that starts the islands, by its nonce.
//! `'wasm-unsafe-eval'` lets them compile wasm and nothing else. Forms go to ourselves; because
//! Chromium applies `form-action` to where a form's answer redirects as well, the sign-in page also
//! names the hosts that it may lead to.

use crate::answer;
use http::header::CONTENT_SECURITY_POLICY;
use latchkey_domain::host::HostPattern;
use leptos::nonce::use_nonce;

/// Sets the policy of this page; a later call replaces an earlier one.
pub(crate) fn send(form_targets: &[HostPattern]) {
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    answer::set_header(
        CONTENT_SECURITY_POLICY,
        &policy(nonce.as_deref(), form_targets),
    );
}

fn policy(nonce: Option<&str>, form_targets: &[HostPattern]) -> String {
    let nonce = nonce
        .map(|nonce| format!(" 'nonce-{nonce}'"))
        .unwrap_or_default();
    let targets: String = form_targets.iter().map(|host| format!(" {host}")).collect();
    format!(
        "default-src 'none'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; font-src 'none'; manifest-src 'self'; base-uri 'none'; form-action 'self'{targets}; \
         frame-ancestors 'none'; object-src 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_or_frames_that_is_not_ours() {
        let policy = policy(Some("abc"), &[]);
        for part in [
            "default-src 'none'",
            "script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';",
            "form-action 'self';",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }

    #[test]
    fn a_form_may_end_at_the_services_it_was_told_of() {
        let hosts = [
            HostPattern::parse("photos.example.com").unwrap(),
            HostPattern::parse("localhost:8443").unwrap(),
        ];
        assert!(
            policy(None, &hosts).contains("form-action 'self' photos.example.com localhost:8443;")
        );
    }
}
