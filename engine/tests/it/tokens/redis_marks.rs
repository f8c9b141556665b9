//! Marks of use in Redis: how they are stored, and what an operator has to know.

mod failover;
mod outage;

use super::*;
use crate::{
    one_time_store::OneTimeStore,
    redis_server::{RedisServer, programs},
};
use latchkey_engine::RedisFault;
use std::path::Path;

/// An engine with a one-shot service `photos` and a reusable one `wiki`, on a server.
struct Installation {
    test: TestEngine,
    photos: String,
    client: TestClient,
    wiki: String,
    reader: TestClient,
    redis: RedisServer,
}

impl Installation {
    async fn on(program: &Path, more: &[&str]) -> Self {
        let store = OneTimeStore::Redis(RedisServer::start(program, more));
        let test = TestEngine::on(&store).await;
        let (photos, client) = photos(&test, TokenUse::OneShot).await;
        let wiki = test.service("wiki").await;
        let reader = TestClient::add(&test.engine, new_client("Reader", "wiki", "")).await;
        let OneTimeStore::Redis(redis) = store else {
            unreachable!()
        };
        Self {
            test,
            photos,
            client,
            wiki,
            reader,
            redis,
        }
    }

    async fn token(&self) -> String {
        self.client.token(&self.test.engine).await
    }

    async fn ask(&self, token: &str) -> &'static str {
        ask(&self.test.engine, "photos", &self.photos, token).await
    }

    /// What is asked with a new connection.
    async fn command(&self, command: &[&str]) -> redis::Value {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut asked = redis::cmd(command[0]);
        asked
            .arg(&command[1..])
            .query_async(&mut connection)
            .await
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn marks_are_digests_under_the_prefix_of_their_installation_and_end_by_themselves() {
    for program in programs() {
        let installation = Installation::on(&program, &[]).await;
        let token = installation.token().await;
        assert_eq!(installation.ask(&token).await, "token accepted");
        let client = redis::Client::open(installation.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut keys: Vec<String> = redis::cmd("KEYS")
            .arg("*")
            .query_async(&mut connection)
            .await
            .unwrap();
        keys.sort();
        let [epoch, mark] = &keys[..] else {
            panic!("{keys:?}")
        };
        let prefix = epoch.strip_suffix("epoch").unwrap();
        let rest = prefix.strip_prefix("latchkey:").unwrap();
        assert_eq!((rest.len(), rest.ends_with(':')), (17, true), "{epoch}");
        let digest = mark
            .strip_prefix(prefix)
            .unwrap()
            .strip_prefix("used_token:")
            .unwrap();
        assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let left: i64 = redis::cmd("PTTL")
            .arg(mark)
            .query_async(&mut connection)
            .await
            .unwrap();
        // Two minutes, the leeway, and what a clock may be set back by.
        assert!((1_000_000..=1_026_000).contains(&left), "{left}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_operator_learns_what_is_wrong_with_redis() {
    for program in programs() {
        let mut installation =
            Installation::on(&program, &["--maxmemory-policy", "allkeys-lru"]).await;
        let server = installation
            .test
            .engine
            .inspect_redis()
            .await
            .unwrap()
            .unwrap();
        assert!(server.evicts(), "{server:?}");
        installation
            .command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            .await;
        let server = installation
            .test
            .engine
            .inspect_redis()
            .await
            .unwrap()
            .unwrap();
        assert!(!server.evicts(), "{server:?}");
        // It responds, but keeps nothing.
        installation
            .command(&["CONFIG", "SET", "maxmemory", "1"])
            .await;
        let fault = installation
            .test
            .engine
            .inspect_redis()
            .await
            .unwrap()
            .unwrap_err();
        assert!(matches!(fault, RedisFault::Refused(_)), "{fault}");
        let token = installation.token().await;
        assert_eq!(installation.ask(&token).await, "unavailable");
        installation.redis.kill();
        let fault = installation
            .test
            .engine
            .inspect_redis()
            .await
            .unwrap()
            .unwrap_err();
        assert!(matches!(fault, RedisFault::Refused(_)), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_user_of_redis_needs_six_commands_and_our_keys() {
    let rules = "--user latchkey on >secret ~latchkey:* +info +get +set +exists +multi +exec --user default off";
    let rules: Vec<_> = rules.split(' ').collect();
    for program in programs() {
        let server = RedisServer::start(&program, &rules);
        let url = format!("{}?user=latchkey&pass=secret", server.url());
        let test =
            TestEngine::with(|settings| settings.redis_url = Some(url.parse().unwrap())).await;
        test.engine.inspect_redis().await.unwrap().unwrap();
        test.wait(6);
        let (photos, client) = photos(&test, TokenUse::OneShot).await;
        let token = client.token(&test.engine).await;
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "token accepted"
        );
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "unknown"
        );
    }
}
