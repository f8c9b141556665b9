//! Where marks of use are. The same tests run on each store.

use crate::{
    redis_server::{RedisServer, programs},
    test_engine::TestEngine,
};
use latchkey_engine::Settings;

/// A store of marks of use.
pub(crate) enum OneTimeStore {
    Database,
    Redis(RedisServer),
}

impl OneTimeStore {
    /// One for each Redis and Valkey that is here.
    pub(crate) fn each_redis() -> impl Iterator<Item = Self> {
        let start = |program: &_| RedisServer::start(program, &[]);
        let programs = programs().into_iter();
        programs.map(move |program| Self::Redis(start(&program)))
    }

    pub(crate) fn configure(&self, settings: &mut Settings) {
        settings.database_url = None;
        settings.redis_url = match self {
            Self::Database => None,
            Self::Redis(server) => Some(server.url().parse().unwrap()),
        };
    }
}

impl TestEngine {
    /// On a database file, with marks of use in this store.
    pub(crate) async fn on(store: &OneTimeStore) -> Self {
        let test = Self::with(|settings| store.configure(settings)).await;
        if let Some(server) = test.engine.inspect_redis().await {
            server.unwrap();
            // What could have been used before the store was there is refused: an assertion that does not say when it was made, for
            // as long as one may last.
            test.wait(306);
        }
        test
    }
}

/// Runs tests on the database, and on each Redis and Valkey that is here.
macro_rules! on_each_store {
    ($($name:ident)*) => {
        mod with_the_database {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name($crate::one_time_store::OneTimeStore::Database).await;
            })*
        }

        mod with_redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                for store in $crate::one_time_store::OneTimeStore::each_redis() {
                    super::$name(store).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_store;
