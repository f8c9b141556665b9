//! What processes drop from memory, apart from the audit log.

use crate::repeatable::{Repeatable, index};
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
            .table("invalidations")
            .col(big_pk_auto("id"))
            .col(big_integer("time"))
            .col(string_len("cache_key", 64));
        manager.make_table(table).await?;
        manager
            .make_index("ix_invalidations_time", "invalidations", index(&["time"]))
            .await?;
        // Never empty: a process that does not find the row it read last has missed others.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO invalidations (time, cache_key) \
                 SELECT 0, 'services' FROM audit_head WHERE NOT EXISTS (SELECT 1 FROM invalidations)",
            )
            .await?;
        Ok(())
    }
}
