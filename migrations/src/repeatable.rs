//! Schema changes that may be made twice.
//!
//! Where the database commits each of them on its own (MySQL; and Latchkey itself before a step was one transaction), a
//! process that is killed in the middle of a step leaves a part of it behind, without the row that says that the step was
//! done. The next start does the whole step again, and must find what is there done.

use sea_orm_migration::prelude::*;

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

    async fn remove_table(&self, table: &'static str) -> Result<(), DbErr> {
        self.drop_table(Table::drop().table(table).if_exists().to_owned())
            .await
    }
}
