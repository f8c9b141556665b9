//! Opening the database, and the connections of a process.

use super::{
    DatabaseFile, open_failure,
    schema::{self, RACE, RACES, Schema},
    url::is_in_memory,
};
use crate::OpenError;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use std::{path::Path, time::Duration};

/// How long a statement waits for another process's write.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

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

/// Connects and applies the migrations that are missing. With the file of a master key that had a database, this one must be
/// it.
pub(crate) async fn open(
    url: &str,
    its_key: Option<&Path>,
    schema: Schema,
) -> Result<Pools, OpenError> {
    let its_key = its_key.filter(|_| !is_in_memory(url));
    DatabaseFile::create(url, its_key)?;
    let write = connect(url).await?;
    schema::refuse_others(&write, url, its_key).await?;
    match schema {
        Schema::BroughtUpToDate => schema::migrate(&write).await?,
        Schema::AsItIs => schema::refuse_newer(&write).await?,
    }
    if is_in_memory(url) {
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
    let lazily = async |connections, timeout| {
        let mut options = options(url, connections);
        options.connect_lazy(true).acquire_timeout(timeout);
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

impl Pools {
    /// Closes all connections that only read, each when whoever has it gives it back.
    pub(crate) async fn close_readers(&self) -> Result<(), DbErr> {
        for pool in [&self.log, &self.verify, &self.known, &self.anonymous] {
            pool.close_by_ref().await?;
        }
        Ok(())
    }
}

pub(super) fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A file is not a server that could have ended: asking whether it is there takes as long as a query.
        .test_before_acquire(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .create_if_missing(false)
            // A committed event must survive a power cut, not only a crash of ours.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: a copy of the file has neither erased users nor spent secrets.
            .pragma("secure_delete", "ON")
            .pragma("cache_size", format!("-{CACHE_KIB}"))
            .busy_timeout(BUSY_TIMEOUT)
    });
    options
}

/// Connects the first time. Of processes that start together on a new database one switches it to its write-ahead log, and
/// SQLite tells the others at once, without waiting, that it is locked.
async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    for _ in 1..RACES {
        match Database::connect(options(url, 1)).await {
            Err(cause) if open_failure::is_busy(&cause) => tokio::time::sleep(RACE).await,
            done => return done,
        }
    }
    Database::connect(options(url, 1)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::url;
    use sea_orm::{ConnectionTrait, DbBackend, Statement};

    #[tokio::test]
    async fn field_1_opening_a_new_database_retries_while_another_process_writes() {
        let data = tempfile::tempdir().unwrap();
        let url = url::of_settings(None, data.path());
        // As it is before anybody has switched it to its write-ahead log.
        let mut plain = ConnectOptions::new(url.clone());
        plain.max_connections(1);
        let other = Database::connect(plain).await.unwrap();
        other
            .execute_unprepared("CREATE TABLE rows (id INTEGER)")
            .await
            .unwrap();
        other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
        let mut connecting = Box::pin(connect(&url));
        let early = tokio::time::timeout(RACE / 3, &mut connecting).await;
        assert!(early.is_err(), "it gave up: {early:?}");
        other.execute_unprepared("ROLLBACK").await.unwrap();
        connecting.await.unwrap();
    }

    #[tokio::test]
    async fn sqlite_does_not_prepare_a_statement_again_for_each_value() {
        let write = connect("sqlite::memory:").await.unwrap();
        let query = "SELECT 1 WHERE sqlite_compileoption_used('ENABLE_QPSG')";
        let statement = Statement::from_string(DbBackend::Sqlite, query);
        let found = write.query_one_raw(statement).await.unwrap();
        assert!(found.is_some(), "built without .cargo/config.toml");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn field_1_processes_that_create_a_database_together_all_open_it() {
        for round in 0..24 {
            let data = tempfile::tempdir().unwrap();
            let url = url::of_settings(None, data.path());
            let opening: Vec<_> = (0..4)
                .map(|_| {
                    let url = url.clone();
                    tokio::spawn(async move {
                        open(&url, None, Schema::BroughtUpToDate).await.map(drop)
                    })
                })
                .collect();
            for opened in opening {
                let opened = opened.await.unwrap();
                assert!(opened.is_ok(), "round {round}: {}", opened.unwrap_err());
            }
        }
    }
}
