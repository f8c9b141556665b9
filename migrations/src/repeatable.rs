//! Schema changes that may be made twice.
//!
//! Where the database commits each of them on its own (MySQL; and Latchkey itself before a step was one transaction), a
//! process that is killed in the middle of a step leaves a part of it behind, without the row that says that the step was
//! done. The next start does the whole step again, and must find what is there done.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// What steps do to the schema, each of it only where it was not done.
#[async_trait::async_trait]
pub(crate) trait Repeatable {
    async fn make_table(&self, table: TableCreateStatement) -> Result<(), DbErr>;

    /// Makes an index of this name; the statement has neither name nor table yet.
    async fn make_index(
        &self,
        name: &str,
        table: &str,
        index: IndexCreateStatement,
    ) -> Result<(), DbErr>;

    async fn add_column(
        &self,
        table: &'static str,
        name: &str,
        column: ColumnDef,
    ) -> Result<(), DbErr>;

    async fn remove_column(&self, table: &'static str, name: &'static str) -> Result<(), DbErr>;

    async fn rename_column(
        &self,
        table: &'static str,
        from: &'static str,
        to: &'static str,
    ) -> Result<(), DbErr>;

    /// Gives a column another length.
    async fn widen(&self, table: &'static str, column: ColumnDef) -> Result<(), DbErr>;

    async fn remove_table(&self, table: &'static str) -> Result<(), DbErr>;
}

#[async_trait::async_trait]
impl Repeatable for SchemaManager<'_> {
    async fn make_table(&self, mut table: TableCreateStatement) -> Result<(), DbErr> {
        table.if_not_exists();
        self.create_table(table).await
    }

    async fn make_index(
        &self,
        name: &str,
        table: &str,
        mut index: IndexCreateStatement,
    ) -> Result<(), DbErr> {
        // MySQL has no `CREATE INDEX IF NOT EXISTS`.
        if self.has_index(table, name).await? {
            return Ok(());
        }
        index.name(name).table(table.to_owned());
        self.create_index(index).await
    }

    async fn add_column(
        &self,
        table: &'static str,
        name: &str,
        mut column: ColumnDef,
    ) -> Result<(), DbErr> {
        if self.has_column(table, name).await? {
            return Ok(());
        }
        let mut change = Table::alter();
        change.table(table).add_column(&mut column);
        self.alter_table(change).await
    }

    async fn remove_column(&self, table: &'static str, name: &'static str) -> Result<(), DbErr> {
        if !self.has_column(table, name).await? {
            return Ok(());
        }
        let mut change = Table::alter();
        change.table(table).drop_column(name);
        self.alter_table(change).await
    }

    async fn rename_column(
        &self,
        table: &'static str,
        from: &'static str,
        to: &'static str,
    ) -> Result<(), DbErr> {
        if !self.has_column(table, from).await? {
            return Ok(());
        }
        let mut change = Table::alter();
        change.table(table).rename_column(from, to);
        self.alter_table(change).await
    }

    async fn widen(&self, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
        // SQLite keeps texts of any length, and cannot change a column's type.
        if self.get_database_backend() == DbBackend::Sqlite {
            return Ok(());
        }
        self.alter_table(widened(table, column)).await
    }

    async fn remove_table(&self, table: &'static str) -> Result<(), DbErr> {
        self.drop_table(Table::drop().table(table).if_exists().to_owned())
            .await
    }
}

/// A foreign key to the `id` of `parent`, whose rows end those that refer to them.
pub(crate) fn cascade(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(parent, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

/// An index of these columns, for [`Repeatable::make_index`].
pub(crate) fn index(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    for column in columns {
        index.col(*column);
    }
    index
}

fn widened(table: &'static str, mut column: ColumnDef) -> TableAlterStatement {
    let mut change = Table::alter();
    change.table(table).modify_column(&mut column);
    change
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm_migration::schema::string_len;

    #[test]
    fn a_column_is_widened_in_databases_that_enforce_its_length() {
        let change = widened("audit_events", string_len("target_name", 640));
        let postgres = change.to_string(PostgresQueryBuilder);
        assert!(postgres.contains("TYPE varchar(640)"), "{postgres}");
        let mysql = change.to_string(MysqlQueryBuilder);
        assert!(mysql.contains("`target_name` varchar(640)"), "{mysql}");
    }
}
