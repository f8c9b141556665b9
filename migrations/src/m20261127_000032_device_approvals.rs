//! Browsers that a user approved, or did not approve, on another device.

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
        let mut approvals = Table::create();
        approvals
            .table("device_approvals")
            .col(var_binary("request_digest", 32).primary_key())
            .col(uuid("user_id"))
            .col(uuid("device_id"))
            .col(uuid_null("passkey_id"))
            .col(string_len("state", 16))
            .col(big_integer("expires_at"))
            .foreign_key(&mut cascade("device_approvals", "user_id", "users"));
        manager.make_table(approvals).await?;
        manager
            .make_index(
                "ix_device_approvals_user",
                "device_approvals",
                index(&["user_id"]),
            )
            .await
    }
}
