//! Measures tokens against the signatures that they cannot do without, on a database in a file: `cargo xtask bench tokens`.
//!
//! 1. One caller verifies an access token, beside the check of a signature over the same bytes.
//! 2. 64 callers get access tokens at once, beside signing the same bytes on one core. Each token is in the audit log
//!    when its caller gets it.
//! 3. Issuing, refreshing and using a token once: how long one caller and one of 64 waits.
//!
//! Arguments choose parts: `verify`, `issue`, `wait`, `refresh`, `use`. Both sides of a ratio are measured in turn, in the same process; a ratio is the median of the rounds' ratios.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop there"
)]

mod report;
mod signature;
mod token_engine;

use futures_util::future::{BoxFuture, join_all};
use latchkey_domain::tokens::{access_token::TokenAlgorithm, policy::TokenUse};
use report::Latencies;
use signature::Signature;
use std::{
    env,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};
use token_engine::{TestClient, TokenEngine};

const ROUNDS: usize = 3;
/// Of a round, for each side of a ratio.
const TIME: Duration = Duration::from_secs(2);
/// Both sides take turns after this time, so that others on the machine slow down both.
const TURN: Duration = Duration::from_millis(50);
const CALLERS: usize = 64;
/// As many as share a transaction.
const MANY_CALLERS: usize = 256;

#[tokio::main]
async fn main() {
    let parts: Vec<_> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    let test = Arc::new(TokenEngine::new().await);
    if is_wanted("verify") {
        println!("verifying, one caller                          per second    raw checks       ×");
        verify(&test, "Ed25519", TokenAlgorithm::EdDsa).await;
        verify(&test, "ES256", TokenAlgorithm::Es256).await;
    }
    if is_wanted("issue") {
        println!(
            "\nissuing, Ed25519                                per second  raw signing       ×"
        );
        let client = test.client(TokenUse::Reusable, TokenAlgorithm::EdDsa).await;
        for callers in [CALLERS, MANY_CALLERS] {
            issue(&test, &client, callers).await;
        }
    }
    println!(
        "\nwaiting, in microseconds                callers         p50         p99  per second"
    );
    if is_wanted("wait") {
        let client = test.client(TokenUse::Reusable, TokenAlgorithm::EdDsa).await;
        for callers in [1, CALLERS] {
            let latencies = latencies(callers, issue_one(&test, &client));
            report::waiting("issue", callers, latencies.await);
        }
    }
    if is_wanted("refresh") {
        refresh(&test).await;
    }
    if is_wanted("use") {
        use_once(&test).await;
    }
}

async fn verify(test: &TokenEngine, name: &str, algorithm: TokenAlgorithm) {
    let client = test.client(TokenUse::Reusable, algorithm).await;
    let token = test.issue(&client).await;
    let signature = Signature::over(&token, algorithm);
    assert!(test.accepts(&client, &token).await && signature.is_right());
    let (mut rates, mut raw_rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (mut verified, mut checked) = (Rate::default(), Rate::default());
        while verified.time < TIME {
            let begun = Instant::now();
            while begun.elapsed() < TURN {
                black_box(test.accepts(black_box(&client), black_box(&token)).await);
                verified.count += 1;
            }
            verified.time += begun.elapsed();
            checked.add(|| signature.is_right());
        }
        rates.push(verified.per_second());
        raw_rates.push(checked.per_second());
    }
    report::ratio(name, &rates, &raw_rates);
}

async fn issue(test: &Arc<TokenEngine>, client: &TestClient, callers: usize) {
    let token = test.issue(client).await;
    let signature = Signature::over(&token, TokenAlgorithm::EdDsa);
    let (mut rates, mut raw_rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut signed = Rate::default();
        while signed.time < TIME / 2 {
            signed.add(|| signature.sign());
        }
        let begun = Instant::now();
        let issued = during(callers, TIME, issue_one(test, client));
        let count = issued.await.count();
        rates.push(count as f64 / begun.elapsed().as_secs_f64());
        while signed.time < TIME {
            signed.add(|| signature.sign());
        }
        raw_rates.push(signed.per_second());
    }
    report::ratio(&format!("{callers} callers"), &rates, &raw_rates);
}

