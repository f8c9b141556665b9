//! Of which ends of devices and grants users were reminded; indices to find what ends soon.

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
        let mut reminders = Table::create();
        reminders
            .table("reminders")
            // Of a device or a grant, whose ids differ.
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(big_integer("ends_at"))
            .foreign_key(&mut cascade("reminders", "user_id", "users"));
        manager.make_table(reminders).await?;
        for (name, table, column) in [
            ("ix_reminders_user", "reminders", "user_id"),
            ("ix_devices_expires", "devices", "expires_at"),
            ("ix_grants_expires", "grants", "expires_at"),
        ] {
            manager.make_index(name, table, index(&[column])).await?;
        }
        Ok(())
    }
}
