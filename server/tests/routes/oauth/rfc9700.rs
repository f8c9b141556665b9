//! The best current practice for OAuth 2.0: RFC 9700 §2 (best practices) and §4 (attacks and mitigations).
//!
//! [`TABLE`] says which tests cover which recommendation, or why it does not apply; the tests of the modules here are those that no
//! other file has.

mod pages;
mod requests;

use std::{fs, path::Path};

/// What comes of a recommendation.
enum Coverage {
    /// Tests that fail if it is not followed.
    Tests(&'static [&'static str]),
    /// Nothing here can break it, for this reason; the first test of the table fails when that changes.
    NotApplicable(&'static str),
}

use Coverage::{NotApplicable, Tests};

const NO_AUTHORIZATION_ENDPOINT: Coverage = NotApplicable(
    "there is no authorization endpoint: no redirect URI is used, no authorization code and no implicit grant",
);
const NO_CLIENT: Coverage = NotApplicable("Latchkey is no OAuth client");

/// Section, recommendation, and what comes of it.
const TABLE: [(&str, &str, Coverage); 33] = [
    (
        "2.1",
        "compare redirect URIs exactly",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    (
        "2.1",
        "be no open redirector",
        Tests(&[
            "rfc9700_2_1_there_is_no_authorization_endpoint",
            "r3_r16_must_survive_24_login_redirects_home_or_to_a_known_service",
        ]),
    ),
    (
        "2.1.1",
        "PKCE with every authorization code",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    (
        "2.1.2",
        "no implicit grant",
        Tests(&["rfc9700_2_1_there_is_no_authorization_endpoint"]),
    ),
    (
        "2.2.1",
        "sender-constrained access tokens",
        Tests(&[
            "a_bound_token_is_accepted_with_a_fresh_proof_of_its_key_alone",
            "a_client_that_must_be_bound_gets_nothing_without_a_proof",
        ]),
    ),
    (
        "2.2.2",
        "refresh tokens of public clients are bound to a key or used once",
        Tests(&[
            "a_used_refresh_token_ends_its_family",
            "must_survive_19_fifty_uses_of_one_token_end_its_family",
            "a_lost_response_is_repeated_to_the_same_key_for_thirty_seconds",
        ]),
    ),
    (
        "2.3",
        "access tokens for one audience",
        Tests(&[
            "a_client_gets_a_token_that_its_service_accepts_and_no_other_does",
            "a_client_gets_tokens_for_its_own_services_alone",
        ]),
    ),
    (
        "2.3",
        "access tokens with the least privileges",
        Tests(&[
            "a_token_has_no_scope_that_client_or_service_does_not_have",
            "a_user_gives_no_more_than_they_have",
        ]),
    ),
    (
        "2.4",
        "no resource owner password credentials grant",
        Tests(&["rfc_6749_5_2_each_mistake_has_its_error"]),
    ),
    (
        "2.5",
        "authenticate clients",
        Tests(&["only_the_secret_of_the_client_gets_a_token"]),
    ),
    (
        "2.5",
        "authenticate clients with asymmetric keys",
        Tests(&["a_client_with_keys_authenticates_by_signing_once_for_this_server"]),
    ),
    (
        "2.6",
        "publish metadata (RFC 8414)",
        Tests(&["the_server_describes_itself"]),
    ),
    (
        "2.6",
        "no client decides its client_id or a subject",
        Tests(&["rfc9700_4_15_a_client_is_never_taken_for_a_user"]),
    ),
    (
        "2.6",
        "no CORS where users authorize",
        Tests(&["rfc9700_2_6_pages_of_other_origins_read_no_response"]),
    ),
    (
        "2.6",
        "authorization responses are encrypted",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    (
        "4.1",
        "Insufficient Redirection URI Validation",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    (
        "4.2",
        "Credential Leakage via Referer Headers",
        Tests(&["rfc9700_4_2_the_address_with_a_code_is_sent_to_nobody"]),
    ),
    (
        "4.3.1",
        "Authorization Code in Browser History",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    (
        "4.3.2",
        "Access Token in Browser History",
        Tests(&["rfc9700_4_3_2_credentials_in_an_address_are_not_read"]),
    ),
    ("4.4", "Mix-Up Attacks", NO_AUTHORIZATION_ENDPOINT),
    (
        "4.5",
        "Authorization Code Injection",
        NO_AUTHORIZATION_ENDPOINT,
    ),
    ("4.6", "Access Token Injection", NO_CLIENT),
    (
        "4.7",
        "Cross-Site Request Forgery",
        Tests(&["r9_must_survive_14_no_route_that_changes_anything_accepts_a_cross_site_request"]),
    ),
    ("4.8", "PKCE Downgrade Attack", NO_AUTHORIZATION_ENDPOINT),
    (
        "4.9.1",
        "Phishing by a counterfeit resource server",
        Tests(&[
            "a_client_gets_a_token_that_its_service_accepts_and_no_other_does",
            "a_proof_is_for_its_request_alone",
        ]),
    ),
    (
        "4.9.2",
        "Compromised resource server: no plain tokens in logs",
        Tests(&["rfc9700_4_9_2_no_credential_is_logged"]),
    ),
    (
        "4.10",
        "Misuse of Stolen Access Tokens",
        Tests(&[
            "a_bound_token_is_accepted_with_a_fresh_proof_of_its_key_alone",
            "must_survive_18_a_one_shot_token_used_fifty_times_at_once_is_accepted_once",
        ]),
    ),
    (
        "4.11",
        "Open Redirection",
        Tests(&[
            "r3_r16_must_survive_24_login_redirects_home_or_to_a_known_service",
            "r3_a_foreign_referrer_is_not_a_redirect_target",
        ]),
    ),
    (
        "4.12",
        "307 Redirect",
        Tests(&["rfc9700_4_12_a_form_is_answered_with_303"]),
    ),
    (
        "4.13",
        "TLS Terminating Reverse Proxies",
        Tests(&[
            "r4_audit_3_forwarded_addresses_of_untrusted_peers_share_one_quota",
            "r28_forwarded_hosts_do_not_appear_in_links",
            "must_survive_21_malformed_forwarded_requests_are_rejected",
        ]),
    ),
    (
        "4.14",
        "Refresh Token Protection",
        Tests(&[
            "a_refresh_can_ask_for_less_and_not_for_more",
            "a_forged_refresh_token_ends_nothing",
            "a_family_without_a_key_ends_after_sixteen_hours_however_often_it_is_used",
            "rfc9700_4_14_a_refresh_token_is_its_clients_alone",
            "r15_must_survive_17_tokens_end_with_device_sign_in_user_grant_and_client",
        ]),
    ),
    (
        "4.15",
        "Client Impersonating Resource Owner",
        Tests(&["rfc9700_4_15_a_client_is_never_taken_for_a_user"]),
    ),
    (
        "4.16",
        "Clickjacking",
        Tests(&["rfc9700_4_16_nobody_frames_the_page_that_approves"]),
    ),
];

/// Directories with tests, from the root of the workspace.
const DIRECTORIES: [&str; 5] = [
    "domain/src",
    "engine/src",
    "engine/tests",
    "jose/tests",
    "server/tests",
];

#[test]
fn each_recommendation_has_a_test_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut sources = String::new();
    for directory in DIRECTORIES {
        read(&root.join(directory), &mut sources);
    }
    for (section, recommendation, coverage) in TABLE {
        match coverage {
            NotApplicable(reason) => assert!(!reason.is_empty()),
            Tests(tests) => {
                assert!(!tests.is_empty(), "{section} {recommendation}");
                for test in tests {
                    let is_there = sources.contains(&format!("fn {test}("));
                    assert!(is_there, "{section} {recommendation}: {test}");
                }
            }
        }
    }
}

fn read(directory: &Path, sources: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
