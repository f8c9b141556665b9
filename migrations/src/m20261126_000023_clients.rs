//! Clients with their secrets and audiences, and how services use access tokens.

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
        let scopes = string_len("token_scopes", 2080).default("").to_owned();
        manager
            .add_column("services", "token_scopes", scopes)
            .await?;
        let policy = string_len("token_policy", 16)
            .default("reusable")
            .to_owned();
        manager
            .add_column("services", "token_policy", policy)
            .await?;

        let mut table = Table::create();
        table
            .table("clients")
            .col(uuid("id").primary_key())
            .col(string_len("name", 255))
            .col(string_len("kind", 16))
            .col(string_len("grant_types", 255))
            .col(string_len("scopes", 2080))
            .col(text("redirect_uris"))
            .col(string_len("algorithm", 16))
            .col(integer("token_seconds"))
            .col(text_null("jwks"))
            .col(boolean("requires_dpop"))
            .col(big_integer("created_at"));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("client_audiences")
            .col(uuid("client_id"))
            .col(uuid("service_id"))
            .primary_key(Index::create().col("client_id").col("service_id"))
            .foreign_key(&mut cascade("client_audiences", "client_id", "clients"))
            .foreign_key(&mut cascade("client_audiences", "service_id", "services"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_client_audiences_service",
                "client_audiences",
                index(&["service_id"]),
            )
            .await?;

        let mut table = Table::create();
        table
            .table("client_secrets")
            .col(string_len("label", 16).primary_key())
            .col(uuid("client_id"))
            .col(var_binary("salt", 16))
            .col(var_binary("digest", 32))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .foreign_key(&mut cascade("client_secrets", "client_id", "clients"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_client_secrets_client",
                "client_secrets",
                index(&["client_id"]),
            )
            .await
    }
}
