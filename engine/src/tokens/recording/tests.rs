//! Tokens that are issued at the same time.

mod rotation;

use crate::{
    CallerCredentials, ClientCredentials, Engine, NewClient, PresentedToken, RequestOrigin, Rng,
    TokenError, TokenParameters, VerifyDecision, audit, test_engine::TestEngine,
    unit_of_work::MAX_GROUP,
};
use latchkey_domain::{
    access::permission::Operator,
    pagination::ListQuery,
    tokens::{client::ClientKind, policy::TokenUse},
};
use sea_orm::ConnectionTrait;
use std::time::Duration;
use tokio::task::JoinHandle;

#[derive(Clone)]
struct TestClient {
    id: String,
    secret: String,
}

impl TestClient {
    async fn add(test: &TestEngine, name: &str, token_use: TokenUse) -> Self {
        let (engine, origin) = (&test.engine, RequestOrigin::default());
        engine
            .change_access_tokens(
                &Operator,
                "photos",
                crate::NewAccessTokens::new("read", token_use),
                &origin,
            )
            .await
            .unwrap();
        let new = NewClient::new(name, ClientKind::Confidential, "photos", "read");
        let added = engine.add_client(&Operator, new, &origin).await.unwrap();
        let (client, secret) = added.commit().await.unwrap();
        Self {
            id: client.id.to_string(),
            secret: secret.unwrap().expose_secret().to_owned(),
        }
    }

    async fn token(&self, engine: &Engine) -> Result<String, TokenError> {
        let credentials = ClientCredentials {
            id: Some(&self.id),
            secret: Some(&self.secret),
            assertion: None,
        };
        let parameters = TokenParameters {
            grant_type: Some("client_credentials"),
            ..TokenParameters::default()
        };
        let origin = RequestOrigin::default();
        let issued = engine.issue_token(credentials, parameters, &origin).await?;
        Ok(issued.access_token.expose_secret().to_owned())
    }

    fn spawn(&self, engine: &Engine) -> JoinHandle<Result<String, TokenError>> {
        let (client, engine) = (self.clone(), engine.clone());
        tokio::spawn(async move { client.token(&engine).await })
    }
}

async fn is_accepted(engine: &Engine, service_token: &str, token: &str) -> bool {
    let caller = CallerCredentials {
        cookie: None,
        origin: crate::CallerOrigin::default(),
        access_token: Some(&PresentedToken {
            text: token,
            proof: None,
        }),
    };
    let decision = engine.verify("photos", Some(service_token), caller).await;
    matches!(decision, VerifyDecision::TokenAccepted(_))
}

/// How many tokens the audit log has.
async fn recorded(engine: &Engine) -> u64 {
    let query = ListQuery {
        filter: "token.issued".to_owned(),
        ..ListQuery::default()
    };
    engine.list_events(&Operator, &query).await.unwrap().total
}

/// Until as many events wait.
async fn until_waiting(engine: &Engine, count: usize) {
    while engine.inner.token_issues.len() < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_tokens_issued_by_64_tasks_are_all_recorded_and_accepted() {
    let test = TestEngine::in_file().await;
    let client = TestClient::add(&test, "Backup", TokenUse::Reusable).await;
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (client, engine) = (client.clone(), test.engine.clone());
            tokio::spawn(async move {
                let mut tokens = Vec::new();
                for _ in 0..if task < 36 { 2 } else { 1 } {
                    tokens.push(client.token(&engine).await.unwrap());
                }
                tokens
            })
        })
        .collect();
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.extend(task.await.unwrap());
    }
    assert_eq!(tokens.len(), 100);
    for token in &tokens {
        assert!(is_accepted(&test.engine, &test.token, token).await);
    }
    assert_eq!(recorded(&test.engine).await, 100);
    let rejected = test.engine.unsealed_events(&Operator).await.unwrap();
    assert_eq!((rejected.waiting, rejected.rejected), (0, 0));
}

