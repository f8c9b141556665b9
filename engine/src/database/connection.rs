//! Opening the database: the embedded default, or the one that the settings name.

use super::DatabaseFile;
use crate::{OpenError, audit};
use latchkey_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    Statement,
};
use sea_orm_migration::SchemaManager;
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

/// How long emptying the write-ahead log waits for others. All writes wait as long: a revocation must not notice.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(20);

/// How often connecting and the steps of the schema are tried when others do the same at the same time, and how long apart.
const RACES: u32 = 5;
const RACE: Duration = Duration::from_millis(300);

/// What a connection keeps of the database. What verify needs is in memory already, and the system keeps
/// the file; all connections together must not weigh more than a crowd of devices.
const CACHE_KIB: u32 = 512;

/// The database that the settings name, or else the embedded one.
pub(crate) fn url(named: Option<&str>, data_dir: &Path) -> String {
    named.map_or_else(
        || format!("{}?mode=rwc", url_of(&data_dir.join("latchkey.db"))),
        str::to_owned,
    )
}

/// The address of a database file. Its name may have characters that mean something in a URL.
fn url_of(path: &Path) -> String {
    let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
    let mut url = "sqlite://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'\\' | b'.' | b'-' | b'_' => {
                url.push(char::from(byte));
            }
            _ => url.extend(['%', hex(byte >> 4), hex(byte & 0xf)]),
        }
    }
    url
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

/// What to do about a schema that is older than this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The steps that are missing are taken.
    BroughtUpToDate,
    /// It stays, and so does everything else.
    AsItIs,
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
    refuse_others(&write, url, its_key).await?;
    match schema {
        Schema::BroughtUpToDate => migrate(&write).await?,
        Schema::AsItIs => refuse_newer(&write).await?,
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

/// Moves what was committed from the write-ahead log into the database's file, and empties the log. Whether all of it was:
/// somebody who reads an older state, or writes, is waited for no longer than [`CHECKPOINT_TIMEOUT`]. Within the turn to
/// write, and on its connection.
pub(crate) async fn checkpoint(write: &DatabaseConnection) -> Result<bool, DbErr> {
    let wait = async |time: Duration| {
        let pragma = format!("PRAGMA busy_timeout = {}", time.as_millis());
        write.execute_unprepared(&pragma).await
    };
    wait(CHECKPOINT_TIMEOUT).await?;
    let checkpoint = Statement::from_string(
        write.get_database_backend(),
        "PRAGMA wal_checkpoint(TRUNCATE)",
    );
    let done = write.query_one_raw(checkpoint).await;
    wait(BUSY_TIMEOUT).await?;
    match done? {
        Some(row) => Ok(row.try_get_by_index::<i32>(0)? == 0),
        None => Ok(false),
    }
}

/// Copies the database as it is at one moment into an empty file.
pub(crate) async fn copy_into(db: &DatabaseConnection, path: &str) -> Result<(), DbErr> {
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    db.execute_raw(copy).await.map(drop)
}

/// What SQLite finds wrong with a database file that nobody has open; `None` if nothing.
pub(crate) async fn damage(path: &Path) -> Option<String> {
    let found = ask_file(path, "PRAGMA integrity_check(1)").await;
    let found = found.unwrap_or_else(|cause| cause.to_string());
    Some(found).filter(|found| found != "ok")
}

/// The last step of the schema in a database file that nobody has open.
pub(crate) async fn last_step(path: &Path) -> Result<String, DbErr> {
    ask_file(path, "SELECT max(version) FROM seaql_migrations").await
}

/// The last step that this program knows.
pub(crate) fn newest_step() -> String {
    let steps = Migrator::migrations();
    steps
        .last()
        .map_or_else(String::new, |step| step.name().to_owned())
}

async fn ask_file(path: &Path, question: &str) -> Result<String, DbErr> {
    let db = Database::connect(options(&url_of(path), 1)).await?;
    let question = Statement::from_string(DbBackend::Sqlite, question);
    let row = db.query_one_raw(question).await;
    db.close().await?;
    match row? {
        Some(row) => row.try_get_by_index(0),
        None => Ok("no answer".to_owned()),
    }
}

fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
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

/// Connects the first time. Of processes that start together on a new database one switches it to its write-ahead log, and
/// SQLite tells the others at once, without waiting, that it is locked.
async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    for _ in 1..RACES {
        match Database::connect(options(url, 1)).await {
            Err(cause) if super::file_access::is_busy(&cause) => tokio::time::sleep(RACE).await,
            done => return done,
        }
    }
    Database::connect(options(url, 1)).await
}

async fn migrate(db: &DatabaseConnection) -> Result<(), OpenError> {
    refuse_newer(db).await?;
    // Several processes may start on one database at once; the loser of a race for a step finds it done.
    let mut first = None;
    for _ in 0..RACES {
        match Migrator::up(db, None).await {
            Ok(()) => return Ok(()),
            Err(cause) => first.get_or_insert(cause),
        };
        tokio::time::sleep(RACE).await;
    }
    first.map_or(Ok(()), |cause| Err(cause.into()))
}

/// A database that is not ours, or not the one that a master key had.
async fn refuse_others(
    db: &DatabaseConnection,
    url: &str,
    its_key: Option<&Path>,
) -> Result<(), OpenError> {
    let found = Tables::of(db).await?;
    let shown = || {
        super::file::path(url).map_or_else(
            || "that is configured".to_owned(),
            |path| path.display().to_string(),
        )
    };
    if let Some(key) = its_key {
        // All that a key ever had was complete when the key was made.
        let state = match found {
            Tables {
                steps: true,
                head: true,
                ..
            } => return Ok(()),
            Tables { any: false, .. } => "is empty",
            _ => "has none of its tables",
        };
        return Err(OpenError::DataGone {
            key: key.to_owned(),
            database: shown(),
            state,
        });
    }
    // Only an embedded database is expected to be ours alone.
    match found.any && !found.steps {
        true => Err(OpenError::DatabaseForeign(shown())),
        false => Ok(()),
    }
}

/// Which tables there are.
struct Tables {
    /// Those of the schema's steps, which come first.
    steps: bool,
    /// The audit log's head.
    head: bool,
    /// Any, in an embedded database.
    any: bool,
}

impl Tables {
    async fn of(db: &DatabaseConnection) -> Result<Self, DbErr> {
        if db.get_database_backend() != DbBackend::Sqlite {
            let schema = SchemaManager::new(db);
            let (steps, head) = (
                schema.has_table("seaql_migrations").await?,
                schema.has_table("audit_head").await?,
            );
            return Ok(Self {
                steps,
                head,
                any: steps,
            });
        }
        // One statement, because another process may be making them.
        let tables = Statement::from_string(
            DbBackend::Sqlite,
            "SELECT name FROM sqlite_master WHERE type = 'table'",
        );
        let rows = db.query_all_raw(tables).await?;
        let names = rows.iter().map(|row| row.try_get_by_index(0));
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        let has = |table: &str| names.iter().any(|name| name == table);
        Ok(Self {
            steps: has("seaql_migrations"),
            head: has("audit_head"),
            any: !names.is_empty(),
        })
    }
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
    audit::store::head::Entity::find_by_id(1)
        .one(db)
        .await
        .is_ok_and(|head| head.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn field_1_opening_a_new_database_retries_while_another_process_writes() {
        let data = tempfile::tempdir().unwrap();
        let url = url(None, data.path());
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

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn field_1_processes_that_create_a_database_together_all_open_it() {
        for round in 0..24 {
            let data = tempfile::tempdir().unwrap();
            let url = url(None, data.path());
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