fn issue_one(
    test: &Arc<TokenEngine>,
    client: &TestClient,
) -> impl Fn(usize) -> BoxFuture<'static, ()> + Clone + Send + 'static {
    let (test, client) = (Arc::clone(test), client.clone());
    move |_| {
        let (test, client) = (Arc::clone(&test), client.clone());
        Box::pin(async move { drop(black_box(test.issue(&client).await)) })
    }
}

async fn refresh(test: &Arc<TokenEngine>) {
    let (client, tokens) = test.families(CALLERS).await;
    let tokens: Arc<Vec<_>> = Arc::new(tokens.into_iter().map(tokio::sync::Mutex::new).collect());
    for callers in [1, CALLERS] {
        let (test, client, tokens) = (Arc::clone(test), client.clone(), Arc::clone(&tokens));
        let latencies = latencies(callers, move |caller| {
            let (test, client, tokens) = (Arc::clone(&test), client.clone(), Arc::clone(&tokens));
            async move {
                let mut token = tokens[caller].lock().await;
                *token = test.refresh(&client, &token).await;
            }
        });
        report::waiting("refresh", callers, latencies.await);
    }
}

async fn use_once(test: &Arc<TokenEngine>) {
    let client = test.client(TokenUse::OneShot, TokenAlgorithm::EdDsa).await;
    for callers in [1, CALLERS] {
        let mut all = Vec::new();
        for _ in 0..ROUNDS {
            let mut tokens = Vec::new();
            for _ in 0..2000 / callers {
                let issuing = (0..callers).map(|_| test.issue(&client));
                tokens.extend(join_all(issuing).await);
            }
            let shares = (0..callers).map(|caller| {
                let tokens: Vec<_> = tokens
                    .iter()
                    .skip(caller)
                    .step_by(callers)
                    .cloned()
                    .collect();
                let (test, client) = (Arc::clone(test), client.clone());
                tokio::spawn(async move {
                    let mut latencies = Latencies::default();
                    for token in tokens {
                        let begun = Instant::now();
                        assert!(test.accepts(&client, &token).await, "its first use");
                        latencies.add(begun.elapsed());
                    }
                    latencies
                })
            });
            let begun = Instant::now();
            let shares = join_all(shares.collect::<Vec<_>>()).await;
            all.push((
                Latencies::of_all(shares.into_iter().map(Result::unwrap)),
                begun.elapsed(),
            ));
        }
        report::waiting("use once", callers, all);
    }
}

/// The rounds of callers that do something again and again.
async fn latencies<F, D>(callers: usize, task: F) -> Vec<(Latencies, Duration)>
where
    F: Fn(usize) -> D + Clone + Send + 'static,
    D: Future<Output = ()> + Send,
{
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let latencies = during(callers, TIME, task.clone()).await;
        rounds.push((latencies, begun.elapsed()));
    }
    rounds
}

/// What callers do again and again for a time.
async fn during<F, D>(callers: usize, time: Duration, task: F) -> Latencies
where
    F: Fn(usize) -> D + Clone + Send + 'static,
    D: Future<Output = ()> + Send,
{
    let end = Instant::now() + time;
    let callers: Vec<_> = (0..callers)
        .map(|caller| {
            let task = task.clone();
            tokio::spawn(async move {
                let mut latencies = Latencies::default();
                while Instant::now() < end {
                    let begun = Instant::now();
                    task(caller).await;
                    latencies.add(begun.elapsed());
                }
                latencies
            })
        })
        .collect();
    let latencies = join_all(callers).await;
    Latencies::of_all(latencies.into_iter().map(Result::unwrap))
}

/// How often something was done in a time.
#[derive(Default)]
struct Rate {
    count: u64,
    time: Duration,
}

impl Rate {
    /// Does something for a turn.
    fn add<R>(&mut self, task: impl Fn() -> R) {
        let begun = Instant::now();
        while begun.elapsed() < TURN {
            black_box(task());
            self.count += 1;
        }
        self.time += begun.elapsed();
    }

    fn per_second(&self) -> f64 {
        self.count as f64 / self.time.as_secs_f64()
    }
}
