//! Columns that were too short for what is written into them, on databases that enforce lengths.

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
        // An address, an arrow and the name of a service take 320 characters.
        manager
            .widen("audit_events", string_len("target_name", 640))
            .await?;
        // A wildcard, a host of 253 characters and a port take 261.
        manager
            .widen("service_hosts", string_len("host", 261))
            .await
    }
}
