//! The keys that Latchkey makes for itself, sealed under the master key. Until now they were derived from it, so that
//! taking an old master key away took them along.

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
            .table("keys")
            .col(string_len("id", 64).primary_key())
            .col(string_len("purpose", 32))
            .col(string_len("algorithm", 16))
            .col(string_len("state", 16))
            .col(var_binary("sealed", 255))
            .col(big_integer_null("last_entry"))
            .col(big_integer("created_at"))
            .col(big_integer("changed_at"));
        manager.make_table(table).await
    }
}
