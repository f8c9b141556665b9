//! What lives for minutes: one-time links, ceremonies under way, counted attempts.

use crate::repeatable::{Repeatable, cascade, index};
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
            .table("enrolment_codes")
            .col(var_binary("digest", 32).primary_key())
            .col(string_len("purpose", 16))
            .col(uuid_null("user_id"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(&mut cascade("enrolment_codes", "user_id", "users"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_enrolment_codes_user",
                "enrolment_codes",
                index(&["user_id"]),
            )
            .await?;

        let mut table = Table::create();
        table
            .table("ceremonies")
            .col(var_binary("digest", 32).primary_key())
            .col(string_len("purpose", 16))
            .col(blob("state_sealed"))
            .col(big_integer("expires_at"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_ceremonies_expires",
                "ceremonies",
                index(&["expires_at"]),
            )
            .await?;

        let mut table = Table::create();
        table
            .table("throttles")
            .col(string_len("name", 100).primary_key())
            .col(integer("count"))
            .col(big_integer("last_at"));
        manager.make_table(table).await?;
        Ok(())
    }
}
