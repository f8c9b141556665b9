//! User codes, and what an approval requires.

use super::{device_grant::Terminal, *};
use crate::passkey::{change, with_passkey};
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
    let mut terminal = Terminal::new().await;
    let (ada, _, _) = with_passkey(&terminal.test, &terminal.ada).await;
    terminal.ada = ada;
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
