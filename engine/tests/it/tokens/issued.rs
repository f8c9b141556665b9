//! What an issued token says, where it is stored, and how soon every process knows that it has ended.

use super::{
    administrator::{terminal, tokens},
    device_grant::Terminal,
    *,
};
use crate::{audit::within_a_second, test_engine::cookie};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::identity::user::Role;
use latchkey_engine::{Rng, Settings, VerifyDecision};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn audit_57_a_token_of_a_user_claims_this_and_no_more() {
    let terminal = terminal(Role::Member, "read:user-role").await;
    terminal.test.wait(60);
    let token = tokens(&terminal, "read read:user-role").await;
    let engine = &terminal.test.engine;
    let who = Some(cookie(&terminal.ada));
    let VerifyDecision::Granted(granted) =
        engine.verify("photos", Some(&terminal.service), who).await
    else {
        panic!("a grant");
    };
    let user = &terminal.ada.current_user;
    let families = engine.my_token_families(user).await.unwrap();
    let mut claims = claims(&token);
    let jti = claims["jti"].take();
    assert_eq!(BASE64.decode(jti.as_str().unwrap()).unwrap().len(), 16);
    // A pseudonym that only this service knows.
    let device = claims["device"].take();
    assert_eq!(device.as_str().unwrap().len(), 32);
    assert_ne!(device, user.device_id.to_string().replace('-', ""));
    let now = engine.now().unix_timestamp();
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:3000",
            "sub": granted.subject.to_string(),
            "aud": "photos",
            "iat": now,
            "nbf": now,
            "exp": now + 120,
            "jti": null,
            "client_id": terminal.client.id,
            "scope": "read read:user-role",
            "sid": families[0].id.to_string(),
            "auth_time": now - 60,
            "amr": ["hwk", "user"],
            "acr": "passkey",
            "device": null,
            "roles": ["member"],
        })
    );
    // Without the scope, nothing of the role.
    let without = self::claims(&tokens(&terminal, "read").await);
    assert_eq!(without.get("roles"), None);
}

#[tokio::test]
async fn audit_57_every_process_refuses_the_token_of_a_user_within_a_second_of_its_end() {
    async fn ends(what: &str, end: impl AsyncFn(&Terminal)) {
        let terminal = Terminal::new().await;
        let mut settings = None;
        let (dir, clock) = (terminal.test.dir().to_owned(), terminal.test.clock.clone());
        TestEngine::with(|other: &mut Settings| {
            let mut changed = other.clone();
            (changed.data_dir, changed.database_url) = (dir, None);
            (changed.clock, changed.rng) = (clock, Rng::seeded(8));
            settings = Some(changed);
        })
        .await;
        let other = Engine::open(settings.unwrap()).await.unwrap();
        other.spawn_change_feed();
        let issued = terminal.tokens().await;
        let token = issued.access_token.expose_secret();
        let is = async |expected: &str| {
            ask(&other, "photos", &terminal.service, token).await == expected
        };
        within_a_second(async || is("token accepted").await).await;
        end(&terminal).await;
        let ended = tokio::time::timeout(std::time::Duration::from_secs(1), async {
            while !is("unknown").await {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        });
        assert!(ended.await.is_ok(), "{what}");
    }
    ends("the device is revoked", async |terminal| {
        let device = terminal.ada.current_user.device_id;
        terminal.test.revoke(device).await;
    })
    .await;
    ends("the user is disabled", async |terminal| {
        let user = terminal.ada.current_user.user_id;
        terminal.test.disable(user).await;
    })
    .await;
    ends("the grant is removed", async |terminal| {
        let engine = &terminal.test.engine;
        let removed = engine.remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
        removed.await.unwrap();
    })
    .await;
    ends("the family is revoked", async |terminal| {
        let engine = &terminal.test.engine;
        let user = &terminal.ada.current_user;
        let families = engine.my_token_families(user).await.unwrap();
        let revoked = engine.revoke_token_family(&OPERATOR, families[0].id, &ORIGIN);
        revoked.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn audit_57_rows_of_what_has_expired_are_deleted() {
    let terminal = Terminal::new().await;
    let (test, engine) = (&terminal.test, &terminal.test.engine);
    let issued = terminal.tokens().await;
    let token = issued.access_token.expose_secret();
    let revoked = engine.revoke_token(terminal.client.credentials(), token, &ORIGIN);
    revoked.await.unwrap();
    terminal.tokens().await;
    let backup = TestClient::add(engine, new_client("Backup", "photos", "read")).await;
    let token = backup.token(engine).await;
    let revoked = engine.revoke_token(backup.credentials(), &token, &ORIGIN);
    revoked.await.unwrap();
    let file = test.dir().join("latchkey.db");
    let db = Database::connect(format!("sqlite://{}", file.display()));
    let db = db.await.unwrap();
    let count = async |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql));
        let row = row.await.unwrap().unwrap();
        row.try_get_by_index::<i64>(0).unwrap()
    };
    assert!(count("token_families").await > 0);
    assert!(count("revoked_tokens").await > 0);
    test.wait(16 * 3600 + 60);
    engine.tidy().await;
    for table in ["token_families", "revoked_tokens"] {
        assert_eq!(count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn audit_57_no_byte_of_a_token_a_code_or_a_secret_is_in_the_database() {
    let terminal = Terminal::new().await;
    let engine = &terminal.test.engine;
    let backup = TestClient::add(engine, new_client("Backup", "photos", "read")).await;
    let begun = terminal.begin().await;
    let waiting = terminal.begin().await;
    terminal.approve(&begun.user_code).await.unwrap();
    let issued = terminal.fetch(&begun).await.unwrap();
    let refresh = issued.refresh_token.as_ref().unwrap().expose_secret();
    let (access, own) = (
        issued.access_token.expose_secret().to_owned(),
        backup.token(engine).await,
    );
    assert!(!backup.secret.is_empty());
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for token in [&access, &own] {
        // A signature is what makes it one.
        let signature = token.rsplit('.').next().unwrap();
        secrets.push(signature.as_bytes().to_vec());
        secrets.push(BASE64.decode(signature).unwrap());
    }
    let texts = [
        refresh,
        backup.secret.as_str(),
        &terminal.service,
        &begun.user_code,
        &waiting.user_code,
    ];
    secrets.extend(texts.map(|text| text.as_bytes().to_vec()));
    for text in [&begun, &waiting] {
        let code = text.device_code.expose_secret();
        secrets.push(code.as_bytes().to_vec());
        secrets.push(BASE64.decode(code).unwrap());
        secrets.push(text.user_code.replace('-', "").into_bytes());
    }
    let tag = BASE64
        .decode(refresh.strip_prefix("lkr_").unwrap())
        .unwrap();
    secrets.push(tag[tag.len() - 32..].to_vec());
    engine.flush().await;
    let mut files = 0;
    for file in std::fs::read_dir(terminal.test.dir()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("latchkey.db") {
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&path).unwrap();
        for secret in &secrets {
            let is_in = bytes.windows(secret.len()).any(|part| part == &secret[..]);
            assert!(!is_in, "{} in {name}", String::from_utf8_lossy(secret));
        }
        // That a text is found at all.
        let name_of_client = bytes.windows(6).any(|part| part == b"Backup");
        assert!(name_of_client || name != "latchkey.db-wal");
    }
    assert!(files > 1, "the database and its write-ahead log");
}
