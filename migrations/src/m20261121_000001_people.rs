//! People, their authenticator apps, devices, passkeys and sessions.

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
            .table("users")
            .col(uuid("id").primary_key())
            .col(string_len("email", 254).unique_key())
            .col(string_len("name", 255))
            .col(string_len("role", 16))
            .col(big_integer("created_at"))
            .col(big_integer_null("activated_at"))
            .col(big_integer_null("disabled_at"));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("totp_factors")
            .col(uuid("user_id").primary_key())
            .col(var_binary("secret_sealed", 255))
            .col(big_integer("confirmed_at"))
            .col(big_integer_null("last_step"))
            .col(integer("failures").default(0))
            .col(big_integer_null("last_failure_at"))
            .col(big_integer_null("disabled_at"))
            .foreign_key(&mut cascade("totp_factors", "user_id", "users"));
        manager.make_table(table).await?;

        let mut table = Table::create();
        table
            .table("devices")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(var_binary("secret_tag", 64))
            .col(string_len("name", 255))
            .col(string_len("kind", 16))
            .col(string_len("registration", 16))
            .col(big_integer("created_at"))
            .col(big_integer("last_seen_at"))
            .col(string_len_null("last_ip", 45))
            .col(big_integer("last_auth_at"))
            .col(big_integer_null("strong_auth_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("revoked_at"))
            .foreign_key(&mut cascade("devices", "user_id", "users"));
        manager.make_table(table).await?;
        manager
            .make_index("ix_devices_user", "devices", index(&["user_id"]))
            .await?;
        manager
            .make_index("ix_devices_last_seen", "devices", index(&["last_seen_at"]))
            .await?;

        let mut table = Table::create();
        table
            .table("passkeys")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("device_id"))
            .col(var_binary("credential_digest", 32).unique_key())
            .col(text("credential"))
            .col(string_len("name", 255))
            .col(boolean("backed_up"))
            .col(big_integer("created_at"))
            .col(big_integer_null("last_used_at"))
            .foreign_key(&mut cascade("passkeys", "user_id", "users"))
            .foreign_key(&mut cascade("passkeys", "device_id", "devices"));
        manager.make_table(table).await?;
        manager
            .make_index("ix_passkeys_user", "passkeys", index(&["user_id"]))
            .await?;
        manager
            .make_index("ix_passkeys_device", "passkeys", index(&["device_id"]))
            .await?;

        let mut table = Table::create();
        table
            .table("sessions")
            .col(var_binary("digest", 32).primary_key())
            .col(uuid_null("device_id"))
            .col(blob("data"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut cascade("sessions", "device_id", "devices"));
        manager.make_table(table).await?;
        manager
            .make_index("ix_sessions_device", "sessions", index(&["device_id"]))
            .await?;
        manager
            .make_index("ix_sessions_expires", "sessions", index(&["expires_at"]))
            .await?;
        Ok(())
    }
}
