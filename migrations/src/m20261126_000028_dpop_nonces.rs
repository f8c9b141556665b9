//! Services that demand a nonce in proofs of possession, and room for the keys of RS256.

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
        let nonce = boolean("token_dpop_nonce").default(false).to_owned();
        manager
            .add_column("services", "token_dpop_nonce", nonce)
            .await?;
        // A private RSA key takes 1.2 KiB.
        manager.widen("keys", var_binary("sealed", 4096)).await
    }
}
