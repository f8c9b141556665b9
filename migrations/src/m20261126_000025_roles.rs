//! Roles that administrators define; and whoever has no other role is a member.

use crate::repeatable::Repeatable;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("roles")
            .col(string_len("name", 16).primary_key())
            .col(string_len("permissions", 1024))
            .col(big_integer("created_at"));
        manager.make_table(table).await?;
        let update = Query::update()
            .table("users")
            .value("role", "member")
            .and_where(Expr::col("role").eq("user"))
            .to_owned();
        manager.get_connection().execute(&update).await?;
        Ok(())
    }
}
