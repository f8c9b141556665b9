//! On which device, in which session and through which program something was done, in the audit log; an index for filters by device.

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
        for table in ["audit_events", "audit_unsealed"] {
            for (name, column) in [
                ("device", uuid_null("device")),
                // A name of 64 characters, and a browser.
                ("device_name", string_len_null("device_name", 128)),
                ("session", string_len_null("session", 16)),
                ("client", uuid_null("client")),
            ] {
                manager.add_column(table, name, column).await?;
            }
        }
        let columns = index(&["device", "seq"]);
        manager
            .make_index("ix_audit_events_device", "audit_events", columns)
            .await
    }
}