#[tokio::test]
async fn if_one_event_cannot_be_written_no_request_of_its_transaction_gets_a_token() {
    let test = TestEngine::in_file().await;
    let client = TestClient::add(&test, "Backup", TokenUse::Reusable).await;
    let other = TestClient::add(&test, "Other", TokenUse::Reusable).await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let mut requests: Vec<_> = (0..9).map(|_| client.spawn(&test.engine)).collect();
    requests.push(other.spawn(&test.engine));
    until_waiting(&test.engine, 10).await;
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON audit_events WHEN NEW.actor_name = 'Other' \
                   BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    permit.db().execute_unprepared(trigger).await.unwrap();
    drop(permit);
    for request in requests {
        let failed = request.await.unwrap();
        assert!(matches!(failed, Err(TokenError::Failed(_))), "{failed:?}");
    }
    assert_eq!(recorded(&test.engine).await, 0);
    // The next transaction has nothing to do with it.
    let token = client.token(&test.engine).await.unwrap();
    assert!(is_accepted(&test.engine, &test.token, &token).await);
    assert!(other.token(&test.engine).await.is_err());
    assert_eq!(recorded(&test.engine).await, 1);
}

#[tokio::test]
async fn a_request_that_is_cancelled_takes_no_other_with_it() {
    let test = TestEngine::in_file().await;
    let client = TestClient::add(&test, "Backup", TokenUse::Reusable).await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    // The first one started the task that writes.
    let first = client.spawn(&test.engine);
    until_waiting(&test.engine, 1).await;
    let others = [client.spawn(&test.engine), client.spawn(&test.engine)];
    until_waiting(&test.engine, 3).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    drop(permit);
    for other in others {
        let token = other.await.unwrap().unwrap();
        assert!(is_accepted(&test.engine, &test.token, &token).await);
    }
    // Nobody has its token, so it is not recorded.
    assert_eq!(recorded(&test.engine).await, 2);
}

#[tokio::test]
async fn of_single_active_tokens_in_one_transaction_the_last_is_the_newest() {
    let test = TestEngine::in_file().await;
    let client = TestClient::add(&test, "Backup", TokenUse::SingleActive).await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let mut requests = Vec::new();
    for count in 1..=5 {
        requests.push(client.spawn(&test.engine));
        until_waiting(&test.engine, count).await;
    }
    drop(permit);
    for (number, request) in requests.into_iter().enumerate() {
        let token = request.await.unwrap().unwrap();
        let is_newest = is_accepted(&test.engine, &test.token, &token).await;
        assert_eq!(is_newest, number == 4, "token {number}");
    }
    let next = client.token(&test.engine).await.unwrap();
    assert!(is_accepted(&test.engine, &test.token, &next).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_record_their_tokens_in_one_log() {
    let test = TestEngine::in_file().await;
    let client = TestClient::add(&test, "Backup", TokenUse::Reusable).await;
    let mut settings = test.engine.inner.settings.clone();
    settings.rng = Rng::seeded(8);
    let other = Engine::open(settings).await.unwrap();
    let requests: Vec<_> = (0..20)
        .flat_map(|_| [client.spawn(&test.engine), client.spawn(&other)])
        .collect();
    for request in requests {
        let token = request.await.unwrap().unwrap();
        for engine in [&test.engine, &other] {
            assert!(is_accepted(engine, &test.token, &token).await);
        }
    }
    assert_eq!(recorded(&other).await, 40);
}

#[test]
fn a_process_that_dies_leaves_whole_transactions() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let first = runtime();
    let test = first.block_on(TestEngine::in_file());
    let client = first.block_on(TestClient::add(&test, "Backup", TokenUse::Reusable));
    let rows = async |engine: &Engine| {
        let head = audit::store::head(&engine.read()).await.unwrap();
        usize::try_from(head.seq).unwrap()
    };
    let more_than_a_group = MAX_GROUP + 20;
    let mut before = first.block_on(rows(&test.engine));
    for milliseconds in 0..6 {
        let dying = runtime();
        let mut settings = test.engine.inner.settings.clone();
        settings.rng = Rng::seeded(milliseconds);
        let requests = dying.block_on(async {
            let engine = Engine::open(settings).await.unwrap();
            let permit = engine.acquire_write_permit().await.unwrap();
            let requests: Vec<_> = (0..more_than_a_group)
                .map(|_| client.spawn(&engine))
                .collect();
            until_waiting(&engine, more_than_a_group).await;
            drop(permit);
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            requests
        });
        dying.shutdown_background();
        let with_token = first.block_on(async {
            let mut with_token = 0;
            for request in requests {
                with_token += usize::from(request.await.is_ok_and(|result| result.is_ok()));
            }
            with_token
        });
        let after = first.block_on(rows(&test.engine));
        let written = after - before;
        assert!(
            [0, MAX_GROUP, more_than_a_group].contains(&written),
            "{written} after {milliseconds} ms"
        );
        assert!(with_token <= written, "{with_token} of {written}");
        before = after;
    }
}
