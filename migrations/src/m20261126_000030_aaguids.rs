//! The model of each new passkey's authenticator. That of older ones is unknown.

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
            .add_column("passkeys", "aaguid", uuid_null("aaguid"))
            .await
    }
}
