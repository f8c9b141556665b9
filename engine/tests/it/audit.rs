use crate::world::{START, World, client, cookie, new_user, totp};
use latchkey_domain::{access::Administrator, list::ListQuery, user::PasskeyOnly};
use latchkey_engine::{Answer, ChainReport, Clock, Engine, OpenError, Rng, Settings};
use sea_orm::{ConnectionTrait, Database};
use std::{path::Path, time::Duration};

fn settings(dir: &Path) -> Settings {
    Settings {
        data_dir: dir.to_owned(),
        database_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: PasskeyOnly::default(),
        clock: Clock::manual(START),
        rng: Rng::system().unwrap(),
    }
}

async fn tamper(dir: &Path, sql: &str) {
    let db = Database::connect(format!("sqlite://{}", dir.join("latchkey.db").display()))
        .await
        .unwrap();
    db.execute_unprepared(sql).await.unwrap();
}

#[tokio::test]
async fn the_chain_tells_what_was_altered_taken_out_or_cut_off() {
    for (sql, is_intact) in [
        ("SELECT 1", true),
        (
            "UPDATE audit_events SET detail = 'nothing happened' WHERE seq = 2",
            false,
        ),
        (
            "UPDATE audit_events SET time = time + 1 WHERE seq = 1",
            false,
        ),
        ("DELETE FROM audit_events WHERE seq = 2", false),
        (
            "DELETE FROM audit_events WHERE seq = (SELECT max(seq) FROM audit_events)",
            false,
        ),
        (
            "UPDATE audit_events SET subject = NULL WHERE seq = 1",
            false,
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(settings(dir.path())).await.unwrap();
        for email in ["a@example.com", "b@example.com", "c@example.com"] {
            engine
                .add_user(&Administrator::Operator, new_user(email), &client())
                .await
                .unwrap();
        }
        tamper(dir.path(), sql).await;
        let report = engine
            .verify_audit_chain(&Administrator::Operator)
            .await
            .unwrap();
        assert_eq!(
            matches!(report, ChainReport::Intact { .. }),
            is_intact,
            "{sql}: {report:?}"
        );
    }
}

#[tokio::test]
async fn must_survive_17_another_process_sees_a_revocation_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let (server, command) = (
        Engine::open(settings(dir.path())).await.unwrap(),
        Engine::open(settings(dir.path())).await.unwrap(),
    );
    server.follow_audit_log();
    let (_, uri) = command
        .add_user_with_totp(
            &Administrator::Operator,
            new_user("ada@example.com"),
            &client(),
        )
        .await
        .unwrap();
    let code = totp(uri.reveal_once(), START);
    let ada = server
        .register_device("ada@example.com", &code, "", None, &client())
        .await
        .unwrap();
    let (_, token) = command
        .add_service(
            &Administrator::Operator,
            "photos",
            latchkey_engine::NewService::default(),
            &client(),
        )
        .await
        .unwrap();
    command
        .add_grant(
            &Administrator::Operator,
            "ada@example.com",
            "photos",
            latchkey_domain::grant::Scopes::NONE,
            None,
            &client(),
        )
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(900)).await;
    let ask = async || {
        server
            .verify("photos", Some(token.reveal_once()), Some(cookie(&ada)))
            .await
    };
    assert!(matches!(ask().await, Answer::Granted(_)));
    command
        .revoke_device(
            &Administrator::Operator,
            ada.account.device_id,
            &[],
            &client(),
        )
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(matches!(ask().await, Answer::Unknown));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_words() {
    let dir = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(dir.path())).await.unwrap());
    tamper(
        dir.path(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_future', 0)",
    )
    .await;
    let refused = Engine::open(settings(dir.path())).await.err().unwrap();
    assert!(
        matches!(&refused, OpenError::DatabaseNewer(step) if step == "m20990101_000001_future"),
        "{refused}"
    );
    assert!(refused.to_string().contains("newer"));
}

#[tokio::test]
async fn a_master_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(dir.path())).await.unwrap());
    let key = dir.path().join("master.key");
    assert_eq!(
        std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        Engine::open(settings(dir.path()))
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("chmod 600")
    );
}

#[tokio::test]
async fn a_master_key_that_is_lost_or_another_ones_does_not_start_over_old_data() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Engine::open(settings(dir.path())).await.unwrap();
    let ada = new_user("ada@example.com");
    let operator = Administrator::Operator;
    engine.add_user(&operator, ada, &client()).await.unwrap();
    drop(engine);
    let key = dir.path().join("master.key");
    let text = std::fs::read_to_string(&key).unwrap();
    let refused = async || {
        let error = Engine::open(settings(dir.path())).await.err();
        error.expect("no start").to_string()
    };

    std::fs::remove_file(&key).unwrap();
    assert!(refused().await.contains("put it back"));
    assert!(!key.exists(), "none is made in its place");
    let other = tempfile::tempdir().unwrap();
    drop(Engine::open(settings(other.path())).await.unwrap());
    std::fs::copy(other.path().join("master.key"), &key).unwrap();
    assert!(refused().await.contains("put that one back"));

    std::fs::write(&key, text).unwrap();
    Engine::open(settings(dir.path())).await.unwrap();
}

#[tokio::test]
async fn everything_that_happens_is_written_down_in_words_and_without_secrets() {
    let world = World::new().await;
    let ada = world.registered("ada@example.com").await;
    let token = world.service("photos").await;
    let _ = world.register("ada@example.com", "000000").await;
    let events = world
        .engine
        .list_events(&Administrator::Operator, &ListQuery::default())
        .await
        .unwrap();
    let actions: Vec<_> = events
        .items
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "session.refused",
            "service.added",
            "device.registered",
            "totp.provisioned",
            "user.added"
        ]
    );
    let text = format!("{events:?}");
    assert!(!text.contains(&token) && !text.contains(cookie(&ada)) && !text.contains("000000"));
    assert_eq!(
        world
            .engine
            .my_events(&ada.account, &ListQuery::default())
            .await
            .unwrap()
            .total,
        4
    );
}
