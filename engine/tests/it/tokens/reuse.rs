//! A refresh token that comes a second time, while something else refuses it too.

use super::{
    bound::{KeyHolder, proven},
    device_grant::{DEVICE_CODE, Terminal},
    *,
};
use latchkey_domain::{
    access::service::{Policy, Requirement},
    id::{ClientId, UserId},
    notification::NotificationKind,
    pagination::ListQuery,
};
use latchkey_engine::{NewService, TokenQuota};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::Barrier;

async fn refresh(
    engine: &Engine,
    terminal: &Terminal,
    token: &str,
    proof: Option<&str>,
) -> Result<String, String> {
    let parameters = TokenParameters {
        grant_type: Some("refresh_token"),
        refresh_token: Some(token),
        proof: proof.and_then(proven),
        ..TokenParameters::default()
    };
    let issued = terminal.client.request(engine, parameters).await;
    issued
        .map(|issued| refresh_token(&issued))
        .map_err(|error| error.to_string())
}

fn refresh_token(issued: &IssuedToken) -> String {
    let token = issued.refresh_token.as_ref().unwrap();
    token.expose_secret().to_owned()
}

/// A used refresh token and its successor.
async fn rotated(terminal: &Terminal) -> (String, String) {
    let used = refresh_token(&terminal.tokens().await);
    let newest = refresh(&terminal.test.engine, terminal, &used, None).await;
    (used, newest.unwrap())
}

/// How often the log and the user were told that a family ended.
async fn told(terminal: &Terminal) -> (usize, usize) {
    let engine = &terminal.test.engine;
    let query = ListQuery::default();
    let events = engine.list_events(&OPERATOR, &query).await.unwrap().items;
    let user = &terminal.ada.current_user;
    let notices = engine.my_notifications(user, &query).await.unwrap().items;
    (
        (events
            .iter()
            .filter(|event| event.action == "token.family_ended"))
        .count(),
        (notices.iter())
            .filter(|one| one.kind == NotificationKind::RefreshTokenReused)
            .count(),
    )
}

#[tokio::test]
async fn audit_57_a_reused_token_ends_its_family_while_a_passkey_is_required() {
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
    let engine = &terminal.test.engine;
    let changed = engine.change_service(&OPERATOR, "photos", strict, &ORIGIN);
    changed.await.unwrap();
    let (used, newest) = rotated(&terminal).await;
    terminal.test.wait(61);
    let refused = Err("invalid_grant".to_owned());
    assert_eq!(refresh(engine, &terminal, &newest, None).await, refused);
    assert_eq!(
        told(&terminal).await,
        (0, 0),
        "the newest token ends nothing"
    );
    assert_eq!(refresh(engine, &terminal, &used, None).await, refused);
    assert_eq!(told(&terminal).await, (1, 1));
}

/// A quota that is used up.
struct UsedUp(AtomicUsize);

impl TokenQuota for UsedUp {
    fn take(&self, _: ClientId, _: Option<UserId>) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        false
    }
}

#[tokio::test]
async fn audit_57_a_reused_token_ends_its_family_while_the_quota_is_used_up_and_writes_once() {
    let terminal = Terminal::new().await;
    let (used, newest) = rotated(&terminal).await;
    let quota = Arc::new(UsedUp(AtomicUsize::new(0)));
    let limited = terminal.test.engine.counting_tokens(quota.clone());
    let refused = refresh(&limited, &terminal, &newest, None).await;
    assert_eq!(refused, Err("too_many_requests".to_owned()));
    assert_eq!(
        told(&terminal).await,
        (0, 0),
        "the newest token ends nothing"
    );
    let before = terminal.test.entries().await;
    for _ in 0..20 {
        let refused = refresh(&limited, &terminal, &used, None).await;
        assert_eq!(refused, Err("invalid_grant".to_owned()));
    }
    assert_eq!(told(&terminal).await, (1, 1));
    assert_eq!(terminal.test.entries().await, before + 1);
    assert_eq!(quota.0.load(Ordering::Relaxed), 2, "counted first");
}

#[tokio::test]
async fn must_survive_19_fifty_uses_of_one_token_end_its_family() {
    let terminal = Arc::new(Terminal::new().await);
    let issued = terminal.tokens().await;
    let token = refresh_token(&issued);
    let succeeded = fifty(&terminal, &token, None).await;
    assert_eq!(succeeded.len(), 1);
    assert_eq!(told(&terminal).await, (1, 1));
    assert_eq!(terminal.ask(&issued).await, "unknown");
    let engine = &terminal.test.engine;
    let successor = refresh(engine, &terminal, &succeeded[0], None).await;
    assert_eq!(successor, Err("invalid_grant".to_owned()));
}

#[tokio::test]
async fn must_survive_19_fifty_retries_with_its_key_give_one_successor() {
    let terminal = Arc::new(Terminal::new().await);
    let holder = KeyHolder::new(1);
    let begun = terminal.begin().await;
    terminal.approve(&begun.user_code).await.unwrap();
    let proof = holder.token_proof(&terminal.test);
    let parameters = TokenParameters {
        grant_type: Some(DEVICE_CODE),
        device_code: Some(begun.device_code.expose_secret()),
        proof: proven(&proof),
        ..TokenParameters::default()
    };
    let engine = &terminal.test.engine;
    let issued = terminal.client.request(engine, parameters).await.unwrap();
    let token = refresh_token(&issued);
    let succeeded = fifty(&terminal, &token, Some(&holder)).await;
    assert_eq!(succeeded.len(), 50);
    let successors: BTreeSet<_> = succeeded.into_iter().collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(told(&terminal).await, (0, 0));
    let proof = holder.token_proof(&terminal.test);
    let newest = successors.first().unwrap();
    let next = refresh(engine, &terminal, newest, Some(&proof)).await;
    assert!(next.is_ok(), "{next:?}");
}

/// The successors that fifty requests with the same token at the same time get.
async fn fifty(terminal: &Arc<Terminal>, token: &str, holder: Option<&KeyHolder>) -> Vec<String> {
    let barrier = Arc::new(Barrier::new(50));
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (terminal, token) = (Arc::clone(terminal), token.to_owned());
            let (barrier, proof) = (
                Arc::clone(&barrier),
                holder.map(|holder| holder.token_proof(&terminal.test)),
            );
            tokio::spawn(async move {
                barrier.wait().await;
                refresh(&terminal.test.engine, &terminal, &token, proof.as_deref()).await
            })
        })
        .collect();
    let mut succeeded = Vec::new();
    for one in all {
        succeeded.extend(one.await.unwrap());
    }
    succeeded
}
