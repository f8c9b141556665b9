//! Mails with which users confirm a recovery, and when a recovery began. Of those under way, the last sign-in is when they did.

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
        let mut mails = Table::create();
        mails
            .table("recovery_mails")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(uuid("device_id"))
            .col(var_binary("code_tag", 36))
            .col(integer("tries"))
            .col(big_integer("expires_at"))
            .foreign_key(&mut cascade("recovery_mails", "user_id", "users"))
            .foreign_key(&mut cascade("recovery_mails", "device_id", "devices"));
        manager.make_table(mails).await?;
        for (name, column) in [
            ("ix_recovery_mails_user", "user_id"),
            ("ix_recovery_mails_device", "device_id"),
        ] {
            let columns = index(&[column]);
            manager.make_index(name, "recovery_mails", columns).await?;
        }
        let since = "recovery_since";
        let column = big_integer_null(since);
        manager.add_column("devices", since, column).await?;
        let confirmation = "mail_confirmation";
        let column = string_len_null(confirmation, 16);
        manager.add_column("devices", confirmation, column).await?;
        let began = Query::update()
            .table("devices")
            .value(since, Expr::col("last_auth_at"))
            .and_where(Expr::col("passkey_after").is_not_null())
            .and_where(Expr::col(since).is_null())
            .to_owned();
        manager.execute(began).await
    }
}
