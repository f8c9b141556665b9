//! What a killed process left of a step is completed by the next start: Latchkey before its steps were transactions, and
//! any version on a database that commits each change of the schema on its own.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use latchkey_migrations::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement,
};

/// A database with the first so many steps.
async fn database(steps: usize) -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, Some(u32::try_from(steps).unwrap()))
        .await
        .unwrap();
    db
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

/// Everything that the database says of its schema, and the audit log's head.
async fn shape(db: &DatabaseConnection) -> Vec<String> {
    let mut shape = texts(
        db,
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name",
    )
    .await;
    if shape.iter().any(|sql| sql.contains("audit_head")) {
        shape.extend(texts(db, "SELECT id || ' ' || seq FROM audit_head").await);
    }
    shape
}

/// Tables and indices, the oldest first, each with what drops it.
async fn objects(db: &DatabaseConnection) -> Vec<String> {
    texts(
        db,
        "SELECT 'DROP ' || type || ' IF EXISTS ' || name FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .await
}

/// The last step is done, and nothing says so.
async fn forget_last(db: &DatabaseConnection) {
    db.execute_unprepared(
        "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)",
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn field_1_a_partial_step_is_completed() {
    for steps in 1..=Migrator::migrations().len() {
        let whole = shape(&database(steps).await).await;
        let before = objects(&database(steps - 1).await).await;
        let made: Vec<_> = objects(&database(steps).await)
            .await
            .into_iter()
            .filter(|object| !before.contains(object))
            .collect();
        // All of it, all but the last table or index, and so on.
        for kept in 0..=made.len() {
            let db = database(steps).await;
            forget_last(&db).await;
            for drop in made[kept..].iter().rev() {
                db.execute_unprepared(drop).await.unwrap();
            }
            Migrator::up(&db, Some(1)).await.unwrap();
            assert_eq!(shape(&db).await, whole, "step {steps}, {kept} kept");
        }
    }
}

#[tokio::test]
async fn field_1_a_step_can_be_repeated_after_it_added_or_before_it_removed_columns() {
    let parts: [(usize, &[&str]); 5] = [
        (5, &["ALTER TABLE services DROP COLUMN rules"]),
        (6, &["ALTER TABLE audit_events DROP COLUMN changes"]),
        (
            7,
            &[
                "ALTER TABLE totp_factors ADD COLUMN disabled_at bigint NULL",
                "ALTER TABLE totp_factors ADD COLUMN last_failure_at bigint NULL",
                "CREATE TABLE throttles (name varchar(100) NOT NULL PRIMARY KEY)",
            ],
        ),
        (
            8,
            &[
                "DROP TABLE device_passkeys",
                "ALTER TABLE users DROP COLUMN passkey_only",
                "ALTER TABLE users DROP COLUMN passkey_since",
                "ALTER TABLE devices DROP COLUMN is_limited",
            ],
        ),
        (
            10,
            &[
                "ALTER TABLE devices DROP COLUMN auth_method",
                "ALTER TABLE devices RENAME COLUMN passkey_verified_at TO strong_auth_at",
            ],
        ),
    ];
    for (steps, undo) in parts {
        let db = database(steps).await;
        let whole = shape(&db).await;
        for done in 1..=undo.len() {
            forget_last(&db).await;
            for sql in &undo[..done] {
                db.execute_unprepared(sql).await.unwrap();
            }
            Migrator::up(&db, Some(1)).await.unwrap();
            assert_eq!(shape(&db).await, whole, "step {steps}, {done} undone");
        }
    }
}

#[tokio::test]
async fn field_1_rows_that_a_killed_step_moved_are_not_moved_again() {
    let db = database(7).await;
    for sql in [
        "INSERT INTO users (id, email, name, role, created_at) VALUES (x'01', 'ada@example.com', '', 'user', 1)",
        "INSERT INTO devices (id, user_id, secret_tag, name, kind, registration, created_at, last_seen_at, last_auth_at, expires_at, revoked_at) \
         VALUES (x'02', x'01', x'', 'phone', 'phone', 'totp', 1, 1, 1, 9, 5)",
        "INSERT INTO passkeys (id, user_id, device_id, credential_digest, credential, name, backed_up, created_at) \
         VALUES (x'03', x'01', x'02', x'', '', '', 0, 3)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    for _ in 0..2 {
        Migrator::up(&db, Some(1)).await.unwrap();
        let moved = "SELECT u.passkey_since || ' ' || d.signed_out_at || ' ' || coalesce(d.revoked_at, '-') || ' ' || p.last_used_at \
             FROM users u JOIN devices d ON d.user_id = u.id JOIN device_passkeys p ON p.device_id = d.id";
        assert_eq!(texts(&db, moved).await, ["3 5 - 3"]);
        forget_last(&db).await;
    }
}

#[tokio::test]
async fn field_1_the_method_of_older_sign_ins_is_derived_and_never_stronger() {
    let db = database(9).await;
    db.execute_unprepared(
        "INSERT INTO users (id, email, name, role, created_at) VALUES (x'01', 'ada@example.com', '', 'user', 1)",
    )
    .await
    .unwrap();
    for (id, registration, last_auth_at, strong_auth_at) in [
        ("01", "code", 1, "NULL"),
        ("02", "link", 1, "NULL"),
        ("03", "link", 5, "NULL"),
        ("04", "code", 5, "5"),
        ("05", "passkey", 6, "5"),
        ("06", "probe", 1, "NULL"),
    ] {
        db.execute_unprepared(&format!(
            "INSERT INTO devices (id, user_id, secret_tag, name, kind, registration, created_at, last_seen_at, last_auth_at, strong_auth_at, expires_at) \
             VALUES (x'{id}', x'01', x'', 'phone', 'phone', '{registration}', 1, 1, {last_auth_at}, {strong_auth_at}, 9)"
        ))
        .await
        .unwrap();
    }
    for _ in 0..2 {
        Migrator::up(&db, Some(1)).await.unwrap();
        assert_eq!(
            texts(&db, "SELECT auth_method FROM devices ORDER BY id").await,
            [
                "code",
                "link_code",
                "code",
                "passkey_synced",
                "code",
                "diagnostic"
            ]
        );
        forget_last(&db).await;
    }
}

#[tokio::test]
async fn the_change_feed_is_never_empty() {
    let db = database(Migrator::migrations().len()).await;
    let rows = "SELECT id || ' ' || cache_key FROM invalidations";
    assert_eq!(texts(&db, rows).await, ["1 services"]);
}
