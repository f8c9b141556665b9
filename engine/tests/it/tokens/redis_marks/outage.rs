//! What is denied while Redis is away, and that no outage makes a used token usable again.

use super::{
    super::bound::{KeyHolder, proven},
    *,
};
use crate::test_engine::cookie;
use latchkey_engine::IntrospectionCaller;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::Barrier,
    time::sleep,
};

/// More than the deadline of a mark, and less than that of a proxy.
const SOON: Duration = Duration::from_millis(1000);

impl Installation {
    /// Denies what is accepted once, soon, and nothing else.
    async fn assert_degraded(&self, unused: &str) {
        let began = Instant::now();
        assert_eq!(self.ask(unused).await, "unavailable");
        assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
        let (test, engine) = (&self.test, &self.test.engine);
        let token = self.reader.token(engine).await;
        for _ in 0..2 {
            assert_eq!(
                ask(engine, "wiki", &self.wiki, &token).await,
                "token accepted"
            );
        }
        let ada = test.registered("ada@example.com").await;
        test.grant("ada@example.com", "photos", "").await;
        let visit = engine
            .verify("photos", Some(&self.photos), Some(cookie(&ada)))
            .await;
        assert_eq!(word(&visit), "granted");
        let proof = KeyHolder::new(1).token_proof(test);
        let parameters = TokenParameters {
            proof: proven(&proof),
            ..TokenParameters::default()
        };
        let refused = self.client.ask(engine, parameters).await.unwrap_err();
        assert_eq!(refused.to_string(), "temporarily_unavailable");
        let caller = IntrospectionCaller::Service(&self.photos);
        let refused = engine.introspect_token(caller, unused).await.unwrap_err();
        assert_eq!(refused.to_string(), "temporarily_unavailable");
        // Known to be down, it is not waited for, however many ask.
        let began = Instant::now();
        for _ in 0..50 {
            assert_eq!(self.ask(unused).await, "unavailable");
        }
        assert!(began.elapsed() < 5 * SOON, "{:?}", began.elapsed());
    }

