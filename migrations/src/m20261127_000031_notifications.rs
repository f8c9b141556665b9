//! What users are told, and the mails that tell them. Notices of refresh tokens that were used twice are notifications now.

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
        let mut notifications = Table::create();
        notifications
            .table("notifications")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(string_len("kind", 32))
            .col(string_len("subject", 255))
            .col(string_len_null("ip", 45))
            .col(uuid_null("done_on"))
            .col(big_integer("created_at"))
            .col(big_integer_null("read_at"))
            .foreign_key(&mut cascade("notifications", "user_id", "users"));
        manager.make_table(notifications).await?;
        manager
            .make_index(
                "ix_notifications_user",
                "notifications",
                index(&["user_id", "created_at"]),
            )
            .await?;
        let mut mails = Table::create();
        mails
            .table("mails")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(string_len("kind", 32))
            .col(blob("content_sealed"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(integer("attempts"))
            .col(big_integer("next_attempt_at"))
            .col(big_integer_null("failed_at"))
            .col(string_len_null("last_error", 255))
            .foreign_key(&mut cascade("mails", "user_id", "users"));
        manager.make_table(mails).await?;
        manager
            .make_index("ix_mails_due", "mails", index(&["next_attempt_at"]))
            .await?;
        if manager.has_table("token_reuse_notices").await? {
            move_notices(manager).await?;
        }
        Ok(())
    }
}

/// In a step that is repeated, some may have been moved already.
async fn move_notices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let moved = Query::select()
        .column("id")
        .from("notifications")
        .to_owned();
    let notices = Query::select()
        .columns(["family_id", "user_id"])
        .expr(Expr::value("refresh_token_reused"))
        .columns(["client_name", "created_at"])
        .from("token_reuse_notices")
        .and_where(Expr::col("family_id").not_in_subquery(moved))
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table("notifications")
        .columns(["id", "user_id", "kind", "subject", "created_at"]);
    insert
        .select_from(notices)
        .map_err(|cause| DbErr::Custom(cause.to_string()))?;
    manager.execute(insert).await?;
    manager.remove_table("token_reuse_notices").await
}
