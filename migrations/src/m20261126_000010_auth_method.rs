//! How a user last authenticated on a device; and the time of its last passkey assertion gets the field's name.

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
        manager
            .rename_column("devices", "strong_auth_at", "passkey_verified_at")
            .await?;
        let method = string_len("auth_method", 16).default("").to_owned();
        manager.add_column("devices", "auth_method", method).await?;
        // Whether a passkey is bound to its device was not kept; the weaker kind is assumed until it is used again.
        manager
            .get_connection()
            .execute_unprepared(
                "UPDATE devices SET auth_method = CASE \
                 WHEN registration = 'probe' THEN 'diagnostic' \
                 WHEN passkey_verified_at = last_auth_at THEN 'passkey_synced' \
                 WHEN registration = 'link' AND last_auth_at = created_at THEN 'link_code' \
                 ELSE 'code' END \
                 WHERE auth_method = ''",
            )
            .await?;
        Ok(())
    }
}
