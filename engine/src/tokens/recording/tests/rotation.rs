//! Refresh tokens that are used at the same time.

use super::*;
use crate::NewAccessTokens;
use latchkey_domain::tokens::client::GrantType;
use std::sync::Arc;
use tokio::sync::Barrier;

/// A public client with a token family of each of several users.
struct Families {
    test: TestEngine,
    client: String,
    /// The newest refresh tokens.
    tokens: Vec<String>,
}

type Refresh = JoinHandle<Result<String, TokenError>>;

impl Families {
    async fn start<const N: usize>(emails: [&str; N]) -> Self {
        let test = TestEngine::in_file().await;
        let (engine, origin) = (&test.engine, RequestOrigin::default());
        engine
            .change_access_tokens(
                &Operator,
                "photos",
                NewAccessTokens::new("read", TokenUse::Reusable),
                &origin,
            )
            .await
            .unwrap();
        let new = NewClient {
            grant_types: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
            ..NewClient::new("Terminal", ClientKind::Public, "photos", "read")
        };
        let added = engine.add_client(&Operator, new, &origin).await.unwrap();
        let (client, _) = added.commit().await.unwrap();
        let mut tokens = Vec::new();
        for cookie in test.users(emails).await {
            let token = engine.seed_token_family(&Operator, client.id, &cookie);
            tokens.push(token.await.unwrap().expose_secret().to_owned());
        }
        let client = client.id.to_string();
        Self {
            test,
            client,
            tokens,
        }
    }

    /// Uses a refresh token; its successor.
    fn spawn(&self, token: &str) -> Refresh {
        let (engine, client, token) = (
            self.test.engine.clone(),
            self.client.clone(),
            token.to_owned(),
        );
        tokio::spawn(async move { refresh(&engine, &client, &token).await })
    }

    /// Uses refresh tokens in this order, in one transaction.
    async fn at_once(&self, tokens: &[&String], before: &str) -> Vec<Result<String, TokenError>> {
        let permit = self.test.engine.acquire_write_permit().await.unwrap();
        let mut waiting = Vec::new();
        for token in tokens {
            waiting.push(self.spawn(token));
            until_waiting(&self.test.engine, waiting.len()).await;
        }
        permit.db().execute_unprepared(before).await.unwrap();
        drop(permit);
        let mut results = Vec::new();
        for one in waiting {
            results.push(one.await.unwrap());
        }
        results
    }
}

async fn refresh(engine: &Engine, client: &str, token: &str) -> Result<String, TokenError> {
    let credentials = ClientCredentials {
        id: Some(client),
        ..ClientCredentials::default()
    };
    let parameters = TokenParameters {
        grant_type: Some("refresh_token"),
        refresh_token: Some(token),
        ..TokenParameters::default()
    };
    let origin = RequestOrigin::default();
    let issued = engine.issue_token(credentials, parameters, &origin).await?;
    Ok(issued.refresh_token.unwrap().expose_secret().to_owned())
}

fn is_refused(result: &Result<String, TokenError>) -> bool {
    matches!(result, Err(TokenError::InvalidGrant))
}

#[tokio::test]
async fn refreshes_of_one_transaction_each_give_their_successor() {
    let families = Families::start(["ada@example.com", "bob@example.com"]).await;
    let [ada, bob] = [&families.tokens[0], &families.tokens[1]];
    let first = families.at_once(&[ada, bob], "").await;
    let successors: Vec<_> = first.into_iter().map(Result::unwrap).collect();
    assert_eq!(recorded(&families.test.engine).await, 2);
    let next = families
        .at_once(&successors.iter().collect::<Vec<_>>(), "")
        .await;
    assert!(next.iter().all(Result::is_ok));
}

#[tokio::test]
async fn must_survive_19_a_refresh_token_used_twice_in_one_transaction_has_one_successor() {
    let families = Families::start(["ada@example.com", "bob@example.com"]).await;
    let [ada, bob] = [&families.tokens[0], &families.tokens[1]];
    let results = families.at_once(&[ada, ada, bob, ada], "").await;
    let is_ok: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(is_ok, [true, false, true, false]);
    assert!(is_refused(&results[1]) && is_refused(&results[3]));
    assert_eq!(recorded(&families.test.engine).await, 2);
    // The family of the one that was used twice has ended, and no other.
    let successor = |place: usize| families.spawn(results[place].as_ref().unwrap());
    assert!(is_refused(&successor(0).await.unwrap()));
    assert!(successor(2).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_19_of_fifty_refreshes_in_two_processes_one_is_answered() {
    let families = Families::start(["ada@example.com"]).await;
    let mut settings = families.test.engine.inner.settings.clone();
    settings.rng = Rng::seeded(8);
    let engines = [
        families.test.engine.clone(),
        Engine::open(settings).await.unwrap(),
    ];
    let barrier = Arc::new(Barrier::new(50));
    let all: Vec<_> = (0..50)
        .map(|number| {
            let (engine, barrier) = (engines[number % 2].clone(), Arc::clone(&barrier));
            let (client, token) = (families.client.clone(), families.tokens[0].clone());
            tokio::spawn(async move {
                barrier.wait().await;
                refresh(&engine, &client, &token).await.is_ok()
            })
        })
        .collect();
    let mut successes = 0;
    for one in all {
        successes += usize::from(one.await.unwrap());
    }
    assert_eq!(successes, 1);
    assert_eq!(recorded(&families.test.engine).await, 1);
}

#[tokio::test]
async fn if_a_refresh_cannot_be_recorded_no_token_of_its_transaction_is_used_up() {
    let families = Families::start(["ada@example.com", "bob@example.com"]).await;
    let [ada, bob] = [&families.tokens[0], &families.tokens[1]];
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON audit_events WHEN NEW.subject = \
                   (SELECT id FROM users WHERE email = 'bob@example.com') BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    for failed in families.at_once(&[ada, bob], trigger).await {
        assert!(matches!(failed, Err(TokenError::Failed(_))), "{failed:?}");
    }
    assert_eq!(recorded(&families.test.engine).await, 0);
    for result in families.at_once(&[ada, bob], "DROP TRIGGER full").await {
        assert!(result.is_ok(), "{result:?}");
    }
}

#[tokio::test]
async fn a_refresh_that_is_cancelled_before_its_turn_uses_nothing_up() {
    let families = Families::start(["ada@example.com", "bob@example.com"]).await;
    let engine = &families.test.engine;
    let permit = engine.acquire_write_permit().await.unwrap();
    let cancelled = families.spawn(&families.tokens[0]);
    until_waiting(engine, 1).await;
    let other = families.spawn(&families.tokens[1]);
    until_waiting(engine, 2).await;
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    drop(permit);
    assert!(other.await.unwrap().is_ok());
    assert!(families.spawn(&families.tokens[0]).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_refresh_is_decided_by_what_its_transaction_sees() {
    let emails = ["ada@example.com", "bob@example.com", "cyd@example.com"];
    let families = Families::start(emails).await;
    let tokens: Vec<_> = families.tokens.iter().collect();
    // While they wait, a user is disabled, and another's family ends.
    let change = "UPDATE users SET disabled_at = 1 WHERE email = 'ada@example.com'; \
                  DELETE FROM token_families WHERE user_id = \
                  (SELECT id FROM users WHERE email = 'bob@example.com')";
    let results = families.at_once(&tokens, change).await;
    assert!(is_refused(&results[0]) && is_refused(&results[1]));
    assert!(results[2].is_ok());
    assert_eq!(recorded(&families.test.engine).await, 1);
}
