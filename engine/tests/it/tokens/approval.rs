//! User codes, and what an approval requires.

use super::{
    bound::{KeyHolder, proven},
    device_grant::{DEVICE_CODE, Terminal},
    *,
};
use crate::passkey::change;
use latchkey_domain::access::{
    permission::Denial,
    service::{Policy, Requirement},
};
use latchkey_engine::{Error, NewService, Noun};
use std::collections::BTreeSet;

#[tokio::test]
async fn user_codes_are_two_groups_of_any_of_twenty_letters() {
    let terminal = Terminal::new().await;
    let mut letters = BTreeSet::new();
    for _ in 0..40 {
        let code = terminal.begin().await.user_code;
        let (first, second) = code.split_once('-').unwrap();
        assert_eq!((first.len(), second.len()), (4, 4), "{code}");
        letters.extend(first.chars().chain(second.chars()));
    }
    assert_eq!(letters.len(), 20, "{letters:?}");
}

#[tokio::test]
async fn a_code_is_found_until_it_expires() {
    let terminal = Terminal::new().await;
    let begun = terminal.begin().await;
    for (seconds, is_found) in [(599, true), (1, false)] {
        terminal.test.wait(seconds);
        let proof = change(&terminal.test, &terminal.ada).await;
        let engine = &terminal.test.engine;
        match engine.asked_authorization(&proof, &begun.user_code).await {
            Ok(_) => assert!(is_found),
            Err(Error::NotFound(Noun::Authorization)) => assert!(!is_found),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn an_approval_requires_the_passkey_that_the_service_requires() {
    let terminal = Terminal::new().await;
    let strict = NewService {
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 60,
            },
            admins_enter: true,
        },
        ..NewService::default()
    };
    let changed = (terminal.test.engine).change_service(&OPERATOR, "photos", strict, &ORIGIN);
    changed.await.unwrap();
    let begun = terminal.begin().await;
    terminal.test.wait(62);
    let approved = terminal.approve(&begun.user_code).await;
    assert!(
        matches!(approved, Err(Error::Denied(Denial::StepUp))),
        "{approved:?}"
    );
}

#[tokio::test]
async fn audit_57_a_user_without_a_passkey_approves_no_program() {
    let mut terminal = Terminal::new().await;
    terminal.ada = terminal.test.registered("eve@example.com").await;
    terminal.test.grant("eve@example.com", "photos", "").await;
    let begun = terminal.begin().await;
    let engine = &terminal.test.engine;
    let proof = change(&terminal.test, &terminal.ada).await;
    let asked = engine.asked_authorization(&proof, &begun.user_code).await;
    let approved = terminal.approve(&begun.user_code).await;
    for refused in [asked.map(|_| ()), approved] {
        assert!(
            matches!(refused, Err(Error::Denied(Denial::NeedsPasskey))),
            "{refused:?}"
        );
    }
    let pending = terminal.fetch(&begun).await.unwrap_err();
    assert_eq!(pending.to_string(), "authorization_pending");
    // It takes no passkey to refuse.
    let denied = engine.deny_authorization(&proof, &begun.user_code, &ORIGIN);
    denied.await.unwrap();
}

#[tokio::test]
async fn audit_57_rfc9449_10_dpop_jkt_binds_a_code_to_a_key() {
    let terminal = Terminal::new().await;
    let (engine, test) = (&terminal.test.engine, &terminal.test);
    let (holder, thief) = (KeyHolder::new(1), KeyHolder::new(2));
    let (named, other) = (holder.thumbprint(), thief.thumbprint());
    let begin = async |jkt: &str, proof: Option<&str>| {
        let parameters = TokenParameters {
            dpop_jkt: Some(jkt),
            proof: proof.and_then(proven),
            ..TokenParameters::default()
        };
        let begun =
            engine.begin_device_authorization(terminal.client.credentials(), parameters, &ORIGIN);
        begun.await.map_err(|error| error.to_string())
    };
    // What is no thumbprint, or another key's than the proof.
    let proof = holder.token_proof(test);
    for (jkt, proof) in [("", None), ("abc", None), (&*other, Some(&*proof))] {
        let refused = begin(jkt, proof).await.unwrap_err();
        assert_eq!(refused, "invalid_request", "{jkt}");
    }
    let begun = begin(&named, None).await.unwrap();
    let user = change(test, &terminal.ada).await;
    let asked = engine.asked_authorization(&user, &begun.user_code).await;
    assert_eq!(asked.unwrap().key, Some(named));
    terminal.approve(&begun.user_code).await.unwrap();
    let redeem = async |holder: Option<&KeyHolder>| {
        let proof = holder.map(|holder| holder.token_proof(test));
        let parameters = TokenParameters {
            grant_type: Some(DEVICE_CODE),
            device_code: Some(begun.device_code.expose_secret()),
            proof: proof.as_deref().and_then(proven),
            ..TokenParameters::default()
        };
        terminal.client.request(engine, parameters).await
    };
    for other in [Some(&thief), None] {
        assert_eq!(
            redeem(other).await.unwrap_err().to_string(),
            "invalid_grant"
        );
    }
    assert!(redeem(Some(&holder)).await.unwrap().is_bound);
}
