//! The schema of a database: whether it is Latchkey's, whether this program knows it, and bringing it up to date.

use super::url;
use crate::OpenError;
use latchkey_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_migration::SchemaManager;
use std::{collections::BTreeSet, path::Path, time::Duration};

/// How often connecting and a step of the schema are tried when others do the same at the same time, and how long apart.
pub(super) const RACES: u32 = 10;
pub(super) const RACE: Duration = Duration::from_millis(300);

/// How a database is lost that a master key had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LostData {
    /// There is no file.
    #[error("no file")]
    Missing,
    /// There is nothing in it.
    #[error("empty")]
    Empty,
    /// It has other tables, or not all of ours.
    #[error("missing tables")]
    WithoutTables,
}

/// What to do about a schema that is older than this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The steps that are missing are taken.
    BroughtUpToDate,
    /// It stays, and so does everything else.
    AsItIs,
}

/// The last step that this program knows.
pub(crate) fn newest_step() -> String {
    let steps = Migrator::migrations();
    steps
        .last()
        .map_or_else(String::new, |step| step.name().to_owned())
}

/// Applies the migrations that are missing.
pub(super) async fn migrate(db: &DatabaseConnection) -> Result<(), OpenError> {
    refuse_newer(db).await?;
    // Several processes may start on one database at once; the loser of a race for a step finds it done. On a slow disk all
    // steps together take a while, so what counts are tries during which nobody took a step.
    let (mut first, mut taken, mut tries) = (None, 0, 0);
    while tries < RACES {
        match Migrator::up(db, None).await {
            Ok(()) => return Ok(()),
            Err(cause) => first.get_or_insert(cause),
        };
        let applied = Migrator::get_applied_migrations(db).await;
        match applied.map_or(taken, |steps| steps.len()) {
            more if more > taken => (taken, tries) = (more, 0),
            _ => tries += 1,
        }
        tokio::time::sleep(RACE).await;
    }
    first.map_or(Ok(()), |cause| Err(cause.into()))
}

/// A database that is not ours, or not the one that a master key had.
pub(super) async fn refuse_others(
    db: &DatabaseConnection,
    address: &str,
    its_key: Option<&Path>,
) -> Result<(), OpenError> {
    let found = Tables::of(db).await?;
    if let Some(key) = its_key {
        // All that a key ever had was complete when the key was made.
        let state = match found {
            Tables {
                steps: true,
                head: true,
                ..
            } => return Ok(()),
            Tables { any: false, .. } => LostData::Empty,
            _ => LostData::WithoutTables,
        };
        return Err(OpenError::DataGone {
            key: key.to_owned(),
            database: url::path(address),
            state,
        });
    }
    // Only an embedded database is expected to be ours alone.
    match found.any && !found.steps {
        true => Err(OpenError::DatabaseForeign(url::path(address))),
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
pub(super) async fn refuse_newer(db: &DatabaseConnection) -> Result<(), OpenError> {
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
