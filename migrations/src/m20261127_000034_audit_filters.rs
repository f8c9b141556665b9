//! Indices for the filters of the audit log, by actor, by target and by address; and what stands for entries that were removed.

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
        for (name, column) in [
            ("ix_audit_events_actor", "actor"),
            ("ix_audit_events_target", "target"),
            ("ix_audit_events_ip", "ip"),
        ] {
            let columns = index(&[column, "seq"]);
            manager.make_index(name, "audit_events", columns).await?;
        }
        let mut table = Table::create();
        table
            .table("audit_tombstone")
            .col(integer("id").primary_key())
            .col(string_len("signed", 2048));
        manager.make_table(table).await
    }
}
