//! What users are told: a refresh token of a program of theirs was used twice.

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
            .table("token_reuse_notices")
            .col(uuid("family_id").primary_key())
            .col(uuid("user_id"))
            .col(string_len("client_name", 255))
            .col(big_integer("created_at"))
            .foreign_key(&mut cascade("token_reuse_notices", "user_id", "users"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_token_reuse_notices_user",
                "token_reuse_notices",
                index(&["user_id"]),
            )
            .await
    }
}
