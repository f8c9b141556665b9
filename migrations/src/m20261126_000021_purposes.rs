//! What ephemeral values are for is checked when they are read, and has the terms of the field.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (before, after) in [
            ("kept", "ceremony"),
            ("used", "used_challenge"),
            ("form", "saved_form"),
            ("target", "saved_target"),
        ] {
            let update = Query::update()
                .table("ceremonies")
                .value("purpose", after)
                .and_where(Expr::col("purpose").eq(before))
                .to_owned();
            manager.get_connection().execute(&update).await?;
        }
        Ok(())
    }
}
