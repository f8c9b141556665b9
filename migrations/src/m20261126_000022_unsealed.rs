//! Audit events that are not in the chain yet: sign-ins and refusals are written here without waiting for each other.

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
            .table("audit_unsealed")
            .col(big_pk_auto("id"))
            .col(uuid("event_id"))
            .col(big_integer("time"))
            .col(string_len("actor", 64))
            .col(string_len("actor_name", 254))
            .col(string_len("action", 48))
            .col(string_len("target", 64))
            .col(string_len("target_name", 640))
            .col(uuid_null("subject"))
            .col(string_len_null("ip", 45))
            .col(string_len("detail", 255))
            .col(text_null("changes"))
            .col(var_binary("tag", 64));
        manager.make_table(table).await?;
        manager
            .add_column("audit_events", "event_id", uuid_null("event_id"))
            .await?;
        // Of events that were not ordered when they were written: each is sealed once.
        manager
            .make_index(
                "ux_audit_events_event_id",
                "audit_events",
                Index::create().col("event_id").unique().to_owned(),
            )
            .await
    }
}
