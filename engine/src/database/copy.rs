//! A copy of the database: making it, and asking a file that nobody has open.

use super::{connection::options, url};
use crate::Result;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use std::path::Path;

/// Copies the database as it is at one moment into an empty file.
pub(crate) async fn into_file(db: &DatabaseConnection, path: &str) -> Result<()> {
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    db.execute_raw(copy).await?;
    Ok(())
}

/// What SQLite finds wrong with a database file that nobody has open; `None` if nothing.
pub(crate) async fn damage(path: &Path) -> Option<String> {
    let found = ask_file(path, "PRAGMA integrity_check(1)").await;
    let found = found.unwrap_or_else(|cause| cause.to_string());
    Some(found).filter(|found| found != "ok")
}

/// The last step of the schema in a database file that nobody has open.
pub(crate) async fn last_step(path: &Path) -> Result<String> {
    Ok(ask_file(path, "SELECT max(version) FROM seaql_migrations").await?)
}

async fn ask_file(path: &Path, question: &str) -> Result<String, DbErr> {
    let db = Database::connect(options(&url::of_file(path), 1)).await?;
    let question = Statement::from_string(DbBackend::Sqlite, question);
    let row = db.query_one_raw(question).await;
    db.close().await?;
    match row? {
        Some(row) => row.try_get_by_index(0),
        None => Ok("no answer".to_owned()),
    }
}