    /// What a token is told once the engine has the server again.
    async fn ask_until_available(&self, token: &str) -> &'static str {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match self.ask(token).await {
                "unavailable" => assert!(Instant::now() < deadline, "still unavailable"),
                word => return word,
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_18_of_fifty_uses_in_two_processes_one_is_accepted() {
    let stores = [OneTimeStore::Database]
        .into_iter()
        .chain(OneTimeStore::each_redis());
    for store in stores {
        let data = tempfile::tempdir().unwrap();
        let test = TestEngine::with(|settings| {
            store.configure(settings);
            settings.data_dir = data.path().to_owned();
        })
        .await;
        if let Some(server) = test.engine.inspect_redis().await {
            server.unwrap();
            test.wait(6);
        }
        let other = TestEngine::with(|settings| {
            store.configure(settings);
            settings.data_dir = data.path().to_owned();
            settings.clock = test.clock.clone();
        })
        .await;
        let (photos, client) = photos(&test, TokenUse::OneShot).await;
        let token = client.token(&test.engine).await;
        let barrier = Arc::new(Barrier::new(50));
        let uses: Vec<_> = [&test.engine, &other.engine]
            .into_iter()
            .cycle()
            .take(50)
            .map(|engine| {
                let (engine, photos, token) = (engine.clone(), photos.clone(), token.clone());
                let barrier = Arc::clone(&barrier);
                tokio::spawn(async move {
                    barrier.wait().await;
                    ask(&engine, "photos", &photos, &token).await
                })
            })
            .collect();
        let mut accepted = 0;
        for one in uses {
            match one.await.unwrap() {
                "token accepted" => accepted += 1,
                other => assert_eq!(other, "unknown"),
            }
        }
        assert_eq!(accepted, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_23_without_redis_what_is_accepted_once_is_denied_and_nothing_else() {
    for program in programs() {
        let mut installation = Installation::on(&program, &[]).await;
        let (used, unused) = (installation.token().await, installation.token().await);
        assert_eq!(installation.ask(&used).await, "token accepted");
        installation.redis.kill();
        installation.assert_degraded(&unused).await;
        assert_eq!(installation.ask(&used).await, "unavailable");

        // It comes back without any mark.
        installation.redis.start_again();
        assert_eq!(installation.ask_until_available(&used).await, "unknown");
        assert_eq!(
            installation.ask(&unused).await,
            "unknown",
            "it may have been used"
        );
        installation.test.wait(6);
        let next = installation.token().await;
        assert_eq!(installation.ask(&next).await, "token accepted");
        assert_eq!(installation.ask(&next).await, "unknown");
        assert_eq!(installation.ask(&used).await, "unknown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_23_a_redis_that_hangs_is_waited_for_briefly_and_used_again_later() {
    for program in programs() {
        let installation = Installation::on(&program, &[]).await;
        let (used, unused) = (installation.token().await, installation.token().await);
        assert_eq!(installation.ask(&used).await, "token accepted");
        installation.redis.signal("STOP");
        installation.assert_degraded(&unused).await;
        installation.redis.signal("CONT");
        // It has all its marks. What hung may have been marked after all.
        assert_eq!(installation.ask_until_available(&used).await, "unknown");
        let next = installation.token().await;
        assert_eq!(installation.ask(&next).await, "token accepted");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_18_a_used_token_stays_used_when_redis_starts_again_with_old_marks_or_loses_them()
 {
    for program in programs() {
        let mut installation = Installation::on(&program, &["--dbfilename", "dump"]).await;
        let used = installation.token().await;
        assert_eq!(
            installation.ask(&installation.token().await).await,
            "token accepted"
        );
        // On its disk are the epoch and the first mark, and not the second.
        installation.command(&["SAVE"]).await;
        assert_eq!(installation.ask(&used).await, "token accepted");
        installation.redis.kill();
        installation.redis.start_again();
        assert!(matches!(
            installation.command(&["DBSIZE"]).await,
            redis::Value::Int(2)
        ));
        assert_eq!(installation.ask_until_available(&used).await, "unknown");

        installation.test.wait(6);
        let used = installation.token().await;
        assert_eq!(installation.ask(&used).await, "token accepted");
        installation.command(&["FLUSHALL"]).await;
        assert_eq!(installation.ask_until_available(&used).await, "unknown");
        installation.test.wait(6);
        let next = installation.token().await;
        assert_eq!(installation.ask(&next).await, "token accepted");
    }
}

/// A socket in front of a server. While `is_cut`, it ends the connection on which a use is marked, before the response.
async fn with_cuts(server: PathBuf, socket: &Path, is_cut: Arc<AtomicBool>) {
    let listener = UnixListener::bind(socket).unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = UnixStream::connect(&server).await.unwrap();
            let is_cut = Arc::clone(&is_cut);
            tokio::spawn(async move {
                let (mut asked, mut response) = (vec![0; 4096], vec![0; 65_536]);
                loop {
                    let length = client.read(&mut asked).await.unwrap();
                    server.write_all(&asked[..length]).await.unwrap();
                    let is_mark = asked[..length]
                        .windows(10)
                        .any(|part| part == b"used_token");
                    let got = server.read(&mut response).await.unwrap();
                    if length == 0 || is_mark && is_cut.swap(false, Ordering::Relaxed) {
                        return;
                    }
                    client.write_all(&response[..got]).await.unwrap();
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_use_whose_response_is_lost_is_marked_once_and_is_no_second_use() {
    for program in programs() {
        let redis = RedisServer::start(&program, &[]);
        let dir = tempfile::tempdir().unwrap();
        let (socket, is_cut) = (dir.path().join("socket"), Arc::new(AtomicBool::new(false)));
        with_cuts(redis.socket(), &socket, Arc::clone(&is_cut)).await;
        let url = format!("unix://{}", socket.display());
        let test =
            TestEngine::with(|settings| settings.redis_url = Some(url.parse().unwrap())).await;
        test.engine.inspect_redis().await.unwrap().unwrap();
        test.wait(6);
        let (photos, client) = photos(&test, TokenUse::OneShot).await;
        let token = client.token(&test.engine).await;
        is_cut.store(true, Ordering::Relaxed);
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "token accepted"
        );
        assert!(!is_cut.load(Ordering::Relaxed));
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "unknown"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_redis_closes_while_nothing_is_asked_denies_nothing() {
    for program in programs() {
        let installation = Installation::on(&program, &[]).await;
        let used = installation.token().await;
        assert_eq!(installation.ask(&used).await, "token accepted");
        for _ in 0..10 {
            installation
                .command(&["CLIENT", "KILL", "TYPE", "normal"])
                .await;
            assert_eq!(installation.ask(&used).await, "unknown");
            assert_eq!(
                installation.ask(&installation.token().await).await,
                "token accepted"
            );
        }
    }
}
