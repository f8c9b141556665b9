//! The tables as they are and as `docs/privacy.md` lists them, and where a text is.

use crate::test_engine::TestEngine;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn open(test: &TestEngine) -> DatabaseConnection {
    let file = test.dir().join("latchkey.db");
    let url = format!("sqlite://{}", file.display());
    Database::connect(url).await.unwrap()
}

pub(super) async fn texts(db: &DatabaseConnection, sql: String) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Every table with its columns.
pub(super) async fn schema(db: &DatabaseConnection) -> BTreeMap<String, BTreeSet<String>> {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations'";
    let mut schema = BTreeMap::new();
    for table in texts(db, tables.to_owned()).await {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = texts(db, columns).await.into_iter().collect();
        schema.insert(table, columns);
    }
    schema
}

/// What the document says of each table: its columns, and what erases it.
pub(super) fn documented() -> BTreeMap<String, (BTreeSet<String>, String)> {
    let text = include_str!("../../../../docs/privacy.md");
    let mut tables = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let columns = cells[2].split_whitespace();
        let columns = columns.map(|name| name.trim_matches('`').to_owned());
        let erased = cells.get(5).copied().unwrap_or_default();
        let row = (columns.collect(), erased.to_owned());
        let table = cells[1].trim_matches('`').to_owned();
        assert!(tables.insert(table, row).is_none(), "twice: {line}");
    }
    tables
}

/// The tables in which one of these texts is, or an id as a blob.
pub(super) async fn tables_with(
    db: &DatabaseConnection,
    texts_or_ids: &BTreeSet<String>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (table, columns) in schema(db).await {
        for column in columns {
            let conditions: Vec<_> = texts_or_ids
                .iter()
                .map(|text| {
                    let hex = hex(&text.replace('-', ""));
                    let text = text.replace('\'', "''");
                    format!(
                        "instr(CAST(\"{column}\" AS TEXT), '{text}') OR hex(\"{column}\") = '{hex}'"
                    )
                })
                .collect();
            let sql = format!(
                "SELECT '{table}' FROM \"{table}\" WHERE {} LIMIT 1",
                conditions.join(" OR ")
            );
            found.extend(texts(db, sql).await);
        }
    }
    found
}

/// An id as SQLite shows its blob; anything else matches nothing.
fn hex(id: &str) -> String {
    match id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => id.to_uppercase(),
        false => "-".to_owned(),
    }
}
