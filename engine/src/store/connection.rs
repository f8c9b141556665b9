//! Opening the database: the embedded default, or the one that the settings name.

use super::DatabaseFile;
use crate::OpenError;
use latchkey_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, Statement,
};
use std::{collections::BTreeSet, path::Path, time::Duration};

/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a connection keeps of the database. What verify needs is in memory already, and the system keeps
/// the file; all connections together must not weigh more than a crowd of devices.
const CACHE_KIB: u32 = 512;

/// The database that the settings name, or else the embedded one.
pub(crate) fn url(named: Option<&str>, data_dir: &Path) -> String {
    named.map_or_else(
        || {
            format!(
                "sqlite://{}?mode=rwc",
                data_dir.join("latchkey.db").display()
            )
        },
        str::to_owned,
    )
}

/// Connects and applies the migrations that are missing.
pub(crate) async fn open(url: &str) -> Result<DatabaseConnection, OpenError> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .acquire_timeout(Duration::from_secs(10));
    if url.contains(":memory:") {
        // Each connection would be a database of its own.
        options.max_connections(1).min_connections(1);
    } else {
        options.max_connections(8).min_connections(1);
    }
    options.map_sqlx_sqlite_opts(|sqlite| {
        use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .create_if_missing(false)
            // A committed event must survive a power cut, not only a crash of ours.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", format!("-{CACHE_KIB}"))
            .busy_timeout(BUSY_TIMEOUT)
    });
    DatabaseFile::create(url)?;
    let db = Database::connect(options).await?;
    refuse_newer(&db).await?;
    // Several processes may start on one database at once; the loser of the race finds the work done.
    if let Err(first) = Migrator::up(&db, None).await {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if Migrator::up(&db, None).await.is_err() {
            return Err(first.into());
        }
    }
    Ok(db)
}

/// A database with a migration that this program does not know was written by a newer one.
async fn refuse_newer(db: &DatabaseConnection) -> Result<(), OpenError> {
    let known: BTreeSet<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    // Before the first migration there is no such table, and nothing to refuse.
    let Ok(rows) = db
        .query_all_raw(Statement::from_string(
            db.get_database_backend(),
            "SELECT version FROM seaql_migrations",
        ))
        .await
    else {
        return Ok(());
    };
    for row in rows {
        let version: String = row.try_get("", "version")?;
        if !known.contains(&version) {
            return Err(OpenError::DatabaseNewer(version));
        }
    }
    Ok(())
}

/// Whether the database answers at all.
pub(crate) async fn answers(db: &DatabaseConnection) -> bool {
    super::audit::head::Entity::find_by_id(1)
        .one(db)
        .await
        .is_ok_and(|head| head.is_some())
}
