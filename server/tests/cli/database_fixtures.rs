//! Reads and prepares database files without the program: their rows and schema, and files of other versions and
//! programs.

use crate::harness::CliSandbox;
use latchkey_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use std::path::Path;

pub(crate) async fn open(data: &Path) -> DatabaseConnection {
    let url = format!("sqlite://{}?mode=rwc", data.join("latchkey.db").display());
    Database::connect(url).await.unwrap()
}

pub(crate) async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

/// What a query for one text finds in a database.
pub(crate) fn text(data: &Path, sql: &str) -> String {
    block_on(async {
        let db = open(data).await;
        let found = texts(&db, sql).await.remove(0);
        db.close().await.unwrap();
        found
    })
}

/// Creates another program's database.
pub(crate) fn foreign(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = std::fs::remove_file(file);
    block_on(async {
        let db = open(file.parent().unwrap()).await;
        db.execute_unprepared("CREATE TABLE bookmarks (id INTEGER PRIMARY KEY)")
            .await
            .unwrap();
        db.close().await.unwrap();
    });
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// The whole schema, and the steps that made it.
pub(crate) async fn schema(data: &Path) -> Vec<String> {
    let db = open(data).await;
    let mut all = texts(&db, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'seaql_migrations' ORDER BY type, name").await;
    all.extend(texts(&db, "SELECT version FROM seaql_migrations ORDER BY version").await);
    db.close().await.unwrap();
    all
}

/// A directory as a version with the first so many migrations left it: its key, and a user with a device and a passkey.
pub(crate) async fn of_an_older_version(sandbox: &CliSandbox, steps: u32) {
    let data = sandbox.path().join("data");
    assert_eq!(sandbox.run(&["migrate"]).code, 0);
    // After a clean close there are no other files.
    std::fs::write(data.join("latchkey.db"), "").unwrap();
    let db = open(&data).await;
    Migrator::up(&db, Some(steps)).await.unwrap();
    for sql in [
        "PRAGMA journal_mode = WAL",
        "INSERT INTO users (id, email, name, role, created_at, activated_at) \
         SELECT x'000102030405060708090a0b0c0d0e0f', 'ada@example.com', 'Ada', \
         CASE WHEN EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'roles') THEN 'member' ELSE 'user' END, 1, 1",
        "INSERT INTO devices (id, user_id, secret_tag, name, kind, registration, created_at, last_seen_at, last_auth_at, expires_at) \
         VALUES (x'010102030405060708090a0b0c0d0e0f', x'000102030405060708090a0b0c0d0e0f', x'00', 'phone', 'phone', 'totp', 1, 1, 1, 4000000000)",
        "INSERT INTO passkeys (id, user_id, device_id, credential_digest, credential, name, backed_up, created_at) \
         VALUES (x'020102030405060708090a0b0c0d0e0f', x'000102030405060708090a0b0c0d0e0f', x'010102030405060708090a0b0c0d0e0f', x'00', '{}', 'Key', 0, 3)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
