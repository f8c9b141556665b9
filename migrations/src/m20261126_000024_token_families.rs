//! What users approved for programs, what programs ask them to approve, and access tokens that were revoked.

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
            .table("token_families")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("device_id"))
            .col(uuid("client_id"))
            .col(uuid("service_id"))
            .col(string_len("scopes", 2080))
            .col(string_len("grant_type", 64))
            .col(string_len_null("key_thumbprint", 64))
            .col(big_integer("auth_time"))
            .col(string_len("auth_method", 32))
            .col(big_integer_null("passkey_verified_at"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(var_binary("salt", 16))
            .col(big_integer("generation"))
            .col(big_integer("refreshed_at"));
        for (column, parent) in [
            ("user_id", "users"),
            ("device_id", "devices"),
            ("client_id", "clients"),
            ("service_id", "services"),
        ] {
            table.foreign_key(&mut cascade("token_families", column, parent));
        }
        manager.make_table(table).await?;
        for (name, column) in [
            ("ix_token_families_user", "user_id"),
            ("ix_token_families_device", "device_id"),
            ("ix_token_families_client", "client_id"),
            ("ix_token_families_service", "service_id"),
            ("ix_token_families_expires", "expires_at"),
        ] {
            let by = index(&[column]);
            manager.make_index(name, "token_families", by).await?;
        }

        let mut table = Table::create();
        table
            .table("revoked_tokens")
            .col(var_binary("digest", 32).primary_key())
            .col(big_integer("expires_at"));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("device_authorizations")
            .col(var_binary("device_code", 32).primary_key())
            .col(var_binary("user_code", 32).unique_key())
            .col(uuid("client_id"))
            .col(uuid("service_id"))
            .col(string_len("scopes", 2080))
            .col(string_len_null("key_thumbprint", 64))
            .col(string_len_null("ip", 45))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(string_len("state", 16))
            .col(uuid_null("user_id"))
            .col(uuid_null("device_id"))
            .col(big_integer("poll_seconds"))
            .col(big_integer("next_poll_at"));
        for (column, parent) in [
            ("client_id", "clients"),
            ("service_id", "services"),
            ("user_id", "users"),
        ] {
            table.foreign_key(&mut cascade("device_authorizations", column, parent));
        }
        manager.make_table(table).await?;
        for (name, column) in [
            ("ix_device_authorizations_client", "client_id"),
            ("ix_device_authorizations_service", "service_id"),
            ("ix_device_authorizations_user", "user_id"),
            ("ix_device_authorizations_expires", "expires_at"),
        ] {
            let by = index(&[column]);
            manager
                .make_index(name, "device_authorizations", by)
                .await?;
        }
        Ok(())
    }
}
