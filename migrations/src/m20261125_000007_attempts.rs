//! Counted attempts at codes, in place of the counters that were read before they were raised; and
//! the authenticator app loses the switch that anybody could throw.

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
            .table("attempts")
            .col(string_len("name", 100).primary_key())
            .col(uuid_null("user_id"))
            .col(integer("recent"))
            .col(integer("total"))
            .col(big_integer("window_started_at"))
            .col(big_integer("last_at"))
            .col(big_integer("next_at"))
            .col(big_integer("busy_until"))
            .foreign_key(&mut cascade("attempts", "user_id", "users"));
        manager.make_table(table).await?;
        for (name, column) in [
            ("ix_attempts_user", "user_id"),
            ("ix_attempts_last", "last_at"),
        ] {
            manager
                .make_index(name, "attempts", index(&[column]))
                .await?;
        }
        manager.remove_table("throttles").await?;
        for column in ["failures", "last_failure_at", "disabled_at"] {
            manager.remove_column("totp_factors", column).await?;
        }
        Ok(())
    }
}
