//! An answer without HTTP around it: cookie, tag, secret, token, memory, decision; and its parts.
//! `cargo bench -p latchkey-engine`

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop there"
)]

use divan::{Bencher, black_box};
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::{
    CallerCredentials, CallerOrigin, Clock, Engine, NewService, NewUser, RequestOrigin, Rng,
    Settings, bench_support::VerifySteps,
};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
}

struct TestEngine {
    runtime: Runtime,
    engine: Engine,
    token: String,
    cookie: String,
    _data: tempfile::TempDir,
}

static WORLD: LazyLock<TestEngine> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let data = tempfile::tempdir().unwrap();
    let settings = Settings {
        data_dir: data.path().to_owned(),
        database_url: Some("sqlite::memory:".to_owned()),
        redis_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Bench".to_owned(),
        passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
        key_rotation: None,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: latchkey_engine::RiskSettings {
            mode: latchkey_engine::RiskMode::Fixed(latchkey_domain::risk::Mode::Enforce),
            ..latchkey_engine::RiskSettings::off()
        },
        passkeys: latchkey_engine::PasskeySettings::default(),
        clock: Clock::system(),
        rng: Rng::seeded(7),
    };
    let (engine, token, cookie) = runtime.block_on(async {
        let engine = Engine::open(settings).await.unwrap();
        let operator = Operator;
        let (_, token) = engine
            .add_service(
                &operator,
                "photos",
                NewService::default(),
                &RequestOrigin::default(),
            )
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        let ada = NewUser {
            email: "ada@example.com".to_owned(),
            name: String::new(),
            role: Role::Member,
        };
        let cookies = engine
            .seed_users(&operator, &[ada], 1, &["photos".to_owned()])
            .await
            .unwrap();
        engine.spawn_change_feed();
        let cookie = cookies[0].value.expose_secret().to_owned();
        (engine, token.expose_secret().to_owned(), cookie)
    });
    TestEngine {
        runtime,
        engine,
        token,
        cookie,
        _data: data,
    }
});

fn ask(bencher: Bencher<'_, '_>, token: Option<&str>, cookie: Option<&str>) {
    let world = &*WORLD;
    // Until the log has been read once, and what is asked for is in memory.
    world.runtime.block_on(async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        world.engine.verify("photos", token, cookie).await;
    });
    bencher.bench(|| {
        let answer = world
            .engine
            .verify("photos", black_box(token), black_box(cookie));
        world.runtime.block_on(answer)
    });
}

#[divan::bench]
fn granted(bencher: Bencher<'_, '_>) {
    ask(bencher, Some(&WORLD.token), Some(&WORLD.cookie));
}

/// With what the proxy says of the client, as before.
#[divan::bench]
fn granted_with_origin(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let caller = CallerCredentials {
        cookie: Some(&world.cookie),
        access_token: None,
        origin: CallerOrigin {
            ip: Some([203, 0, 113, 9].into()),
            // As long as that of a browser, and of none that is known: the device was registered in none.
            user_agent: Some(
                "Mozilla/5.0 (Unknown 10.0; Unk64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Unknown/140.0.0.0 Unknown/537.36",
            ),
        },
    };
    world.runtime.block_on(async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        world
            .engine
            .verify("photos", Some(&world.token), caller)
            .await;
    });
    bencher.bench(|| {
        let answer = (world.engine).verify("photos", Some(&world.token), black_box(caller));
        world.runtime.block_on(answer)
    });
}

#[divan::bench]
fn forged_cookie(bencher: Bencher<'_, '_>) {
    let forged = WORLD.cookie.chars().rev().collect::<String>();
    ask(bencher, Some(&WORLD.token), Some(&forged));
}

#[divan::bench]
fn malformed_cookie(bencher: Bencher<'_, '_>) {
    ask(bencher, Some(&WORLD.token), Some("x"));
}

#[divan::bench]
fn nothing_at_all(bencher: Bencher<'_, '_>) {
    ask(bencher, None, None);
}

fn measure(bencher: Bencher<'_, '_>, part: fn(&VerifySteps) -> bool) {
    let parts = VerifySteps::sample().unwrap();
    assert!(part(&parts), "what is measured is a yes");
    bencher.bench(|| part(black_box(&parts)));
}

#[divan::bench]
fn cookie_parse(bencher: Bencher<'_, '_>) {
    measure(bencher, VerifySteps::parses_cookie);
}

#[divan::bench]
fn tag_check(bencher: Bencher<'_, '_>) {
    measure(bencher, VerifySteps::checks_tag);
}

#[divan::bench]
fn secret_check(bencher: Bencher<'_, '_>) {
    measure(bencher, VerifySteps::checks_secret);
}

#[divan::bench]
fn token_check(bencher: Bencher<'_, '_>) {
    measure(bencher, VerifySteps::checks_token);
}
