//! What a device may do beside being there: signed out is not revoked, limited until it is approved;
//! which passkeys were used on which device; and who signs in with passkeys only.

use crate::repeatable::{Repeatable, cascade};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, column) in [
            (
                "devices",
                "signed_out_at",
                big_integer_null("signed_out_at"),
            ),
            (
                "devices",
                "is_limited",
                boolean("is_limited").default(false).to_owned(),
            ),
            ("users", "passkey_since", big_integer_null("passkey_since")),
            (
                "users",
                "passkey_only",
                boolean("passkey_only").default(false).to_owned(),
            ),
        ] {
            manager.add_column(table, name, column).await?;
        }

        let mut table = Table::create();
        table
            .table("device_passkeys")
            .col(uuid("device_id"))
            .col(uuid("passkey_id"))
            .col(big_integer("last_used_at"))
            .primary_key(Index::create().col("device_id").col("passkey_id"))
            .foreign_key(&mut cascade("device_passkeys", "device_id", "devices"))
            .foreign_key(&mut cascade("device_passkeys", "passkey_id", "passkeys"));
        manager.make_table(table).await?;

        // Whoever has a passkey has had one since the first of them was made; each was used where it was made.
        let db = manager.get_connection();
        db.execute_unprepared(
            "UPDATE users SET passkey_since = \
             (SELECT MIN(created_at) FROM passkeys WHERE passkeys.user_id = users.id)",
        )
        .await?;
        db.execute_unprepared(
            "INSERT INTO device_passkeys (device_id, passkey_id, last_used_at) \
             SELECT device_id, id, created_at FROM passkeys WHERE id NOT IN (SELECT passkey_id FROM device_passkeys)",
        )
        .await?;
        // Until now signing out was kept as a revocation; its passkeys stayed, a revoked device's did not.
        db.execute_unprepared(
            "UPDATE devices SET signed_out_at = revoked_at, revoked_at = NULL, strong_auth_at = NULL \
             WHERE revoked_at IS NOT NULL AND id IN (SELECT device_id FROM passkeys)",
        )
        .await?;
        Ok(())
    }
}
