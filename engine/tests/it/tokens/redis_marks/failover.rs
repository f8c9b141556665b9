//! A replica takes over: replication is asynchronous, so it may lack the last marks, and no token of before is accepted there.

use super::*;
use std::{
    net::TcpListener,
    os::unix::fs::symlink,
    time::{Duration, Instant},
};
use tokio::time::sleep;

async fn command(server: &RedisServer, command: &[&str]) -> String {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut asked = redis::cmd(command[0]);
    asked.arg(&command[1..]);
    asked.query_async(&mut connection).await.unwrap()
}

/// A primary and its replica, behind a socket that leads to one of them, as a name or a proxy does.
struct Pair {
    primary: RedisServer,
    replica: RedisServer,
    dir: tempfile::TempDir,
}

impl Pair {
    async fn start(program: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let more = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--repl-diskless-sync-delay",
            "0",
        ];
        let primary = RedisServer::start(program, &more);
        let more = ["--replicaof", "127.0.0.1", &port];
        let replica = RedisServer::start(program, &more);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !command(&replica, &["INFO", "replication"])
            .await
            .contains("master_link_status:up")
        {
            assert!(Instant::now() < deadline, "no replication");
            sleep(Duration::from_millis(20)).await;
        }
        let dir = tempfile::tempdir().unwrap();
        symlink(primary.socket(), dir.path().join("socket")).unwrap();
        Self {
            primary,
            replica,
            dir,
        }
    }

    fn url(&self) -> String {
        format!("unix://{}/socket", self.dir.path().display())
    }

    /// The primary's machine loses its power, and the replica takes over.
    async fn fail_over(&mut self) {
        self.primary.kill();
        command(&self.replica, &["REPLICAOF", "NO", "ONE"]).await;
        let socket = self.dir.path().join("socket");
        std::fs::remove_file(&socket).unwrap();
        symlink(self.replica.socket(), &socket).unwrap();
    }
}

/// How much of the primary the replica has when it takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replicated {
    All,
    /// The marks of the last moment are missing.
    NotTheLast,
    /// So is the epoch.
    Nothing,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_18_a_used_token_stays_used_when_a_replica_takes_over_without_its_mark() {
    for program in programs() {
        for replicated in [Replicated::All, Replicated::NotTheLast, Replicated::Nothing] {
            let mut pair = Pair::start(&program).await;
            let url = pair.url();
            let test =
                TestEngine::with(|settings| settings.redis_url = Some(url.parse().unwrap())).await;
            test.engine.inspect_redis().await.unwrap().unwrap();
            test.wait(6);
            let (photos, client) = photos(&test, TokenUse::OneShot).await;
            let (used, unused) = (
                client.token(&test.engine).await,
                client.token(&test.engine).await,
            );
            if replicated == Replicated::NotTheLast {
                pair.replica.signal("STOP");
            }
            let asked = ask(&test.engine, "photos", &photos, &used).await;
            assert_eq!(asked, "token accepted");
            match replicated {
                Replicated::All => {
                    // The epoch and the mark.
                    while !command(&pair.replica, &["INFO", "keyspace"])
                        .await
                        .contains("keys=2")
                    {
                        sleep(Duration::from_millis(20)).await;
                    }
                }
                Replicated::NotTheLast => {
                    pair.primary.kill();
                    pair.replica.signal("CONT");
                }
                Replicated::Nothing => {
                    command(&pair.replica, &["REPLICAOF", "NO", "ONE"]).await;
                    command(&pair.replica, &["FLUSHALL"]).await;
                }
            }
            pair.fail_over().await;
            let deadline = Instant::now() + Duration::from_secs(10);
            let mut asked = "unavailable";
            while asked == "unavailable" {
                assert!(Instant::now() < deadline, "still unavailable");
                sleep(Duration::from_millis(20)).await;
                asked = ask(&test.engine, "photos", &photos, &used).await;
            }
            assert_eq!(asked, "unknown", "{replicated:?}");
            // It may have been used: its mark could be among those that were lost.
            let asked = ask(&test.engine, "photos", &photos, &unused).await;
            assert_eq!(asked, "unknown", "{replicated:?}");
            test.wait(6);
            let next = client.token(&test.engine).await;
            let asked = ask(&test.engine, "photos", &photos, &next).await;
            assert_eq!(asked, "token accepted", "{replicated:?}");
            let asked = ask(&test.engine, "photos", &photos, &next).await;
            assert_eq!(asked, "unknown", "{replicated:?}");
        }
    }
}
