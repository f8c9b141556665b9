//! Services, their hosts and tokens, and the grants of people to them.

use crate::repeatable::Repeatable;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::WHOLE_OR_NOT_AT_ALL
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("services")
            .col(uuid("id").primary_key())
            .col(string_len("name", 63).unique_key())
            .col(integer_null("passkey_max_age"))
            .col(boolean("admins_enter"))
            .col(big_integer("created_at"));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("service_hosts")
            .col(string_len("host", 260).primary_key())
            .col(uuid("service_id"))
            .col(integer("place"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_service_hosts_service_id")
                    .from("service_hosts", "service_id")
                    .to("services", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_service_hosts_service",
                "service_hosts",
                Index::create().col("service_id").to_owned(),
            )
            .await?;

        let mut table = Table::create();
        table
            .table("service_tokens")
            .col(string_len("label", 16).primary_key())
            .col(uuid("service_id"))
            .col(var_binary("salt", 16))
            .col(var_binary("digest", 32))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_service_tokens_service_id")
                    .from("service_tokens", "service_id")
                    .to("services", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_service_tokens_service",
                "service_tokens",
                Index::create().col("service_id").to_owned(),
            )
            .await?;

        let mut table = Table::create();
        table
            .table("grants")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("service_id"))
            .col(string_len("scopes", 255))
            .col(string_len("origin", 16))
            .col(var_binary("subject_sealed", 255))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_grants_user_id")
                    .from("grants", "user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("fk_grants_service_id")
                    .from("grants", "service_id")
                    .to("services", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_grants_pair",
                "grants",
                Index::create()
                    .col("user_id")
                    .col("service_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .make_index(
                "ix_grants_service",
                "grants",
                Index::create().col("service_id").to_owned(),
            )
            .await?;
        Ok(())
    }
}
