//! Services, their hosts and tokens, and the grants of people to them.

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
            .foreign_key(&mut cascade("service_hosts", "service_id", "services"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_service_hosts_service",
                "service_hosts",
                index(&["service_id"]),
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
            .foreign_key(&mut cascade("service_tokens", "service_id", "services"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_service_tokens_service",
                "service_tokens",
                index(&["service_id"]),
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
            .foreign_key(&mut cascade("grants", "user_id", "users"))
            .foreign_key(&mut cascade("grants", "service_id", "services"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_grants_pair",
                "grants",
                index(&["user_id", "service_id"]).unique().to_owned(),
            )
            .await?;
        manager
            .make_index("ix_grants_service", "grants", index(&["service_id"]))
            .await?;
        Ok(())
    }
}
