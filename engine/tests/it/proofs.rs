//! Who may do what: each asynchronous method of the engine takes a proof, or is in this list with a reason.

use std::{collections::BTreeSet, fs, path::Path};

/// Types that are made only where it was decided that somebody may.
const PROOFS: &[&str] = &[
    "&dyn Authorizes<",
    "&Operator",
    "SelfManagement",
    "SelfRevocation",
    "ApprovalDecision",
    "PasskeyAddition",
    "RecoveryCancellation",
    "RecoveryConfirmation",
];

/// Methods without a proof.
const EXCEPTIONS: &[(&str, &[&str])] = &[
    (
        "the caller brings a credential, which the method checks: a cookie, a code, a passkey, a token or a secret",
        &[
            "authenticate",
            "authenticate_program",
            "begin_device_authorization",
            "begin_enrolment",
            "begin_passkey_login",
            "begin_setup",
            "collect_approval",
            "finish_enrolment",
            "finish_passkey_login",
            "forward_auth",
            "introspect_token",
            "issue_token",
            "recover",
            "register_device",
            "revoke_token",
            "verify",
        ],
    ),
    (
        "anyone may read whether a link or a request that they have can be used",
        &[
            "asking_browser",
            "is_setup_open",
            "pending_setup",
            "recovering_link",
        ],
    ),
    (
        "a user reads what is theirs",
        &[
            "asked_approval",
            "can_access",
            "count_unread_notifications",
            "my_behaviour",
            "my_challenge_reasons",
            "my_current_passkeys",
            "my_devices",
            "my_events",
            "my_notifications",
            "my_passkeys",
            "my_recovery_codes",
            "my_recovery_mail",
            "my_services",
            "my_sessions",
            "my_token_families",
            "my_totp",
            "my_unread_notifications",
            "my_usual_sign_ins",
            "my_wrong_codes",
            "passkeys_used_on",
            "picked_approval",
            "select_my_events",
        ],
    ),
    (
        "a user ends their own sign-in here, whatever else they may",
        &["sign_out"],
    ),
    (
        "what is decided needs a passkey in the same step, which the method checks; denying needs none",
        &[
            "begin_approval_assertion",
            "deny_approval",
            "finish_approval",
            "pick_approval_number",
        ],
    ),
    ("it can only ask a user for more", &["assess_return"]),
    (
        "it tells the page of a sign-in whether it measures anything",
        &["observes_behaviour_of"],
    ),
    (
        "the server keeps what belongs to the browser or program of a request, under a name that only it has",
        &[
            "begin_idempotent",
            "create_session",
            "delete_session",
            "finish_idempotent",
            "forget_idempotent",
            "load_session",
            "return_target",
            "save_form",
            "save_session",
            "save_target",
            "saved_form",
            "sole_live_device",
        ],
    ),
    (
        "the process does it for itself",
        &[
            "close",
            "flush",
            "inspect_redis",
            "is_ready",
            "mail_failed",
            "mail_sent",
            "open",
            "open_to_back_up",
            "remind_of_ends",
            "restore",
            "setup_code",
            "take_due_mail",
            "tidy",
        ],
    ),
    (
        "it continues what a method with a proof began",
        &["commit", "commit_by_mail", "extend", "next"],
    ),
];

/// The public asynchronous methods of the engine, and whether their parameters have a proof.
fn methods(folder: &Path, found: &mut Vec<(String, bool)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if ["tests", "tests.rs", "test_engine.rs", "bench_support.rs"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            methods(&path, found);
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        for method in source.split("\n    pub async fn ").skip(1) {
            let (head, _) = method.split_once("{\n").unwrap();
            let name = head.split(['(', '<']).next().unwrap();
            let proves = PROOFS.iter().any(|proof| head.contains(proof));
            found.push((name.to_owned(), proves));
        }
    }
}

#[test]
fn audit_57_each_method_takes_a_proof_or_says_why_not() {
    let mut found = Vec::new();
    methods(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 150, "{}", found.len());
    let excepted: Vec<&str> = (EXCEPTIONS.iter().flat_map(|(_, names)| *names))
        .copied()
        .collect();
    let unproven: BTreeSet<&str> = (found.iter().filter(|(_, proves)| !proves))
        .map(|(name, _)| &**name)
        .collect();
    for name in &unproven {
        assert!(excepted.contains(name), "{name} takes no proof");
    }
    for name in &excepted {
        assert!(unproven.contains(name), "{name} takes a proof, or is gone");
    }
    assert_eq!(
        excepted.len(),
        excepted.iter().collect::<BTreeSet<_>>().len()
    );
}
