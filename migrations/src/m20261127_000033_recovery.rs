//! Recovery codes, devices in recovery, and whether somebody vouches for an enrolment link. For links that were made before,
//! nobody does.

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
        let mut codes = Table::create();
        codes
            .table("recovery_codes")
            .col(var_binary("digest", 32).primary_key())
            .col(uuid("user_id"))
            .col(big_integer("made_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(&mut cascade("recovery_codes", "user_id", "users"));
        manager.make_table(codes).await?;
        manager
            .make_index(
                "ix_recovery_codes_user",
                "recovery_codes",
                index(&["user_id"]),
            )
            .await?;
        manager
            .add_column(
                "devices",
                "passkey_after",
                big_integer_null("passkey_after"),
            )
            .await?;
        manager
            .add_column(
                "enrolment_codes",
                "is_vouched",
                boolean("is_vouched").default(false).to_owned(),
            )
            .await
    }
}
