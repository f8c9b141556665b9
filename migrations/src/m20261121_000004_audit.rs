//! The audit log: hash-chained. Changes of authority are in one total order, because each takes the head first.

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
            .table("audit_head")
            .col(integer("id").primary_key())
            .col(big_integer("seq"))
            .col(var_binary("hash", 64));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("audit_events")
            .col(big_integer("seq").primary_key())
            .col(big_integer("time"))
            .col(string_len("actor", 64))
            .col(string_len("actor_name", 254))
            .col(string_len("action", 48))
            .col(string_len("target", 64))
            .col(string_len("target_name", 260))
            .col(uuid_null("subject"))
            .col(string_len_null("ip", 45))
            .col(string_len("detail", 255))
            .col(var_binary("prev_hash", 64))
            .col(var_binary("hash", 64));
        manager.make_table(table).await?;
        manager
            .make_index("ix_audit_events_time", "audit_events", index(&["time"]))
            .await?;
        manager
            .make_index(
                "ix_audit_events_subject",
                "audit_events",
                index(&["subject", "seq"]),
            )
            .await?;
        manager
            .make_index(
                "ix_audit_events_action",
                "audit_events",
                index(&["action", "time"]),
            )
            .await?;
        // One row, which every write updates first: that lock is what orders the log.
        let mut head = Query::insert();
        head.into_table("audit_head")
            .columns(["id", "seq", "hash"])
            .values_panic([1.into(), 0_i64.into(), Vec::<u8>::new().into()])
            .on_conflict(OnConflict::column("id").do_nothing_on(["id"]).to_owned());
        manager.execute(head).await?;
        Ok(())
    }
}
