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

/// Connections that read, for each lane. SQLite reads at the speed of a processor, so more of them would not
/// be quicker, and each weighs a thread and a cache.
const VERIFY_CONNECTIONS: u32 = 2;
const KNOWN_CONNECTIONS: u32 = 3;
const ANONYMOUS_CONNECTIONS: u32 = 2;

/// How long somebody waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Those whom nobody knows are sent away soon, so that they do not pile up.
const ANONYMOUS_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

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

/// The connections of a process; see `lane.rs` for who uses which.
pub(crate) struct Pools {
    /// Reads the audit log and nothing else, so that nothing else delays it.
    pub(crate) log: DatabaseConnection,
    pub(crate) verify: DatabaseConnection,
    pub(crate) known: DatabaseConnection,
    pub(crate) anonymous: DatabaseConnection,
    /// All writes, one after another.
    pub(crate) write: DatabaseConnection,
}

/// Connects and applies the migrations that are missing.
pub(crate) async fn open(url: &str) -> Result<Pools, OpenError> {
    DatabaseFile::create(url)?;
    let write = Database::connect(options(url, 1)).await?;
    migrate(&write).await?;
    if url.contains(":memory:") {
        // Each connection would be a database of its own.
        return Ok(Pools {
            log: write.clone(),
            verify: write.clone(),
            known: write.clone(),
            anonymous: write.clone(),
            write,
        });
    }
    // Connected when they are first needed: a command needs one of them.
    let lazily = async |connections, patience| {
        let mut options = options(url, connections);
        options.connect_lazy(true).acquire_timeout(patience);
        Database::connect(options).await
    };
    Ok(Pools {
        log: lazily(1, ACQUIRE_TIMEOUT).await?,
        verify: lazily(VERIFY_CONNECTIONS, ACQUIRE_TIMEOUT).await?,
        known: lazily(KNOWN_CONNECTIONS, ACQUIRE_TIMEOUT).await?,
        anonymous: lazily(ANONYMOUS_CONNECTIONS, ANONYMOUS_ACQUIRE_TIMEOUT).await?,
        write,
    })
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT);
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
    options
}

async fn migrate(db: &DatabaseConnection) -> Result<(), OpenError> {
    refuse_newer(db).await?;
    // Several processes may start on one database at once; the loser of the race finds the work done.
    if let Err(first) = Migrator::up(db, None).await {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if Migrator::up(db, None).await.is_err() {
            return Err(first.into());
        }
    }
    Ok(())
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
